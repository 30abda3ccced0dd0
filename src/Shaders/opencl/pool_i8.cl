//: constant int WIDTH 4
//: size int COUNT 1
//: size int CHANNELS 4
//: size int SIZE0 1
//: size int SIZE1 1
//: size int SIZE2 1
//: size int OUT0 1
//: size int OUT1 1
//: size int OUT2 1
//: size int KERNEL0 1
//: size int KERNEL1 1
//: size int KERNEL2 1
//: size int STRIDE0 1
//: size int STRIDE1 1
//: size int STRIDE2 1
//: size int DILATION0 1
//: size int DILATION1 1
//: size int DILATION2 1
//: size int PAD0 0
//: size int PAD1 0
//: size int PAD2 0
//: size int PADDED 0
//: size int COUNT_PADS 0
//: size int LIMIT0 0
//: size int LIMIT1 0
//: size int LIMIT2 0
//: constant int FUNCTION Max
//: name words4
//: name byte_of
//: name unpacked4
//: name packed4
//: name requantized4
//: name edgert_pool_i8
//: name Given
//: macro COUNT
//: macro CHANNELS
//: macro SIZE0
//: macro SIZE1
//: macro SIZE2
//: macro OUT0
//: macro OUT1
//: macro OUT2
//: macro KERNEL0
//: macro KERNEL1
//: macro KERNEL2
//: macro STRIDE0
//: macro STRIDE1
//: macro STRIDE2
//: macro DILATION0
//: macro DILATION1
//: macro DILATION2
//: macro PAD0
//: macro PAD1
//: macro PAD2
//: macro PADDED
//: macro COUNT_PADS
//: macro LIMIT0
//: macro LIMIT1
//: macro LIMIT2
//: macro p
//: macro LOAD_x
//: macro LOAD_multipliers
//: macro STORE_y
//: macro UNROLL
typedef struct { int x_at; int multipliers_at; int y_at; int COUNT_; int CHANNELS_; int SIZE0_; int SIZE1_; int SIZE2_; int OUT0_; int OUT1_; int OUT2_; int KERNEL0_; int KERNEL1_; int KERNEL2_; int STRIDE0_; int STRIDE1_; int STRIDE2_; int DILATION0_; int DILATION1_; int DILATION2_; int PAD0_; int PAD1_; int PAD2_; int PADDED_; int COUNT_PADS_; int LIMIT0_; int LIMIT1_; int LIMIT2_; uint flip_x; uint flip_y; int less_x; int zero; int low; int high; } Given;
#ifndef COUNT
#define COUNT (given_.COUNT_)
#endif
#ifndef CHANNELS
#define CHANNELS (given_.CHANNELS_)
#endif
#ifndef SIZE0
#define SIZE0 (given_.SIZE0_)
#endif
#ifndef SIZE1
#define SIZE1 (given_.SIZE1_)
#endif
#ifndef SIZE2
#define SIZE2 (given_.SIZE2_)
#endif
#ifndef OUT0
#define OUT0 (given_.OUT0_)
#endif
#ifndef OUT1
#define OUT1 (given_.OUT1_)
#endif
#ifndef OUT2
#define OUT2 (given_.OUT2_)
#endif
#ifndef KERNEL0
#define KERNEL0 (given_.KERNEL0_)
#endif
#ifndef KERNEL1
#define KERNEL1 (given_.KERNEL1_)
#endif
#ifndef KERNEL2
#define KERNEL2 (given_.KERNEL2_)
#endif
#ifndef STRIDE0
#define STRIDE0 (given_.STRIDE0_)
#endif
#ifndef STRIDE1
#define STRIDE1 (given_.STRIDE1_)
#endif
#ifndef STRIDE2
#define STRIDE2 (given_.STRIDE2_)
#endif
#ifndef DILATION0
#define DILATION0 (given_.DILATION0_)
#endif
#ifndef DILATION1
#define DILATION1 (given_.DILATION1_)
#endif
#ifndef DILATION2
#define DILATION2 (given_.DILATION2_)
#endif
#ifndef PAD0
#define PAD0 (given_.PAD0_)
#endif
#ifndef PAD1
#define PAD1 (given_.PAD1_)
#endif
#ifndef PAD2
#define PAD2 (given_.PAD2_)
#endif
#ifndef PADDED
#define PADDED (given_.PADDED_)
#endif
#ifndef COUNT_PADS
#define COUNT_PADS (given_.COUNT_PADS_)
#endif
#ifndef LIMIT0
#define LIMIT0 (given_.LIMIT0_)
#endif
#ifndef LIMIT1
#define LIMIT1 (given_.LIMIT1_)
#endif
#ifndef LIMIT2
#define LIMIT2 (given_.LIMIT2_)
#endif
#define p given_
#define LOAD_x(at_) LOAD_PLAIN(x, at_)
#define LOAD_multipliers(at_) LOAD_PLAIN(multipliers, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
// Pooling of bytes, x [N][SIZE0][SIZE1][SIZE2][CHANNELS] to y [N][OUT0][OUT1][OUT2][CHANNELS]: an invocation computes four neighbours of y, which are of one
// pixel where WIDTH is 4, and then words of x are read whole. Means are multiplied by a number for each count of what they are of.
// Numbers of 8 bits, four in a word. Signed ones are read with the highest bit of each turned over (FLIP), which adds 128; what is subtracted from them afterwards says so.
// Kernels whose results must have certain bits: each operation is rounded by itself, and none is contracted into a fused multiply-add. In GLSL it is
// PRECISE that sees to it, before the declaration of what is computed.
#ifdef __OPENCL_C_VERSION__
#pragma OPENCL FP_CONTRACT OFF
#endif
// Words of 32 bits, and the bytes in them.
static uint4 words4(uint a, uint b, uint c, uint d)
{
    uint4 words;
    words.x = a;
    words.y = b;
    words.z = c;
    words.w = d;
    return words;
}
static uint byte_of(uint word, int at) { return (word >> TO_UINT(8 * (at & 3))) & 255u; }
// Before a loop whose number of turns is known when the pipeline is made and small: arrays that it indexes then live in registers.
#ifdef __OPENCL_C_VERSION__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL [[unroll]]
#endif

static int4 unpacked4(uint word)
{
    return INT4(TO_INT(word & 255u), TO_INT((word >> 8) & 255u), TO_INT((word >> 16) & 255u), TO_INT(word >> 24));
}

// The lower eight bits of each.
static uint packed4(int4 v)
{
    uint4 bytes = UNSIGNED4(v & SPLAT_INT4(255));
    return bytes.x | (bytes.y << 8) | (bytes.z << 16) | (bytes.w << 24);
}

// Sums as numbers from low to high: each operation is rounded by itself; see docs/numerics.md.
static int4 requantized4(int4 sum, float4 multiplier, int zero, int low, int high)
{
    PRECISE float4 steps = TO_FLOAT4(sum) * multiplier;
    return TO_INT4(clamp(ROUND_EVEN(steps), SPLAT4(TO_FLOAT(low - zero)), SPLAT4(TO_FLOAT(high - zero)))) + SPLAT_INT4(zero);
}
// Windows may stick out of the picture.
// What an average counts ends here: the picture's size, or with the padding that counts.
// Max, or Add for the average.
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_pool_i8(__global const uint* restrict x, __global const uint* restrict multipliers, __global uint* restrict y, const Given given_)
{
ADVANCE_PLAIN(x, given_.x_at);
ADVANCE_PLAIN(multipliers, given_.multipliers_at);
ADVANCE_PLAIN(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    uint result = 0u;
    for (int part = 0; part < 4 / WIDTH; part++)
    {
        int rest = min(index * 4 + part, COUNT - 1);
        int channel = rest % CHANNELS;
        rest /= CHANNELS;
        int out2 = rest % OUT2;
        rest /= OUT2;
        int out1 = rest % OUT1;
        rest /= OUT1;
        int out0 = rest % OUT0;
        int n = rest / OUT0;
        int4 sum = SPLAT_INT4(0);
        int inside = 0;
        int counted = 0;
        for (int k0 = 0; k0 < KERNEL0; k0++)
            for (int k1 = 0; k1 < KERNEL1; k1++)
                for (int k2 = 0; k2 < KERNEL2; k2++)
                {
                    int p0 = out0 * STRIDE0 + k0 * DILATION0 - PAD0;
                    int p1 = out1 * STRIDE1 + k1 * DILATION1 - PAD1;
                    int p2 = out2 * STRIDE2 + k2 * DILATION2 - PAD2;
                    int c0 = PADDED == 0 ? p0 : min(max(p0, 0), SIZE0 - 1);
                    int c1 = PADDED == 0 ? p1 : min(max(p1, 0), SIZE1 - 1);
                    int c2 = PADDED == 0 ? p2 : min(max(p2, 0), SIZE2 - 1);
                    int at = (((n * SIZE0 + c0) * SIZE1 + c1) * SIZE2 + c2) * CHANNELS + channel;
                    uint word = LOAD(x, at >> 2) ^ p.flip_x;
                    int4 v = WIDTH == 4 ? unpacked4(word) : SPLAT_INT4(TO_INT(byte_of(word, at)));
                    if (PADDED == 1)
                    {
                        // Nothing is larger or adds to a sum when it is zero.
                        bool here = p0 == c0 && p1 == c1 && p2 == c2;
                        v = v * (here ? 1 : 0);
                        inside += here ? 1 : 0;
                        counted += here || (COUNT_PADS == 1 && p0 < LIMIT0 && p1 < LIMIT1 && p2 < LIMIT2) ? 1 : 0;
                    }
                    sum = FUNCTION == Max ? max(sum, v) : sum + v;
                }
        if (FUNCTION != Max)
        {
            if (PADDED == 0) inside = counted = KERNEL0 * KERNEL1 * KERNEL2;
            sum = requantized4(sum - SPLAT_INT4(inside * p.less_x), SPLAT4(AS_FLOAT(LOAD(multipliers, counted))), p.zero, p.low, p.high);
        }
        if (WIDTH == 4) result = packed4(sum);
        else result = result | ((TO_UINT(sum.x) & 255u) << TO_UINT(8 * part));
    }
    if (index * 4 < COUNT) STORE(y, index, result ^ p.flip_y);
}
}
