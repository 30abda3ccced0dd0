//: constant int FUNCTION Add
//: constant int LANES 0
//: constant int GROUP 1
//: constant int SHARE_OUTER 0
//: size int ROWS 1
//: size int KEPT1 1
//: size int KEPT2 1
//: size int KEPT3 1
//: size int KEPT_STRIDE0 0
//: size int KEPT_STRIDE1 0
//: size int KEPT_STRIDE2 0
//: size int KEPT_STRIDE3 0
//: size int OUTER 1
//: size int TAKEN1 1
//: size int TAKEN2 1
//: size int TAKEN_STRIDE0 0
//: size int TAKEN_STRIDE1 0
//: size int TAKEN_STRIDE2 0
//: size int INNER 1
//: size int INNER_STRIDE 1
//: name words4
//: name byte_of
//: name unpacked4
//: name packed4
//: name requantized4
//: name row_start_of
//: name run_start_of
//: name join4
//: name edgert_reduce_i8
//: name Given
//: macro ROWS
//: macro KEPT1
//: macro KEPT2
//: macro KEPT3
//: macro KEPT_STRIDE0
//: macro KEPT_STRIDE1
//: macro KEPT_STRIDE2
//: macro KEPT_STRIDE3
//: macro OUTER
//: macro TAKEN1
//: macro TAKEN2
//: macro TAKEN_STRIDE0
//: macro TAKEN_STRIDE1
//: macro TAKEN_STRIDE2
//: macro INNER
//: macro INNER_STRIDE
//: macro p
//: macro LOAD_x
//: macro STORE_y
//: macro UNROLL
//: macro row_start
//: macro run_start
//: macro BYTE
typedef struct { int x_at; int y_at; int ROWS_; int KEPT1_; int KEPT2_; int KEPT3_; int KEPT_STRIDE0_; int KEPT_STRIDE1_; int KEPT_STRIDE2_; int KEPT_STRIDE3_; int OUTER_; int TAKEN1_; int TAKEN2_; int TAKEN_STRIDE0_; int TAKEN_STRIDE1_; int TAKEN_STRIDE2_; int INNER_; int INNER_STRIDE_; uint flip_x; uint flip_y; int less_x; float multiplier; int zero; int low; int high; } Given;
#ifndef ROWS
#define ROWS (given_.ROWS_)
#endif
#ifndef KEPT1
#define KEPT1 (given_.KEPT1_)
#endif
#ifndef KEPT2
#define KEPT2 (given_.KEPT2_)
#endif
#ifndef KEPT3
#define KEPT3 (given_.KEPT3_)
#endif
#ifndef KEPT_STRIDE0
#define KEPT_STRIDE0 (given_.KEPT_STRIDE0_)
#endif
#ifndef KEPT_STRIDE1
#define KEPT_STRIDE1 (given_.KEPT_STRIDE1_)
#endif
#ifndef KEPT_STRIDE2
#define KEPT_STRIDE2 (given_.KEPT_STRIDE2_)
#endif
#ifndef KEPT_STRIDE3
#define KEPT_STRIDE3 (given_.KEPT_STRIDE3_)
#endif
#ifndef OUTER
#define OUTER (given_.OUTER_)
#endif
#ifndef TAKEN1
#define TAKEN1 (given_.TAKEN1_)
#endif
#ifndef TAKEN2
#define TAKEN2 (given_.TAKEN2_)
#endif
#ifndef TAKEN_STRIDE0
#define TAKEN_STRIDE0 (given_.TAKEN_STRIDE0_)
#endif
#ifndef TAKEN_STRIDE1
#define TAKEN_STRIDE1 (given_.TAKEN_STRIDE1_)
#endif
#ifndef TAKEN_STRIDE2
#define TAKEN_STRIDE2 (given_.TAKEN_STRIDE2_)
#endif
#ifndef INNER
#define INNER (given_.INNER_)
#endif
#ifndef INNER_STRIDE
#define INNER_STRIDE (given_.INNER_STRIDE_)
#endif
#define p given_
#define LOAD_x(at_) LOAD_PLAIN(x, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
// Bytes taken together along some axes: sums and means, requantized, or the largest or smallest. Rows and what is taken are as in include/rows.inc; each invocation
// has four rows, which make a word of y: those that lie side by side (LANES 1, strides count words), or any (LANES 0, strides count bytes). GROUP invocations share them.
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
// What is subtracted from the sum of a row.

#define row_start(a0_) row_start_of(given_, a0_)
static int row_start_of(const Given given_, int row)
{
    return row / (KEPT3 * KEPT2 * KEPT1) * KEPT_STRIDE0 + row / (KEPT3 * KEPT2) % KEPT1 * KEPT_STRIDE1 + row / KEPT3 % KEPT2 * KEPT_STRIDE2 + row % KEPT3 * KEPT_STRIDE3;
}

#define run_start(a0_) run_start_of(given_, a0_)
static int run_start_of(const Given given_, int n)
{
    return n / (TAKEN2 * TAKEN1) * TAKEN_STRIDE0 + n / TAKEN2 % TAKEN1 * TAKEN_STRIDE1 + n % TAKEN2 * TAKEN_STRIDE2;
}

static int4 join4(int4 a, int4 b)
{
    if (FUNCTION == Max) return max(a, b);
    if (FUNCTION == Min) return min(a, b);
    return a + b;
}

#define BYTE(at) TO_INT(byte_of(LOAD(x, (at) >> 2) ^ p.flip_x, at))
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_reduce_i8(__global const uint* restrict x, __global uint* restrict y, const Given given_)
{
ADVANCE_PLAIN(x, given_.x_at);
ADVANCE_PLAIN(y, given_.y_at);
__local int4 parts[GROUP];
{
    int lane = LOCAL_INDEX() % GROUP;
    int row = GLOBAL_INDEX() / GROUP * (LANES == 0 ? 4 : 1);
    int start0 = row_start(min(row, ROWS - 1));
    int start1 = LANES == 0 ? row_start(min(row + 1, ROWS - 1)) : 0;
    int start2 = LANES == 0 ? row_start(min(row + 2, ROWS - 1)) : 0;
    int start3 = LANES == 0 ? row_start(min(row + 3, ROWS - 1)) : 0;
    int4 sum = SPLAT_INT4(FUNCTION == Min ? 255 : 0);
    for (int run = SHARE_OUTER * lane; run < OUTER; run += SHARE_OUTER == 1 ? GROUP : 1)
    {
        int at = run_start(run) + (SHARE_OUTER == 1 ? 0 : lane) * INNER_STRIDE;
        for (int n = SHARE_OUTER == 1 ? 0 : lane; n < INNER; n += SHARE_OUTER == 1 ? 1 : GROUP)
        {
            sum = join4(sum, LANES == 1 ? unpacked4(LOAD(x, start0 + at) ^ p.flip_x) : INT4(BYTE(start0 + at), BYTE(start1 + at), BYTE(start2 + at), BYTE(start3 + at)));
            at += INNER_STRIDE * (SHARE_OUTER == 1 ? 1 : GROUP);
        }
    }
    if (GROUP > 1)
    {
        parts[lane] = sum;
        BARRIER();
        for (int reach = GROUP / 2; reach > 0; reach /= 2)
        {
            if (lane < reach) parts[lane] = join4(parts[lane], parts[lane + reach]);
            BARRIER();
        }
        sum = parts[0];
    }
    if (FUNCTION == Add) sum = requantized4(sum - SPLAT_INT4(p.less_x), SPLAT4(p.multiplier), p.zero, p.low, p.high);
    if (lane == 0 && row < ROWS) STORE(y, LANES == 1 ? row : row / 4, packed4(sum) ^ p.flip_y);
}
}
