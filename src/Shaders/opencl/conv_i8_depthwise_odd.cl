//: constant int BLOCKS 1
//: size int COUNT 1
//: size int C 4
//: size int CG 4
//: size int O 4
//: size int OG 4
//: constant int IN_FOURS 1
//: constant int FEW 0
//: size int WORDS 1
//: constant uint FLIP 0
//: size uint ZERO_X 0
//: constant int REALS 0
//: constant int SUMMED 0
//: size int ZERO_POINT 0
//: size int LOWEST 0
//: size int HIGHEST 255
//: constant int FUNCTION 0
//: size float ALPHA 0
//: size float BETA 0
//: constant int CLAMPS 0
//: size float LEAST 0
//: size float MOST 0
//: flag int EDGES 0
//: size int BATCH 1
//: size int SIZE_Z 1
//: size int SIZE_Y 1
//: size int SIZE_X 1
//: size int OUT_Z 1
//: size int OUT_Y 1
//: size int OUT_X 1
//: size int KERNEL_Z 1
//: constant int KERNEL_Y 1
//: constant int KERNEL_X 1
//: size int STRIDE_Z 1
//: constant int STRIDE_Y 1
//: constant int STRIDE_X 1
//: size int DILATION_Z 1
//: constant int DILATION_Y 1
//: constant int DILATION_X 1
//: size int PAD_Z 0
//: size int PAD_Y 0
//: constant int PAD_X 0
//: flag int TAIL 0
//: name unpack4
//: name dot4x1
//: name sigmoid_of4_of
//: name function_of4_of
//: name scaled4
//: name reals4_of
//: name bytes_of4_of
//: name straddling
//: name edgert_conv_i8_depthwise_odd
//: name Given
//: macro COUNT
//: macro C
//: macro CG
//: macro O
//: macro OG
//: macro WORDS
//: macro ZERO_X
//: macro ZERO_POINT
//: macro LOWEST
//: macro HIGHEST
//: macro ALPHA
//: macro BETA
//: macro LEAST
//: macro MOST
//: macro EDGES
//: macro BATCH
//: macro SIZE_Z
//: macro SIZE_Y
//: macro SIZE_X
//: macro OUT_Z
//: macro OUT_Y
//: macro OUT_X
//: macro KERNEL_Z
//: macro STRIDE_Z
//: macro DILATION_Z
//: macro PAD_Z
//: macro PAD_Y
//: macro TAIL
//: macro LOAD_x
//: macro LOAD_x4
//: macro LOAD_weight
//: macro LOAD_weight1
//: macro LOAD_channel
//: macro LOAD_channel1
//: macro STORE_y
//: macro STORE_yf
//: macro bytes4
//: macro BYTES4
//: macro SUM4
//: macro WEIGHTS4
//: macro DOT4X4
//: macro DOT4X1
//: macro sigmoid_of4
//: macro function_of4
//: macro reals4
//: macro bytes_of4
//: macro UNROLL
//: macro CQ
//: macro OQ
//: macro ANYWHERE
//: macro BEYOND_GROUP
//: macro INPUT4
//: macro PADDING4
//: macro FINISH
//: macro INSIDE_Y
//: macro INSIDE_Z
//: macro BEFORE
//: macro BEYOND
//: macro INSIDE_X
//: macro CLAMP_X
//: macro FROM
typedef struct { int x_at; int x4_at; int weight_at; int weight1_at; int channel_at; int channel1_at; int y_at; int yf_at; int COUNT_; int C_; int CG_; int O_; int OG_; int WORDS_; uint ZERO_X_; int ZERO_POINT_; int LOWEST_; int HIGHEST_; float ALPHA_; float BETA_; float LEAST_; float MOST_; int EDGES_; int BATCH_; int SIZE_Z_; int SIZE_Y_; int SIZE_X_; int OUT_Z_; int OUT_Y_; int OUT_X_; int KERNEL_Z_; int STRIDE_Z_; int DILATION_Z_; int PAD_Z_; int PAD_Y_; int TAIL_; } Given;
#ifndef COUNT
#define COUNT (given_.COUNT_)
#endif
#ifndef C
#define C (given_.C_)
#endif
#ifndef CG
#define CG (given_.CG_)
#endif
#ifndef O
#define O (given_.O_)
#endif
#ifndef OG
#define OG (given_.OG_)
#endif
#ifndef WORDS
#define WORDS (given_.WORDS_)
#endif
#ifndef ZERO_X
#define ZERO_X (given_.ZERO_X_)
#endif
#ifndef ZERO_POINT
#define ZERO_POINT (given_.ZERO_POINT_)
#endif
#ifndef LOWEST
#define LOWEST (given_.LOWEST_)
#endif
#ifndef HIGHEST
#define HIGHEST (given_.HIGHEST_)
#endif
#ifndef ALPHA
#define ALPHA (given_.ALPHA_)
#endif
#ifndef BETA
#define BETA (given_.BETA_)
#endif
#ifndef LEAST
#define LEAST (given_.LEAST_)
#endif
#ifndef MOST
#define MOST (given_.MOST_)
#endif
#ifndef EDGES
#define EDGES (given_.EDGES_)
#endif
#ifndef BATCH
#define BATCH (given_.BATCH_)
#endif
#ifndef SIZE_Z
#define SIZE_Z (given_.SIZE_Z_)
#endif
#ifndef SIZE_Y
#define SIZE_Y (given_.SIZE_Y_)
#endif
#ifndef SIZE_X
#define SIZE_X (given_.SIZE_X_)
#endif
#ifndef OUT_Z
#define OUT_Z (given_.OUT_Z_)
#endif
#ifndef OUT_Y
#define OUT_Y (given_.OUT_Y_)
#endif
#ifndef OUT_X
#define OUT_X (given_.OUT_X_)
#endif
#ifndef KERNEL_Z
#define KERNEL_Z (given_.KERNEL_Z_)
#endif
#ifndef STRIDE_Z
#define STRIDE_Z (given_.STRIDE_Z_)
#endif
#ifndef DILATION_Z
#define DILATION_Z (given_.DILATION_Z_)
#endif
#ifndef PAD_Z
#define PAD_Z (given_.PAD_Z_)
#endif
#ifndef PAD_Y
#define PAD_Y (given_.PAD_Y_)
#endif
#ifndef TAIL
#define TAIL (given_.TAIL_)
#endif
#define LOAD_x(at_) LOAD_PLAIN(x, at_)
#define LOAD_x4(at_) LOAD_PLAIN(x4, at_)
#define LOAD_weight(at_) LOAD_PLAIN(weight, at_)
#define LOAD_weight1(at_) LOAD_PLAIN(weight1, at_)
#define LOAD_channel(at_) LOAD_PLAIN(channel, at_)
#define LOAD_channel1(at_) LOAD_PLAIN(channel1, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
#define STORE_yf(at_, value_) STORE_STORED(yf, at_, value_)
// Depthwise convolution of bytes, one input channel an output, of channels that come in no fours: words straddle pixels there, but four pixels together are whole words. An invocation
// computes one such word of BLOCKS times four pixels, whose lanes are the last channels of a pixel and perhaps the first ones of the next; there are more than four channels, so never of a third.
// weight [words of four pixels][z][y][x], those of a word's lanes as integers of 32 bits, with their zero points taken off; channel likewise for each word. The rest as in conv_i8_operands.
// What convolutions of bytes have in common: operands, reading four input channels, and the end of the work on four outputs of a pixel.
// x [pixels][C], four bytes to a word wherever pixels begin; y [pixels][O] likewise. Convolutions of G groups have CG = C / G channels and OG = O / G
// outputs in each; a quad is four neighbouring channels or outputs of one group, the last one filled up with zero weights.
// IN_FOURS is 1 where CG is a multiple of four; FEW is CG where it is less than four, else 0.
// Words are turned by FLIP, which makes signed bytes unsigned; ZERO_X is a word of the zero point, turned likewise: what pads x.
// weight: a word of four signed inputs for each of the four outputs of a quad, in the order of each kernel; channel [groups][quads]: see i8_sums.
// Sums of products of bytes, for four outputs at once: an instruction where the device has one, and the same values without it. Without, words are
// unpacked when they are read, once for all that they are multiplied with: two of three compilers do not find that out.

static int4 unpack4(uint word)
{
    return INT4(TO_INT(word & 255u), TO_INT((word >> 8) & 255u), TO_INT((word >> 16) & 255u), TO_INT(word >> 24));
}

#ifdef HAS_DOT4
// Four unsigned bytes of a pixel.
#define bytes4 uint
#define BYTES4(word) (word)
#define SUM4(v) DOT4(v, 0x01010101u)
// Declares the weights of four outputs, a word of four signed inputs each.
#define WEIGHTS4(name, words) uint4 name = words
#define DOT4X4(v, name) INT4(DOT4(v, name.x), DOT4(v, name.y), DOT4(v, name.z), DOT4(v, name.w))
// A word of unsigned bytes by a word of signed ones.
#define DOT4X1(bytes, weights) DOT4(bytes, weights)
#else
#define bytes4 int4
#define BYTES4(word) unpack4(word)
#define SUM4(v) ((v).x + (v).y + (v).z + (v).w)
#define WEIGHTS4(name, words) uint4 name = words; int4 name##0 = SIGNED4(name << 24) >> 24; int4 name##1 = SIGNED4(name << 16) >> 24; int4 name##2 = SIGNED4(name << 8) >> 24; int4 name##3 = SIGNED4(name) >> 24
#define DOT4X4(v, name) ((v).x * name##0 + (v).y * name##1 + (v).z * name##2 + (v).w * name##3)
#define DOT4X1(bytes, weights) dot4x1(bytes, weights)

static int dot4x1(uint bytes, uint weights)
{
    int4 products = unpack4(bytes) * (SIGNED4(UINT4(weights << 24, weights << 16, weights << 8, weights)) >> 24);
    return products.x + products.y + products.z + products.w;
}
#endif
// The end of convolutions and products of bytes: sums of 32 bits, which wrap around, become bytes or reals. docs/numerics.md is the rule.
// channel: for each four outputs, four vectors of bits: what is added to the sums, the floats that they are multiplied by, the floats that values of a
// function are multiplied by, and the zero points of the weights, which count where SUMMED is 1.
// Kernels whose results must have certain bits: each operation is rounded by itself, and none is contracted into a fused multiply-add. In GLSL it is
// PRECISE that sees to it, before the declaration of what is computed.
#ifdef __OPENCL_C_VERSION__
#pragma OPENCL FP_CONTRACT OFF
#endif

// 1 / (1 + 2 to the power of u), of products, sums and integers alone.
#define sigmoid_of4(a0_) sigmoid_of4_of(given_, a0_)
static float4 sigmoid_of4_of(const Given given_, float4 u)
{
    float4 inside = clamp(u, SPLAT4(-64.0f), SPLAT4(64.0f));
    float4 n = ROUND_EVEN(inside);
    PRECISE float4 d = inside - n;
    PRECISE float4 p3 = d * 0.00966636836528778f;
    PRECISE float4 s3 = 0.055921975523233414f + p3;
    PRECISE float4 p2 = d * s3;
    PRECISE float4 s2 = 0.2402234971523285f + p2;
    PRECISE float4 p1 = d * s2;
    PRECISE float4 s1 = 0.6931210160255432f + p1;
    PRECISE float4 p0 = d * s1;
    PRECISE float4 s0 = 1.0f + p0;
    PRECISE float4 power = s0 * AS_FLOAT4((TO_INT4(n) + 127) << 23);
    PRECISE float4 sum = 1.0f + power;
    float4 r0 = AS_FLOAT4(SPLAT_INT4(0x7EF311C7) - AS_INT4(sum));
    PRECISE float4 a1 = sum * r0;
    PRECISE float4 b1 = 2.0f - a1;
    PRECISE float4 r1 = r0 * b1;
    PRECISE float4 a2 = sum * r1;
    PRECISE float4 b2 = 2.0f - a2;
    PRECISE float4 r2 = r1 * b2;
    return r2;
}

// The function of the reals that sums stand for; ALPHA is the exponent's factor for swish.
#define function_of4(a0_) function_of4_of(given_, a0_)
static float4 function_of4_of(const Given given_, float4 v)
{
    PRECISE float4 product = v * ALPHA;
    if (FUNCTION == LeakyRelu) return SELECT4(v, product, LESS4(v, SPLAT4(0.0f)));
    if (FUNCTION == HardSwish)
    {
        PRECISE float4 line = product + BETA;
        PRECISE float4 value = v * clamp(line, SPLAT4(0.0f), SPLAT4(1.0f));
        return value;
    }
    PRECISE float4 result = v * sigmoid_of4(product);
    return result;
}

// Sums as reals; also as steps of the result, where no function is between.
static float4 scaled4(int4 sum, uint4 scale)
{
    PRECISE float4 product = TO_FLOAT4(sum) * AS_FLOAT4(SIGNED4(scale));
    return product;
}

#define reals4(a0_, a1_) reals4_of(given_, a0_, a1_)
static float4 reals4_of(const Given given_, int4 sum, uint4 scale)
{
    float4 v = scaled4(sum, scale);
    if ((CLAMPS & 1) != 0) v = max(v, SPLAT4(LEAST));
    if ((CLAMPS & 2) != 0) v = min(v, SPLAT4(MOST));
    return v;
}

// Sums of four outputs as four bytes in a word.
#define bytes_of4(a0_, a1_, a2_) bytes_of4_of(given_, a0_, a1_, a2_)
static uint bytes_of4_of(const Given given_, int4 sum, uint4 scale, uint4 gain)
{
    float4 steps = scaled4(sum, scale);
    if (FUNCTION != Identity)
    {
        PRECISE float4 gained = function_of4(steps) * AS_FLOAT4(SIGNED4(gain));
        steps = gained;
    }
    float4 inside = clamp(ROUND_EVEN(steps), SPLAT4(TO_FLOAT(LOWEST - ZERO_POINT)), SPLAT4(TO_FLOAT(HIGHEST - ZERO_POINT)));
    uint4 bytes = UNSIGNED4(TO_INT4(inside) + ZERO_POINT) & 255u;
    return bytes.x | (bytes.y << 8) | (bytes.z << 16) | (bytes.w << 24);
}
// Before a loop whose number of turns is known when the pipeline is made and small: arrays that it indexes then live in registers.
#ifdef __OPENCL_C_VERSION__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL [[unroll]]
#endif

// Quads in a group.
#define CQ ((CG + 3) / 4)
#define OQ ((OG + 3) / 4)

// Four bytes that begin anywhere, of two neighbouring words.
static uint straddling(uint low, uint high, int at)
{
    uint shift = TO_UINT(8 * (at & 3));
    return (low >> shift) | ((high << 1) << (31u - shift));
}

// The quad of input channels that begins at byte `at`. What follows the channels of a group counts only where bytes themselves are summed up.
#define ANYWHERE(at) (straddling(LOAD(x, (at) >> 2), LOAD(x, min(((at) >> 2) + 1, WORDS - 1)), at) ^ FLIP)
#define BEYOND_GROUP(quad) (SUMMED == 1 && IN_FOURS == 0 && (quad) == CQ - 1 ? (1u << (8 * (CG % 4))) - 1u : 0xffffffffu)
#define INPUT4(pixel, first, quad) \
    (IN_FOURS == 1 ? LOAD(x, (pixel) * (C / 4) + (first) / 4 + (quad)) ^ FLIP : ANYWHERE((pixel) * C + (first) + (quad) * 4) & BEYOND_GROUP(quad))

// What pads a picture, as a quad of channels.
#define PADDING4(quad) (ZERO_X & BEYOND_GROUP(quad))

// The end for quad number `quad` of a group's outputs: `added` is what its inputs add up to. Bytes are written in words, so OG is a multiple of four.
#define FINISH(pixel, group, quad, sum, added) \
{ \
    int place = ((group) * OQ + (quad)) * 4; \
    int4 whole = (sum) + SIGNED4(LOAD(channel, place)); \
    if (SUMMED == 1) whole -= SIGNED4(LOAD(channel, place + 3)) * (added); \
    int to = (pixel) * O + (group) * OG + (quad) * 4; \
    if (REALS == 1) \
    { \
        float4 value = reals4(whole, LOAD(channel, place + 1)); \
        STORE(yf, to, value.x); \
        if ((quad) * 4 + 1 < OG) STORE(yf, to + 1, value.y); \
        if ((quad) * 4 + 2 < OG) STORE(yf, to + 2, value.z); \
        if ((quad) * 4 + 3 < OG) STORE(yf, to + 3, value.w); \
    } \
    else STORE(y, to / 4, bytes_of4(whole, LOAD(channel, place + 1), LOAD(channel, place + 2))); \
}
// The window of a convolution that slides over z, y and x; pictures of fewer axes have sizes of 1. EDGES tells along which axes some window
// reaches beyond the picture: 2 for y, 4 for z.
// Number of the input pixel, counted from the first of a tile, from which on those of the row's last tile lie beyond the row.

#define INSIDE_Y(y) ((EDGES & 2) == 0 || ((y) >= 0 && (y) < SIZE_Y))
#define INSIDE_Z(z) ((EDGES & 4) == 0 || ((z) >= 0 && (z) < SIZE_Z))

// The input pixel that is `i` after the first one of a tile of PIXELS output pixels: of most it is known ahead that they lie inside the row,
// whatever the tile, and then nothing is left to be computed.
#define BEFORE(i) ((i) < PAD_X)
#define BEYOND(i) ((i) >= TAIL)
#define INSIDE_X(first, i) ((!BEFORE(i) || (first) + (i) >= 0) && (!BEYOND(i) || (first) + (i) < SIZE_X))
#define CLAMP_X(first, i) (BEFORE(i) || BEYOND(i) ? clamp((first) + (i), 0, SIZE_X - 1) : (first) + (i))

// Four bytes from anywhere on, of which those before the first one of x do not count.
#define FROM(at) (straddling(LOAD(x, max((at) >> 2, 0)), LOAD(x, min(((at) >> 2) + 1, WORDS - 1)), at) ^ FLIP)
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_conv_i8_depthwise_odd(__global const uint* restrict x, __global const uint4* restrict x4, __global const uint4* restrict weight, __global const uint* restrict weight1, __global const uint4* restrict channel, __global const uint* restrict channel1, __global uint* restrict y, __global stored* restrict yf, const Given given_)
{
ADVANCE_PLAIN(x, given_.x_at);
ADVANCE_PLAIN(x4, given_.x4_at);
ADVANCE_PLAIN(weight, given_.weight_at);
ADVANCE_PLAIN(weight1, given_.weight1_at);
ADVANCE_PLAIN(channel, given_.channel_at);
ADVANCE_PLAIN(channel1, given_.channel1_at);
ADVANCE_PLAIN(y, given_.y_at);
ADVANCE_STORED(yf, given_.yf_at);
{
    int index = GLOBAL_INDEX();
    int word = index % C;
    int first = index / C * (4 * BLOCKS);
    // The pixel of four that the word begins in, the channel that it begins with, and how many lanes are of that pixel.
    int begun = word * 4 / C;
    int lane = word * 4 - begun * C;
    int own = min(C - lane, 4);
    uint mask = 0xffffffffu >> TO_UINT(32 - 8 * own);
    int inX0[BLOCKS];
    int inY0[BLOCKS];
    int slab0[BLOCKS];
    int inX1[BLOCKS];
    int inY1[BLOCKS];
    int slab1[BLOCKS];
    int4 sum[BLOCKS];
    UNROLL for (int b = 0; b < BLOCKS; b++)
    {
        int pixel = min(first + b * 4 + begun, COUNT - 1);
        int next = min(pixel + 1, COUNT - 1);
        inX0[b] = pixel % OUT_X * STRIDE_X - PAD_X;
        inY0[b] = pixel / OUT_X % OUT_Y * STRIDE_Y - PAD_Y;
        slab0[b] = pixel / (OUT_X * OUT_Y);
        inX1[b] = next % OUT_X * STRIDE_X - PAD_X;
        inY1[b] = next / OUT_X % OUT_Y * STRIDE_Y - PAD_Y;
        slab1[b] = next / (OUT_X * OUT_Y);
        sum[b] = SPLAT_INT4(0);
    }
    for (int kz = 0; kz < KERNEL_Z; kz++)
        for (int ky = 0; ky < KERNEL_Y; ky++)
            for (int kx = 0; kx < KERNEL_X; kx++)
            {
                int4 w = SIGNED4(LOAD(weight, ((word * KERNEL_Z + kz) * KERNEL_Y + ky) * KERNEL_X + kx));
                UNROLL for (int b = 0; b < BLOCKS; b++)
                {
                    int z0 = slab0[b] % OUT_Z * STRIDE_Z - PAD_Z + kz * DILATION_Z;
                    int y0 = inY0[b] + ky * DILATION_Y;
                    int x0 = inX0[b] + kx * DILATION_X;
                    int from0 = ((slab0[b] / OUT_Z * SIZE_Z + clamp(z0, 0, SIZE_Z - 1)) * SIZE_Y + clamp(y0, 0, SIZE_Y - 1)) * SIZE_X + clamp(x0, 0, SIZE_X - 1);
                    bool inside0 = INSIDE_Z(z0) && INSIDE_Y(y0) && x0 >= 0 && x0 < SIZE_X;
                    int z1 = slab1[b] % OUT_Z * STRIDE_Z - PAD_Z + kz * DILATION_Z;
                    int y1 = inY1[b] + ky * DILATION_Y;
                    int x1 = inX1[b] + kx * DILATION_X;
                    int from1 = ((slab1[b] / OUT_Z * SIZE_Z + clamp(z1, 0, SIZE_Z - 1)) * SIZE_Y + clamp(y1, 0, SIZE_Y - 1)) * SIZE_X + clamp(x1, 0, SIZE_X - 1);
                    bool inside1 = INSIDE_Z(z1) && INSIDE_Y(y1) && x1 >= 0 && x1 < SIZE_X;
                    uint former = SELECT(ZERO_X, FROM(from0 * C + lane), inside0);
                    uint latter = SELECT(ZERO_X, FROM(from1 * C - own), inside1);
                    sum[b] += unpack4((former & mask) | (latter & ~mask)) * w;
                }
            }
    UNROLL for (int b = 0; b < BLOCKS; b++)
    {
        int to = (first / 4 + b) * C + word;
        // The last pixels may be less than four.
        if (to * 4 < COUNT * C)
            STORE(y, to, bytes_of4(sum[b] + SIGNED4(LOAD(channel, word * 4)), LOAD(channel, word * 4 + 1), LOAD(channel, word * 4 + 2)));
    }
}
}
