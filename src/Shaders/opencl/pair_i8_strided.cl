//: size int CHANNELS 1
//: constant int AXES 1
//: constant int RUNS 0
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
//: name edgert_pair_i8_strided
//: name Given
//: macro CHANNELS
//: macro p
//: macro LOAD_axes
//: macro LOAD_a
//: macro LOAD_b
//: macro LOAD_numbers
//: macro LOAD_tables
//: macro STORE_y
//: macro BEGIN_OFFSETS
//: macro NEXT_OFFSETS
//: macro UNROLL
typedef struct { int axes_at; int a_at; int b_at; int numbers_at; int tables_at; int y_at; int CHANNELS_; int count; uint flip_a; uint flip_b; int less_a; float high_a; float low_a; int zero; int low; int high; uint flip_y; } Given;
#ifndef CHANNELS
#define CHANNELS (given_.CHANNELS_)
#endif
#define p given_
#define LOAD_axes(at_) LOAD_PLAIN(axes, at_)
#define LOAD_a(at_) LOAD_PLAIN(a, at_)
#define LOAD_b(at_) LOAD_PLAIN(b, at_)
#define LOAD_numbers(at_) LOAD_PLAIN(numbers, at_)
#define LOAD_tables(at_) LOAD_PLAIN(tables, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
// A function of two quantized tensors that broadcast in any way: four results for each invocation. numbers has a vector for each of CHANNELS of the second operand.
// Results in order, four for each invocation, of operands that are read with any strides. The table has the axes from the inner one
// outwards: size, then the strides of three operands. RUNS is 1 where the inner axis is a multiple of four.

// Declares at_a, at_b and at_c, where the operands have result number i of the four; to be used in a loop over them.
#define BEGIN_OFFSETS() \
    int at_a = 0; \
    int at_b = 0; \
    int at_c = 0;
#define NEXT_OFFSETS(i) \
    if (i > 0 && RUNS == 1) \
    { \
        at_a += LOAD(axes, 1); \
        at_b += LOAD(axes, 2); \
        at_c += LOAD(axes, 3); \
    } \
    else \
    { \
        int rest_of_index = min(GLOBAL_INDEX() * 4 + i, p.count - 1); \
        at_a = 0; \
        at_b = 0; \
        at_c = 0; \
        for (int axis = 0; axis < AXES; axis++) \
        { \
            int size = LOAD(axes, axis * 4); \
            int place = rest_of_index % size; \
            rest_of_index /= size; \
            at_a += place * LOAD(axes, axis * 4 + 1); \
            at_b += place * LOAD(axes, axis * 4 + 2); \
            at_c += place * LOAD(axes, axis * 4 + 3); \
        } \
    }
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
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_pair_i8_strided(__global const int* restrict axes, __global const uint* restrict a, __global const uint* restrict b, __global const uint4* restrict numbers, __global const uint* restrict tables, __global uint* restrict y, const Given given_)
{
ADVANCE_PLAIN(axes, given_.axes_at);
ADVANCE_PLAIN(a, given_.a_at);
ADVANCE_PLAIN(b, given_.b_at);
ADVANCE_PLAIN(numbers, given_.numbers_at);
ADVANCE_PLAIN(tables, given_.tables_at);
ADVANCE_PLAIN(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    uint result = 0u;
    BEGIN_OFFSETS()
    for (int i = 0; i < 4; i++)
    {
        NEXT_OFFSETS(i)
        uint left = byte_of(LOAD(a, at_a >> 2), at_a);
        uint right = byte_of(LOAD(b, at_b >> 2), at_b);
        int4 value;
        if (FUNCTION == Min || FUNCTION == Max)
        {
            int from_a = TO_INT(byte_of(LOAD(tables, TO_INT(left) / 4), TO_INT(left)));
            int from_b = TO_INT(byte_of(LOAD(tables, 64 + TO_INT(right) / 4), TO_INT(right)));
            value = SPLAT_INT4(FUNCTION == Min ? min(from_a, from_b) : max(from_a, from_b));
        }
        else
        {
            uint4 own = LOAD(numbers, CHANNELS == 1 ? 0 : at_b % CHANNELS);
            int4 n = SPLAT_INT4(TO_INT(left ^ (p.flip_a & 255u)) - p.less_a);
            int4 m = SPLAT_INT4(TO_INT(right ^ (p.flip_b & 255u)) - TO_INT(own.x));
            float4 factor = SPLAT4(AS_FLOAT(own.y));
            if (FUNCTION == Add || FUNCTION == Sub)
                value = added4(n, m, p.high_a, p.low_a, factor, SPLAT4(AS_FLOAT(own.z)), SPLAT4(AS_FLOAT(own.w)), p.low, p.high);
            else
                value = multiplied4(n, m, p.high_a, factor, p.zero, p.low, p.high);
        }
        result = result | ((TO_UINT(value.x) & 255u) << TO_UINT(8 * i));
    }
    if (index * 4 < p.count) STORE(y, index, result ^ p.flip_y);
}
}
