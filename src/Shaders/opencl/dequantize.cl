//: size int CHANNELS 1
//: name words4
//: name byte_of
//: name unpacked4
//: name packed4
//: name requantized4
//: name edgert_dequantize
//: name Given
//: macro CHANNELS
//: macro p
//: macro LOAD_x
//: macro LOAD_table
//: macro STORE_y
//: macro UNROLL
typedef struct { int x_at; int table_at; int y_at; int CHANNELS_; int words; int inner; uint flip_x; } Given;
#ifndef CHANNELS
#define CHANNELS (given_.CHANNELS_)
#endif
#define p given_
#define LOAD_x(at_) LOAD_PLAIN(x, at_)
#define LOAD_table(at_) LOAD_PLAIN(table, at_)
#define STORE_y(at_, value_) STORE_STORED4(y, at_, value_)
// Bytes to reals: four for each invocation. For each of CHANNELS the table has what is subtracted from the bytes, and the scale.
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
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_dequantize(__global const uint* restrict x, __global const uint* restrict table, __global stored4* restrict y, const Given given_)
{
ADVANCE_PLAIN(x, given_.x_at);
ADVANCE_PLAIN(table, given_.table_at);
ADVANCE_STORED4(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    int at = min(index, p.words - 1);
    int4 numbers = unpacked4(LOAD(x, at) ^ p.flip_x);
    int4 less;
    float4 scale;
    if (CHANNELS == 1)
    {
        less = SPLAT_INT4(TO_INT(LOAD(table, 0)));
        scale = SPLAT4(AS_FLOAT(LOAD(table, 1)));
    }
    else
    {
        int c0 = at * 4 / p.inner % CHANNELS * 2;
        int c1 = (at * 4 + 1) / p.inner % CHANNELS * 2;
        int c2 = (at * 4 + 2) / p.inner % CHANNELS * 2;
        int c3 = (at * 4 + 3) / p.inner % CHANNELS * 2;
        less = INT4(TO_INT(LOAD(table, c0)), TO_INT(LOAD(table, c1)), TO_INT(LOAD(table, c2)), TO_INT(LOAD(table, c3)));
        scale = FLOAT4(AS_FLOAT(LOAD(table, c0 + 1)), AS_FLOAT(LOAD(table, c1 + 1)), AS_FLOAT(LOAD(table, c2 + 1)), AS_FLOAT(LOAD(table, c3 + 1)));
    }
    PRECISE float4 reals = TO_FLOAT4(numbers - less) * scale;
    if (index < p.words) STORE(y, index, reals);
}
}
