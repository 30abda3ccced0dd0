//: constant int WIDTH 4
//: constant int OUTPUTS 1
//: size int COUNT 1
//: size int CHANNELS 1
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
//: constant int POWER 2
//: name larger
//: name join4
//: name root
//: name edgert_pool
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
//: macro LOAD_x
//: macro LOAD_x4
//: macro STORE_y
//: macro STORE_y4
//: macro ROLLED
typedef struct { int x_at; int x4_at; int y_at; int y4_at; int COUNT_; int CHANNELS_; int SIZE0_; int SIZE1_; int SIZE2_; int OUT0_; int OUT1_; int OUT2_; int KERNEL0_; int KERNEL1_; int KERNEL2_; int STRIDE0_; int STRIDE1_; int STRIDE2_; int DILATION0_; int DILATION1_; int DILATION2_; int PAD0_; int PAD1_; int PAD2_; int PADDED_; int COUNT_PADS_; int LIMIT0_; int LIMIT1_; int LIMIT2_; } Given;
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
#define LOAD_x(at_) LOAD_STORED(x, at_)
#define LOAD_x4(at_) LOAD_STORED4(x4, at_)
#define STORE_y(at_, value_) STORE_STORED(y, at_, value_)
#define STORE_y4(at_, value_) STORE_STORED4(y4, at_, value_)
// Pooling of x [N][SIZE0][SIZE1][SIZE2][CHANNELS]: an invocation computes OUTPUTS neighbours along the last spatial axis of WIDTH channels
// (four of a texel, or one), y [N][OUT0][OUT1][OUT2][CHANNELS]. CHANNELS counts what WIDTH says.
// Windows may stick out of the picture.
// What an average counts ends here: the picture's size, or with the padding that counts.
// Max, Add for the average, or Pow for the root of a sum of powers.
// Before loops of few turns that a driver of OpenCL, which compiles on the user's machine, is not to unroll.
#ifdef __OPENCL_C_VERSION__
#define ROLLED _Pragma("unroll 1")
#else
#define ROLLED
#endif

// The first is kept where it is NaN, and drivers need not keep NaN in max().
static float larger(float a, float b)
{
    return (AS_UINT(a) & 0x7fffffffu) > 0x7f800000u || b < a ? a : b;
}

static float4 join4(float4 sum, float4 v)
{
    if (FUNCTION == Max) return FLOAT4(larger(sum.x, v.x), larger(sum.y, v.y), larger(sum.z, v.z), larger(sum.w, v.w));
    if (FUNCTION == Add) return sum + v;
    v = max(v, -v);
    float4 power = v;
    ROLLED for (int i = 1; i < POWER; i++) power *= v;
    return sum + power;
}

static float root(float sum)
{
    if (POWER == 1) return sum;
    if (POWER == 2) return sqrt(sum);
    return sum > 0.0f ? pow(sum, 1.0f / TO_FLOAT(POWER)) : sum;
}
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_pool(__global const stored* restrict x, __global const stored4* restrict x4, __global stored* restrict y, __global stored4* restrict y4, const Given given_)
{
ADVANCE_STORED(x, given_.x_at);
ADVANCE_STORED4(x4, given_.x4_at);
ADVANCE_STORED(y, given_.y_at);
ADVANCE_STORED4(y4, given_.y4_at);
{
    int index = GLOBAL_INDEX();
    int channel = index % CHANNELS;
    index /= CHANNELS;
    int steps = (OUT2 + OUTPUTS - 1) / OUTPUTS;
    int first = index % steps * OUTPUTS;
    index /= steps;
    int out1 = index % OUT1;
    index /= OUT1;
    int out0 = index % OUT0;
    int n = index / OUT0;
    bool within = n < COUNT;
    n = min(n, COUNT - 1);

    ROLLED for (int o = 0; o < OUTPUTS; o++)
    {
        int out2 = first + o;
        float4 sum = SPLAT4(FUNCTION == Max ? AS_FLOAT(0xff800000u) : 0.0f);
        int inside = 0;
        int counted = 0;
        ROLLED for (int k0 = 0; k0 < KERNEL0; k0++)
            ROLLED for (int k1 = 0; k1 < KERNEL1; k1++)
                ROLLED for (int k2 = 0; k2 < KERNEL2; k2++)
                {
                    int p0 = out0 * STRIDE0 + k0 * DILATION0 - PAD0;
                    int p1 = out1 * STRIDE1 + k1 * DILATION1 - PAD1;
                    int p2 = out2 * STRIDE2 + k2 * DILATION2 - PAD2;
                    int c0 = min(max(p0, 0), SIZE0 - 1);
                    int c1 = min(max(p1, 0), SIZE1 - 1);
                    int c2 = min(max(p2, 0), SIZE2 - 1);
                    int at = (((n * SIZE0 + c0) * SIZE1 + c1) * SIZE2 + c2) * CHANNELS + channel;
                    float4 v = WIDTH == 4 ? TO_FLOAT4(LOAD(x4, at)) : SPLAT4(LOAD(x, at));
                    if (PADDED == 0)
                    {
                        sum = join4(sum, v);
                        continue;
                    }
                    bool here = p0 == c0 && p1 == c1 && p2 == c2;
                    float4 joined = join4(sum, v);
                    sum = FLOAT4(here ? joined.x : sum.x, here ? joined.y : sum.y, here ? joined.z : sum.z, here ? joined.w : sum.w);
                    inside += here ? 1 : 0;
                    counted += here || (COUNT_PADS == 1 && p0 < LIMIT0 && p1 < LIMIT1 && p2 < LIMIT2) ? 1 : 0;
                }
        if (PADDED == 0) inside = counted = KERNEL0 * KERNEL1 * KERNEL2;
        // A window with nothing in it has the smallest number, and the average 0.
        if (FUNCTION == Max && inside == 0) sum = SPLAT4(-3.402823466e38f);
        if (FUNCTION == Add) sum = sum / TO_FLOAT(max(counted, 1));
        if (FUNCTION == Pow) sum = FLOAT4(root(sum.x), root(sum.y), root(sum.z), root(sum.w));
        int to = (((n * OUT0 + out0) * OUT1 + out1) * OUT2 + out2) * CHANNELS + channel;
        if (within && out2 < OUT2)
        {
            if (WIDTH == 4) STORE(y4, to, sum);
            else STORE(y, to, sum.x);
        }
    }
}
}
