//: constant int WORDS 1
//: constant int LAYOUT_A 0
//: constant int LAYOUT_B 0
//: size int GROUPS 1
//: constant int FUNCTION Add
//: name words4
//: name byte_of
//: name unpacked4
//: name packed4
//: name requantized4
//: name lost4
//: name fused4
//: name added4
//: name multiplied4
//: name edgert_pair_i8
//: name Given
//: macro GROUPS
//: macro p
//: macro LOAD_a
//: macro LOAD_b
//: macro LOAD_numbers
//: macro LOAD_tables
//: macro STORE_y
//: macro UNROLL
//: macro LOOKED_UP
typedef struct { int a_at; int b_at; int numbers_at; int tables_at; int y_at; int GROUPS_; int count; int period; uint flip_a; uint flip_b; int less_a; float high_a; float low_a; int zero; int low; int high; uint flip_y; } Given;
#ifndef GROUPS
#define GROUPS (given_.GROUPS_)
#endif
#define p given_
#define LOAD_a(at_) LOAD_PLAIN(a, at_)
#define LOAD_b(at_) LOAD_PLAIN(b, at_)
#define LOAD_numbers(at_) LOAD_PLAIN(numbers, at_)
#define LOAD_tables(at_) LOAD_PLAIN(tables, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
// A function of two quantized tensors, four neighbours at once, WORDS times for each invocation. Each operand is read as it is (0), as one number (1), or again
// and again in periods of words (2). numbers has four vectors for each four CHANNELS of the second operand, see pair.inc.
// Functions of two quantized numbers. What there is for each channel of the second: what is subtracted from its bytes, then of a sum its scale over that
// of the result, in two floats of 12 bits each, and what is added; of a product the multiplier. For Min and Max both operands are looked up in tables.
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
// Of a sum the scale of the first number over that of the result, in two floats; of a slope in one.

// What a sum has lost by rounding: s is a + b rounded.
static float4 lost4(float4 a, float4 b, float4 s)
{
    PRECISE float4 b_in = s - a;
    PRECISE float4 a_in = s - b_in;
    PRECISE float4 b_lost = b - b_in;
    PRECISE float4 a_lost = a - a_in;
    PRECISE float4 lost = a_lost + b_lost;
    return lost;
}

// upper + lower + c, rounded once: upper + lower is a product exactly, the first at least as large as the second. The small parts are added with rounding to odd
// numbers, so that the last sum rounds what it would round of the exact one (Boldo and Melquiond, Emulation of a FMA and correctly rounded sums, 2008).
static float4 fused4(float4 upper, float4 lower, float4 c)
{
    PRECISE float4 product = upper + lower;
    PRECISE float4 taken = product - upper;
    PRECISE float4 rest = lower - taken;
    PRECISE float4 small = c + rest;
    float4 small_lost = lost4(c, rest, small);
    PRECISE float4 large = product + small;
    float4 large_lost = lost4(product, small, large);
    PRECISE float4 odd = small_lost + large_lost;
    float4 odd_lost = lost4(small_lost, large_lost, odd);
    int4 bits = AS_INT4(odd);
    // One step towards what was lost, where the last bit is even and something was.
    int4 towards = SPLAT_INT4(1) | ((bits ^ AS_INT4(odd_lost)) >> 31);
    int4 step = SELECT_INT4(towards, SPLAT_INT4(0), EQUAL4(odd_lost, SPLAT4(0.0f)));
    odd = AS_FLOAT4(bits + step * ((bits & SPLAT_INT4(1)) ^ SPLAT_INT4(1)));
    PRECISE float4 sum = large + odd;
    return sum;
}

static int4 added4(int4 a, int4 b, float high_a, float low_a, float4 high_b, float4 low_b, float4 offset, int low, int high)
{
    float4 x = TO_FLOAT4(a);
    float4 w = TO_FLOAT4(b);
    float4 inner = fused4(w * high_b, w * low_b, offset);
    float4 sum = fused4(x * high_a, x * low_a, inner);
    return TO_INT4(clamp(ROUND_EVEN(sum), SPLAT4(TO_FLOAT(low)), SPLAT4(TO_FLOAT(high))));
}

static int4 multiplied4(int4 a, int4 b, float slope_a, float4 multiplier, int zero, int low, int high)
{
    int4 product = requantized4(a * b, multiplier, zero, low, high);
    if (FUNCTION != PRelu) return product;
    return SELECT_INT4(requantized4(a, SPLAT4(slope_a), zero, low, high), product, LESS_INT4(a, SPLAT_INT4(0)));
}

#define LOOKED_UP(word, first) INT4(TO_INT(byte_of(LOAD(tables, (first) + TO_INT((word) & 255u) / 4), TO_INT((word) & 255u))), \
    TO_INT(byte_of(LOAD(tables, (first) + TO_INT(((word) >> 8) & 255u) / 4), TO_INT(((word) >> 8) & 255u))), \
    TO_INT(byte_of(LOAD(tables, (first) + TO_INT(((word) >> 16) & 255u) / 4), TO_INT(((word) >> 16) & 255u))), \
    TO_INT(byte_of(LOAD(tables, (first) + TO_INT((word) >> 24) / 4), TO_INT((word) >> 24))))
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_pair_i8(__global const uint* restrict a, __global const uint* restrict b, __global const uint4* restrict numbers, __global const uint* restrict tables, __global uint* restrict y, const Given given_)
{
ADVANCE_PLAIN(a, given_.a_at);
ADVANCE_PLAIN(b, given_.b_at);
ADVANCE_PLAIN(numbers, given_.numbers_at);
ADVANCE_PLAIN(tables, given_.tables_at);
ADVANCE_PLAIN(y, given_.y_at);
{
    int first = GLOBAL_INDEX() * WORDS;
    for (int i = 0; i < WORDS; i++)
    {
        int at = min(first + i, p.count - 1);
        uint left = LOAD(a, LAYOUT_A == 0 ? at : LAYOUT_A == 2 ? at % p.period : 0);
        uint right = LOAD(b, LAYOUT_B == 0 ? at : LAYOUT_B == 2 ? at % p.period : 0);
        if (LAYOUT_A == 1) left = (left & 255u) * 0x01010101u;
        if (LAYOUT_B == 1) right = (right & 255u) * 0x01010101u;
        int4 result;
        if (FUNCTION == Min || FUNCTION == Max)
        {
            int4 from_a = LOOKED_UP(left, 0);
            int4 from_b = LOOKED_UP(right, 64);
            result = FUNCTION == Min ? min(from_a, from_b) : max(from_a, from_b);
        }
        else
        {
            int group = at % GROUPS * 4;
            int4 n = unpacked4(left ^ p.flip_a) - SPLAT_INT4(p.less_a);
            int4 m = unpacked4(right ^ p.flip_b) - SIGNED4(LOAD(numbers, group));
            float4 factor = AS_FLOAT4(SIGNED4(LOAD(numbers, group + 1)));
            if (FUNCTION == Add || FUNCTION == Sub)
                result = added4(n, m, p.high_a, p.low_a, factor, AS_FLOAT4(SIGNED4(LOAD(numbers, group + 2))), AS_FLOAT4(SIGNED4(LOAD(numbers, group + 3))), p.low, p.high);
            else
                result = multiplied4(n, m, p.high_a, factor, p.zero, p.low, p.high);
        }
        if (first + i < p.count) STORE(y, first + i, packed4(result) ^ p.flip_y);
    }
}
}
