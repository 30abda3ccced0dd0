//: constant int OUTPUTS 1
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
//: name unpack4
//: name dot4x1
//: name sigmoid_of4_of
//: name function_of4_of
//: name scaled4
//: name reals4_of
//: name bytes_of4_of
//: name straddling
//: name edgert_conv_i8_fours
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
typedef struct { int x_at; int x4_at; int weight_at; int weight1_at; int channel_at; int channel1_at; int y_at; int yf_at; int COUNT_; int C_; int CG_; int O_; int OG_; int WORDS_; uint ZERO_X_; int ZERO_POINT_; int LOWEST_; int HIGHEST_; float ALPHA_; float BETA_; float LEAST_; float MOST_; } Given;
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
#define LOAD_x(at_) LOAD_PLAIN(x, at_)
#define LOAD_x4(at_) LOAD_PLAIN(x4, at_)
#define LOAD_weight(at_) LOAD_PLAIN(weight, at_)
#define LOAD_weight1(at_) LOAD_PLAIN(weight1, at_)
#define LOAD_channel(at_) LOAD_PLAIN(channel, at_)
#define LOAD_channel1(at_) LOAD_PLAIN(channel1, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
#define STORE_yf(at_, value_) STORE_STORED(yf, at_, value_)
// 1x1 convolution of bytes, or product by a constant, whose outputs come in no fours: an invocation computes all outputs of four pixels, which together are
// whole words; there are more than four outputs, so no word has bytes of three pixels.
// weight [quads of outputs][quads of inputs]; the rest as in conv_i8_operands.
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
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_conv_i8_fours(__global const uint* restrict x, __global const uint4* restrict x4, __global const uint4* restrict weight, __global const uint* restrict weight1, __global const uint4* restrict channel, __global const uint* restrict channel1, __global uint* restrict y, __global stored* restrict yf, const Given given_)
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
    int pixel = GLOBAL_INDEX() * 4;
    // The bytes of each pixel that wait for the rest of their word, and its first four outputs, some of which the word before waits for.
    uint held[4];
    uint firsts[4];
    UNROLL for (int p = 0; p < 4; p++) held[p] = firsts[p] = 0u;
    for (int quad = 0; quad < OQ; quad += OUTPUTS)
    {
        int4 sum[4 * OUTPUTS];
        int added[4];
        UNROLL for (int i = 0; i < 4 * OUTPUTS; i++) sum[i] = SPLAT_INT4(0);
        UNROLL for (int p = 0; p < 4; p++) added[p] = 0;
        for (int c = 0; c < CQ; c++)
        {
            bytes4 vs[4];
            UNROLL for (int p = 0; p < 4; p++)
            {
                vs[p] = BYTES4(INPUT4(min(pixel + p, COUNT - 1), 0, c));
                if (SUMMED == 1) added[p] += SUM4(vs[p]);
            }
            UNROLL for (int o = 0; o < OUTPUTS; o++)
            {
                WEIGHTS4(w, LOAD(weight, min(quad + o, OQ - 1) * CQ + c));
                UNROLL for (int p = 0; p < 4; p++) sum[o * 4 + p] += DOT4X4(vs[p], w);
            }
        }
        UNROLL for (int o = 0; o < OUTPUTS; o++)
        {
            int first = (quad + o) * 4;
            if (first < O)
            {
                UNROLL for (int p = 0; p < 4; p++)
                {
                    int4 whole = sum[o * 4 + p] + SIGNED4(LOAD(channel, first));
                    if (SUMMED == 1) whole -= SIGNED4(LOAD(channel, first + 3)) * added[p];
                    uint word = bytes_of4(whole, LOAD(channel, first + 1), LOAD(channel, first + 2));
                    int before = (p * O) & 3;
                    uint joined = held[p] | (word << TO_UINT(8 * before));
                    bool isWhole = min(O - first, 4) + before > 3;
                    if (first == 0) firsts[p] = word;
                    if (isWhole && (first > 0 || before == 0) && pixel + p < COUNT) STORE(y, ((pixel + p) * O + first) >> 2, joined);
                    held[p] = SELECT(joined, (word >> 1) >> TO_UINT(31 - 8 * before), isWhole);
                }
            }
        }
    }
    // Words that two pixels share.
    UNROLL for (int p = 0; p < 3; p++)
    {
        int last = ((p + 1) * O) & 3;
        uint own = (1u << TO_UINT(8 * last)) - 1u;
        if (last > 0 && pixel + p < COUNT) STORE(y, ((pixel + p + 1) * O) >> 2, (held[p] & own) | (firsts[p + 1] << TO_UINT(8 * last)));
    }
}
}
