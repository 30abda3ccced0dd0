//: constant int FUNCTION 0
//: constant int ACTIVATION 0
//: size float ALPHA 0
//: size float BETA 0
//: constant int AXES 1
//: constant int RUNS 0
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
//: name activate_exponential4_of
//: name apply_activation4_of
//: name activate4_of
//: name activate_of
//: name upper4
//: name power4
//: name remainder_of
//: name remainder4
//: name modulo4
//: name combine4
//: name edgert_binary_strided
//: name Given
//: macro ALPHA
//: macro BETA
//: macro p
//: macro LOAD_axes
//: macro LOAD_a
//: macro LOAD_b
//: macro STORE_y
//: macro activate_exponential4
//: macro apply_activation4
//: macro activate4
//: macro activate
//: macro BEGIN_OFFSETS
//: macro NEXT_OFFSETS
typedef struct { int axes_at; int a_at; int b_at; int y_at; float ALPHA_; float BETA_; int count; } Given;
#ifndef ALPHA
#define ALPHA (given_.ALPHA_)
#endif
#ifndef BETA
#define BETA (given_.BETA_)
#endif
#define p given_
#define LOAD_axes(at_) LOAD_PLAIN(axes, at_)
#define LOAD_a(at_) LOAD_STORED(a, at_)
#define LOAD_b(at_) LOAD_STORED(b, at_)
#define STORE_y(at_, value_) STORE_STORED4(y, at_, value_)
// A function of two tensors of floats that broadcast in any way: four results for each invocation.
// The function of two floats, by its number in BinaryFunction, and the activation after it.
// The function that kernels apply to their results, by its number in UnaryFunction: none, Tanh, or one from Relu to Shrink
// (FusedActivation in C#). Branches on it are decided when the pipeline is made.
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

#ifdef __OPENCL_C_VERSION__
#if ACTIVATION == Identity || ACTIVATION == Relu || ACTIVATION == Clip || ACTIVATION == LeakyRelu || ACTIVATION == HardSigmoid || ACTIVATION == HardSwish
// Drivers that compile on the user's machine are spared what is not needed.
#define activate_exponential4(v) (v)
#endif
#endif
#ifndef activate_exponential4
// Those that are made of one exponential.
#define activate_exponential4(a0_) activate_exponential4_of(given_, a0_)
static float4 activate_exponential4_of(const Given given_, float4 x)
{
    float4 a = abs4(x);
    float4 argument = x;
    if (ACTIVATION == Sigmoid) argument = -x;
    if (ACTIVATION == Swish) argument = -ALPHA * x;
    if (ACTIVATION == GeluTanh) argument = -1.59576912f * (x + 0.044715f * (x * x * x)); // 0.5 (1 + tanh u) is sigmoid 2u.
    if (ACTIVATION == Tanh) argument = -2.0f * a;
    if (ACTIVATION == Gelu) argument = -0.5f * x * x;
    if (ACTIVATION == Celu) argument = x / ALPHA;
    if (ACTIVATION == Mish) argument = min(x, SPLAT4(20.0f));
    if (ACTIVATION == Softplus) argument = -a;
    float4 e = exp4(argument);

    if (ACTIVATION == Sigmoid) return 1.0f / (1.0f + e);
    if (ACTIVATION == Swish || ACTIVATION == GeluTanh) return x * (1.0f / (1.0f + e));
    if (ACTIVATION == Tanh) return tanh_of4(x, e);
    if (ACTIVATION == Gelu) return 0.5f * x * (1.0f + erf_of4(x * 0.707106781f, e));
    if (ACTIVATION == Elu) return SELECT4(x, ALPHA * (e - 1.0f), LESS4(x, SPLAT4(0.0f)));
    if (ACTIVATION == Celu) return max(x, SPLAT4(0.0f)) + min(ALPHA * (e - 1.0f), SPLAT4(0.0f));
    if (ACTIVATION == Selu) return BETA * SELECT4(ALPHA * (e - 1.0f), x, LESS4(SPLAT4(0.0f), x));
    if (ACTIVATION == Mish)
    {
        // tanh ln(1 + e) = ((1 + e)^2 - 1) / ((1 + e)^2 + 1).
        float4 n = e * (e + 2.0f);
        return x * (n / (n + 2.0f));
    }
    return max(x, SPLAT4(0.0f)) + log_plus_one4(e); // Softplus.
}
#endif

#define apply_activation4(a0_) apply_activation4_of(given_, a0_)
static float4 apply_activation4_of(const Given given_, float4 x)
{
    float4 zero = SPLAT4(0.0f);
    if (ACTIVATION == Relu) return max(x, zero);
    if (ACTIVATION == Clip) return SELECT4(min(x, SPLAT4(BETA)), SPLAT4(ALPHA), LESS4(x, SPLAT4(ALPHA)));
    if (ACTIVATION == LeakyRelu) return SELECT4(x, ALPHA * x, LESS4(x, zero));
    if (ACTIVATION == ThresholdedRelu) return SELECT4(zero, x, LESS4(SPLAT4(ALPHA), x));
    if (ACTIVATION == HardSigmoid) return min(max(ALPHA * x + BETA, zero), SPLAT4(1.0f));
    if (ACTIVATION == HardSwish) return x * min(max(ALPHA * x + BETA, zero), SPLAT4(1.0f));
    if (ACTIVATION == Softsign) return x / (1.0f + abs4(x));
    if (ACTIVATION == Shrink) return SELECT4(SELECT4(zero, x - BETA, LESS4(SPLAT4(ALPHA), x)), x + BETA, LESS4(x, SPLAT4(-ALPHA)));
    return activate_exponential4(x);
}

#define activate4(a0_) activate4_of(given_, a0_)
static float4 activate4_of(const Given given_, float4 x)
{
    if (ACTIVATION == Identity) return x;
    // NaN stays NaN through all functions but two, whose definitions answer 0.
    bool4 undefined = is_nan4(x);
    float4 y = apply_activation4(x);
    if (ACTIVATION == ThresholdedRelu || ACTIVATION == Shrink) return SELECT4(y, SPLAT4(0.0f), undefined);
    return SELECT4(y, x, undefined);
}

#define activate(a0_) activate_of(given_, a0_)
static float activate_of(const Given given_, float x) { return activate4(SPLAT4(x)).x; }

// The upper 12 bits of significands: products of two of them are exact.
static float4 upper4(float4 x) { return AS_FLOAT4(AS_INT4(x) & SPLAT_INT4(-4096)); }

// x^y as 2^(y log2 |x|). log2 is kept in two parts, the first of 12 bits: with f = m - 1 and d = m + 1 of the significand m, ln m is
// 2 artanh(f / d), the quotient itself in two parts. So y log2 |x| is right to 1e-8 of a unit, where 2^7 of them make the largest float. 3e-7.
static float4 power4(float4 x, float4 y)
{
    float4 a = abs4(x);
    int4 bits = scaled_bits4(a);
    int4 exponent = exponent_bits4(bits);
    float4 e = exponent4(a, exponent);
    float4 m = AS_FLOAT4(bits - exponent);
    float4 f = m - 1.0f;
    PRECISE float4 d = m + 1.0f;
    float4 d_high = upper4(d);
    PRECISE float4 d_low = m - (d_high - 1.0f);
    float4 s = f / d;
    float4 s_high = upper4(s);
    PRECISE float4 rest = (f - s_high * d_high) - s_high * d_low;
    float4 z = s * s;
    float4 low = 2.0f * (rest / d) + s * (z * (0.666666667f + z * (0.4f + z * (0.285714286f + z * 0.222222222f))));
    // log2 e in two parts, the first of 12 bits.
    PRECISE float4 whole = s_high * 2.884765625f;
    PRECISE float4 part = s_high * 6.24456792e-4f + low * 1.44269504f;
    PRECISE float4 sum = (e + whole) + part;
    float4 log_high = upper4(sum);
    PRECISE float4 log_low = part - ((log_high - e) - whole);

    // Beyond this every power but those of one is 0 or infinite.
    float4 b = min(max(y, SPLAT4(-4e9f)), SPLAT4(4e9f));
    float4 b_high = upper4(b);
    PRECISE float4 high = b_high * log_high;
    PRECISE float4 small = (b - b_high) * log_high + b * log_low;
    float4 n = ROUND_EVEN(min(max(high + small, SPLAT4(-160.0f)), SPLAT4(160.0f)));
    PRECISE float4 r = (high - n) + small;
    float4 result = scale4(exp4(min(max(r, SPLAT4(-1.0f)), SPLAT4(1.0f)) * 0.693147181f), n);

    float4 zero = SPLAT4(0.0f);
    bool4 falls = LESS4(y, zero);
    result = SELECT4(result, SELECT4(zero, infinity4(), falls), EQUAL_INT4(AS_INT4(a), SPLAT_INT4(0)));
    result = SELECT4(result, SELECT4(infinity4(), zero, falls), is_infinite4(x));
    float4 halves = b * 0.5f;
    float4 odd = SELECT4(-result, result, EQUAL4(floor(halves), halves));
    float4 negative = SELECT4(SELECT4(nan4(), result, is_infinite4(x)), result, EQUAL_INT4(AS_INT4(a), SPLAT_INT4(0)));
    negative = SELECT4(negative, odd, EQUAL4(floor(b), b));
    result = SELECT4(result, negative, LESS_INT4(AS_INT4(x), SPLAT_INT4(0)));
    result = SELECT4(SELECT4(result, nan4(), is_nan4(x)), nan4(), is_nan4(y));
    result = SELECT4(result, SPLAT4(1.0f), EQUAL4(x, SPLAT4(1.0f)));
    return SELECT4(result, SPLAT4(1.0f), EQUAL_INT4(AS_INT4(y) & 0x7fffffff, SPLAT_INT4(0)));
}

// The remainder with the dividend's sign, exact: long division of significands, eight bits of the quotient at a time.
static float remainder_of(float a, float b)
{
    uint x = AS_UINT(a) & 0x7fffffffu;
    uint y = AS_UINT(b) & 0x7fffffffu;
    if (x >= 0x7f800000u || y > 0x7f800000u || y == 0u) return AS_FLOAT(0x7fc00000u);
    if (x < y) return a;
    int exponent = max(TO_INT(y >> 23), 1);
    uint divisor = y < 0x00800000u ? y : (y & 0x007fffffu) | 0x00800000u;
    uint rest = (x < 0x00800000u ? x : (x & 0x007fffffu) | 0x00800000u) % divisor;
    for (int left = max(TO_INT(x >> 23), 1) - exponent; left > 0; left -= 8) rest = (rest << TO_UINT(min(left, 8))) % divisor;
    // rest 2^(exponent - 150) in two factors.
    int part = (exponent - 150) / 2;
    float r = TO_FLOAT(TO_INT(rest)) * AS_FLOAT(TO_UINT(part + 127) << 23) * AS_FLOAT(TO_UINT(exponent - 150 - part + 127) << 23);
    return (AS_UINT(a) >> 31) != 0u ? -r : r;
}
static float4 remainder4(float4 a, float4 b)
{
    return FLOAT4(remainder_of(a.x, b.x), remainder_of(a.y, b.y), remainder_of(a.z, b.z), remainder_of(a.w, b.w));
}
static float4 modulo4(float4 a, float4 b)
{
    float4 r = remainder4(a, b);
    bool4 same = LESS_INT4(SPLAT_INT4(-1), AS_INT4(r) ^ AS_INT4(b));
    return SELECT4(SELECT4(r + b, r, same), r, EQUAL4(r, SPLAT4(0.0f)));
}

static float4 combine4(float4 a, float4 b)
{
    if (FUNCTION == Add) return a + b;
    if (FUNCTION == Sub) return a - b;
    if (FUNCTION == Mul) return a * b;
    if (FUNCTION == Div) return a / b;
    if (FUNCTION == Pow) return power4(a, b);
    if (FUNCTION == Mod) return modulo4(a, b);
    if (FUNCTION == FMod) return remainder4(a, b);
    if (FUNCTION == PRelu) return SELECT4(SELECT4(a, a * b, LESS4(a, SPLAT4(0.0f))), a, is_nan4(a));
    float4 y = FUNCTION == Min ? min(a, b) : max(a, b);
    return SELECT4(SELECT4(y, a, is_nan4(a)), b, is_nan4(b));
}
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
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_binary_strided(__global const int* restrict axes, __global const stored* restrict a, __global const stored* restrict b, __global stored4* restrict y, const Given given_)
{
ADVANCE_PLAIN(axes, given_.axes_at);
ADVANCE_STORED(a, given_.a_at);
ADVANCE_STORED(b, given_.b_at);
ADVANCE_STORED4(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    float left[4];
    float right[4];
    BEGIN_OFFSETS()
    for (int i = 0; i < 4; i++)
    {
        NEXT_OFFSETS(i)
        left[i] = LOAD(a, at_a);
        right[i] = LOAD(b, at_b);
    }
    float4 result = activate4(combine4(FLOAT4(left[0], left[1], left[2], left[3]), FLOAT4(right[0], right[1], right[2], right[3])));
    if (index * 4 < p.count) STORE(y, index, result);
}
}
