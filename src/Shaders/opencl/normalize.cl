//: constant int CENTER 1
//: size float EPSILON 0
//: size float FACTOR 1
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
//: name is_nan4
//: name is_infinite4
//: name infinity4
//: name nan4
//: name copy_sign4
//: name power_of_two4
//: name scale4
//: name exp_scaled4
//: name exp4
//: name scaled_bits4
//: name exponent_bits4
//: name exponent4
//: name log4
//: name log_plus_one4
//: name tanh_of4
//: name erf_of4
//: name row_start_of
//: name run_start_of
//: name larger
//: name smaller
//: name join4
//: name neutral4
//: name join_lanes
//: name edgert_normalize
//: name Given
//: macro EPSILON
//: macro FACTOR
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
//: macro LOAD_x
//: macro LOAD_x4
//: macro STORE_y
//: macro STORE_y4
//: macro row_start
//: macro run_start
//: macro FIND_ROWS
//: macro EACH_ELEMENT
//: macro ELEMENT
//: macro JOIN_ROW
//: macro PUT_ELEMENT
typedef struct { int x_at; int x4_at; int y_at; int y4_at; float EPSILON_; float FACTOR_; int ROWS_; int KEPT1_; int KEPT2_; int KEPT3_; int KEPT_STRIDE0_; int KEPT_STRIDE1_; int KEPT_STRIDE2_; int KEPT_STRIDE3_; int OUTER_; int TAKEN1_; int TAKEN2_; int TAKEN_STRIDE0_; int TAKEN_STRIDE1_; int TAKEN_STRIDE2_; int INNER_; int INNER_STRIDE_; } Given;
#ifndef EPSILON
#define EPSILON (given_.EPSILON_)
#endif
#ifndef FACTOR
#define FACTOR (given_.FACTOR_)
#endif
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
#define LOAD_x(at_) LOAD_STORED(x, at_)
#define LOAD_x4(at_) LOAD_STORED4(x4, at_)
#define STORE_y(at_, value_) STORE_STORED(y, at_, value_)
#define STORE_y4(at_, value_) STORE_STORED4(y4, at_, value_)
// (x - mean) / sqrt(variance + EPSILON) of each row; without CENTER x / sqrt(mean of squares + EPSILON).
// A tensor seen as rows: the axes that an operator takes together are walked, the others number the rows. Neighbouring axes that are treated
// alike are one, so there are at most four of either kind: those kept, and of those taken the inner one and three outer ones.
// An invocation has four lanes. What they are (LANES) decides what strides count:
//   0  four rows, each element loaded alone; strides and ROWS count floats
//   1  four rows that lie side by side; strides and ROWS count float4
//   2  four elements of one row that lie side by side; strides and INNER count float4
// GROUP invocations of a workgroup share a row; they take turns along the outer axes (SHARE_OUTER) or along the inner one.
// Functions of four floats, to the tolerance of element-wise operators on every driver: the languages promise less of their own
// (exp 3 + 2|x| units in the last place, sin and cos 2^-11, pow what exp and log leave). Bounds are relative errors unless said otherwise,
// as measured; polynomials without another source are minimax fits. Tests of NaN are made on bits, since drivers may drop comparisons;
// what is PRECISE must not be rearranged. Denormals may be taken for zero, as some drivers do with all.

static bool4 is_nan4(float4 x) { return GREATER_INT4(AS_INT4(x) & 0x7fffffff, SPLAT_INT4(0x7f800000)); }
static bool4 is_infinite4(float4 x) { return EQUAL_INT4(AS_INT4(x) & 0x7fffffff, SPLAT_INT4(0x7f800000)); }
static float4 infinity4() { return AS_FLOAT4(SPLAT_INT4(0x7f800000)); }
static float4 nan4() { return AS_FLOAT4(SPLAT_INT4(0x7fc00000)); }
// The magnitude of one, the sign of the other.
static float4 copy_sign4(float4 x, float4 sign) { return AS_FLOAT4((AS_INT4(x) & 0x7fffffff) | (AS_INT4(sign) & SPLAT_INT4(-2147483647 - 1))); }
// 2^k of whole numbers from -126 to 127.
static float4 power_of_two4(float4 k) { return AS_FLOAT4((TO_INT4(k) + 127) << 23); }

// p 2^n, n beyond the exponents of floats too: two factors.
static float4 scale4(float4 p, float4 n)
{
    float4 part = floor(n * 0.5f);
    PRECISE float4 first = p * power_of_two4(part);
    return first * power_of_two4(n - part);
}

// 2^shift e^x = 2^(n + shift) e^r with n = round(x / ln 2); e^r by its Taylor series, whose first omitted term is 2e-9 for |r| <= ln 2 / 2. 2e-7.
static float4 exp_scaled4(float4 x, float shift)
{
    x = min(max(x, SPLAT4(-104.0f)), SPLAT4(90.0f));
    float4 n = ROUND_EVEN(x * 1.44269504f);
    // ln 2 in two parts, the first of 9 bits, so that n times it is exact.
    PRECISE float4 r = x - n * 0.693359375f;
    PRECISE float4 s = r + n * 2.12194440e-4f;
    float4 p = SPLAT4(1.98412698e-4f);
    p = p * s + 1.38888889e-3f;
    p = p * s + 8.33333333e-3f;
    p = p * s + 4.16666667e-2f;
    p = p * s + 0.166666667f;
    p = p * s + 0.5f;
    p = p * s + 1.0f;
    p = p * s + 1.0f;
    return scale4(p, n + shift);
}
static float4 exp4(float4 x) { return exp_scaled4(x, 0.0f); }

// A float x > 0 is m 2^e with m from sqrt(1/2) to sqrt(2): the bits of m, of which denormals have been scaled, and e.
static int4 scaled_bits4(float4 x) { return SELECT_INT4(AS_INT4(x), AS_INT4(TO_FLOAT4(AS_INT4(x))), LESS_INT4(AS_INT4(x), SPLAT_INT4(0x00800000))); }
static int4 exponent_bits4(int4 bits) { return (bits - 0x3f3504f3) & SPLAT_INT4(-8388608); }
static float4 exponent4(float4 x, int4 exponent)
{
    float4 e = TO_FLOAT4(exponent >> 23);
    return SELECT4(e, e - 149.0f, LESS_INT4(AS_INT4(x), SPLAT_INT4(0x00800000)));
}

// ln x = e ln 2 + ln m, with ln m = 2 artanh s, s = f / (2 + f), f = m - 1, written as f - s (f - R) with R = 2/3 s^2 + 2/5 s^4 + ...
// (the identity is 2 s = f - s f); |s| < 0.172, so the first omitted term is 2e-9 of s. 2e-7.
static float4 log4(float4 x)
{
    int4 bits = scaled_bits4(x);
    int4 exponent = exponent_bits4(bits);
    float4 e = exponent4(x, exponent);
    float4 f = AS_FLOAT4(bits - exponent) - 1.0f;
    float4 s = f / (f + 2.0f);
    float4 z = s * s;
    float4 p = z * (0.666666667f + z * (0.4f + z * (0.285714286f + z * 0.222222222f)));
    PRECISE float4 y = f - (s * (f - p) - e * -2.12194440e-4f);
    PRECISE float4 whole = e * 0.693359375f + y;
    whole = SELECT4(whole, x, is_infinite4(x));
    whole = SELECT4(whole, nan4(), LESS_INT4(AS_INT4(x), SPLAT_INT4(0)));
    return SELECT4(whole, -infinity4(), EQUAL_INT4(AS_INT4(x) & 0x7fffffff, SPLAT_INT4(0)));
}

// ln(1 + x) as ln u + (what 1 + x lost by rounding) / u with u = 1 + x. 3e-7.
static float4 log_plus_one4(float4 x)
{
    PRECISE float4 u = x + 1.0f;
    PRECISE float4 back = u - 1.0f;
    PRECISE float4 lost = x - back;
    float4 y = log4(u) + lost / u;
    return SELECT4(y, log4(u), LESS4(SPLAT4(1e8f), x));
}

// Below 0.625 a fit of tanh x / x in x^2 (9e-9), above it (1 - t) / (1 + t) with t = e^(-2|x|), which is given. 3e-7.
static float4 tanh_of4(float4 x, float4 t)
{
    float4 z = min(x * x, SPLAT4(1.0f));
    float4 p = 1.0f + z * (-0.333332628f + z * (0.133311853f + z * (-0.0537252314f + z * (0.0206031464f + z * -0.00567242177f))));
    return SELECT4(copy_sign4((1.0f - t) / (1.0f + t), x), x * p, LESS4(abs4(x), SPLAT4(0.625f)));
}

// Below 0.75 a fit of erf x / x in x^2 (6e-8), above it 1 - e^(-x^2) t P(t) with t = 1 / (1 + 0.4|x|), the form of Abramowitz and
// Stegun 7.1.26 with P fitted on |x| <= 5 (8e-9); gaussian is e^(-x^2). 2e-7.
static float4 erf_of4(float4 x, float4 gaussian)
{
    float4 a = abs4(x);
    float4 t = 1.0f / (1.0f + 0.4f * a);
    float4 p = SPLAT4(0.0739333853f);
    p = p * t + -0.387884587f;
    p = p * t + 0.658268631f;
    p = p * t + -0.327266335f;
    p = p * t + 0.363361835f;
    p = p * t + 0.164605498f;
    p = p * t + 0.229147568f;
    p = p * t + 0.225833997f;
    float4 far = copy_sign4(1.0f - gaussian * (t * p), x);
    float4 z = min(x * x, SPLAT4(1.0f));
    float4 near = 1.12837911f + z * (-0.3761262f + z * (0.112833932f + z * (-0.0268354341f + z * (0.00511598168f + z * -0.000676109572f))));
    return SELECT4(far, x * near, LESS4(a, SPLAT4(0.75f)));
}

// Where a row begins.
#define row_start(a0_) row_start_of(given_, a0_)
static int row_start_of(const Given given_, int row)
{
    return row / (KEPT3 * KEPT2 * KEPT1) * KEPT_STRIDE0 + row / (KEPT3 * KEPT2) % KEPT1 * KEPT_STRIDE1 + row / KEPT3 % KEPT2 * KEPT_STRIDE2 + row % KEPT3 * KEPT_STRIDE3;
}

// How far from there the n-th run of the inner axis begins.
#define run_start(a0_) run_start_of(given_, a0_)
static int run_start_of(const Given given_, int n)
{
    return n / (TAKEN2 * TAKEN1) * TAKEN_STRIDE0 + n / TAKEN2 % TAKEN1 * TAKEN_STRIDE1 + n % TAKEN2 * TAKEN_STRIDE2;
}

// The larger of two, NaN if one is; drivers need not keep NaN in max().
static float larger(float a, float b)
{
    return (AS_UINT(a) & 0x7fffffffu) > 0x7f800000u || b < a ? a : b;
}

static float smaller(float a, float b)
{
    return (AS_UINT(a) & 0x7fffffffu) > 0x7f800000u || b > a ? a : b;
}

// Two elements, or two parts of a row, made one by Add, Mul, Max or Min.
static float4 join4(int function, float4 a, float4 b)
{
    if (function == Add) return a + b;
    if (function == Mul) return a * b;
    if (function == Max) return FLOAT4(larger(a.x, b.x), larger(a.y, b.y), larger(a.z, b.z), larger(a.w, b.w));
    return FLOAT4(smaller(a.x, b.x), smaller(a.y, b.y), smaller(a.z, b.z), smaller(a.w, b.w));
}

// What joins to nothing.
static float4 neutral4(int function)
{
    if (function == Add) return SPLAT4(0.0f);
    if (function == Mul) return SPLAT4(1.0f);
    return SPLAT4(AS_FLOAT(function == Max ? 0xff800000u : 0x7f800000u));
}

// The four lanes made one where they are of one row.
static float4 join_lanes(int function, float4 v)
{
    if (LANES != 2) return v;
    v = join4(function, v, FLOAT4(v.y, v.x, v.w, v.z));
    return join4(function, v, FLOAT4(v.z, v.w, v.x, v.y));
}

// The invocation's place: its number in the group, its first row, and where each lane's row begins.
#define FIND_ROWS \
    int lane = LOCAL_INDEX() % GROUP; \
    int row = GLOBAL_INDEX() / GROUP * (LANES == 0 ? 4 : 1); \
    int start0 = row_start(min(row, ROWS - 1)); \
    int start1 = LANES == 0 ? row_start(min(row + 1, ROWS - 1)) : 0; \
    int start2 = LANES == 0 ? row_start(min(row + 2, ROWS - 1)) : 0; \
    int start3 = LANES == 0 ? row_start(min(row + 3, ROWS - 1)) : 0;

// A loop over the invocation's share of the row; `at` is the distance from its start.
#define EACH_ELEMENT(at) \
    for (int run = SHARE_OUTER * lane; run < OUTER; run += SHARE_OUTER == 1 ? GROUP : 1) \
        for (int n = SHARE_OUTER == 1 ? 0 : lane, at = run_start(run) + n * INNER_STRIDE; n < INNER; n += SHARE_OUTER == 1 ? 1 : GROUP, at += INNER_STRIDE * (SHARE_OUTER == 1 ? 1 : GROUP))

#define ELEMENT(at) (LANES == 0 ? FLOAT4(LOAD(x, start0 + at), LOAD(x, start1 + at), LOAD(x, start2 + at), LOAD(x, start3 + at)) : TO_FLOAT4(LOAD(x4, start0 + at)))

// Joins what the invocations of a row have, and the lanes; all of them have the result.
#define JOIN_ROW(function, v) \
    if (GROUP > 1) \
    { \
        parts[lane] = v; \
        BARRIER(); \
        for (int reach = GROUP / 2; reach > 0; reach /= 2) \
        { \
            if (lane < reach) parts[lane] = join4(function, parts[lane], parts[lane + reach]); \
            BARRIER(); \
        } \
        v = parts[0]; \
        BARRIER(); \
    } \
    v = join_lanes(function, v);

// Writes an element of each lane at its place in a tensor like x.
#define PUT_ELEMENT(at, v) \
    if (LANES == 0) \
    { \
        if (row < ROWS) STORE(y, start0 + at, v.x); \
        if (row + 1 < ROWS) STORE(y, start1 + at, v.y); \
        if (row + 2 < ROWS) STORE(y, start2 + at, v.z); \
        if (row + 3 < ROWS) STORE(y, start3 + at, v.w); \
    } \
    else if (row < ROWS) STORE(y4, start0 + at, v);
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_normalize(__global const stored* restrict x, __global const stored4* restrict x4, __global stored* restrict y, __global stored4* restrict y4, const Given given_)
{
ADVANCE_STORED(x, given_.x_at);
ADVANCE_STORED4(x4, given_.x4_at);
ADVANCE_STORED(y, given_.y_at);
ADVANCE_STORED4(y4, given_.y4_at);
__local float4 parts[GROUP];
{
    FIND_ROWS
    float4 mean = SPLAT4(0.0f);
    if (CENTER == 1)
    {
        EACH_ELEMENT(at) mean += ELEMENT(at);
        JOIN_ROW(Add, mean)
        mean = mean * FACTOR;
    }
    // The squares of distances, not the difference of squares, in which nothing would be left of small distances.
    float4 variance = SPLAT4(0.0f);
    EACH_ELEMENT(at)
    {
        float4 distance = ELEMENT(at) - mean;
        variance += distance * distance;
    }
    JOIN_ROW(Add, variance)
    float4 scale = 1.0f / sqrt(variance * FACTOR + EPSILON);
    EACH_ELEMENT(at)
    {
        float4 v = (ELEMENT(at) - mean) * scale;
        PUT_ELEMENT(at, v)
    }
}
}
