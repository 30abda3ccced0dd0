//: constant int VECTORS 1
//: constant int ACTIVATION 0
//: size float ALPHA 0
//: size float BETA 0
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
//: name two_over_pi
//: name two_over_pi_from
//: name reduce_large
//: name quarters4
//: name reduce_small4
//: name sine_near4
//: name cosine_near4
//: name trigonometric4
//: name atan4
//: name asin_near4
//: name arc4
//: name sinh_of4
//: name asinh4
//: name acosh4
//: name atanh4
//: name apply_function4
//: name function4_of
//: name edgert_unary
//: name Given
//: macro ALPHA
//: macro BETA
//: macro p
//: macro LOAD_x
//: macro STORE_y
//: macro activate_exponential4
//: macro apply_activation4
//: macro activate4
//: macro activate
//: macro function4
typedef struct { int x_at; int y_at; float ALPHA_; float BETA_; int count4; } Given;
#ifndef ALPHA
#define ALPHA (given_.ALPHA_)
#endif
#ifndef BETA
#define BETA (given_.BETA_)
#endif
#define p given_
#define LOAD_x(at_) LOAD_STORED4(x, at_)
#define STORE_y(at_, value_) STORE_STORED4(y, at_, value_)
// One function of each float: four neighbours at once, VECTORS times for each invocation.
// Every function of one float, by its number in UnaryFunction: activations and the rest.
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

// The 32-bit words of 2/pi from before its point.
static uint two_over_pi(int word)
{
    uint low = word == 0 ? 0u : word == 1 ? 0xA2F9836Eu : word == 2 ? 0x4E441529u : 0xFC2757D1u;
    uint high = word == 4 ? 0xF534DDC0u : word == 5 ? 0xDB629599u : word == 6 ? 0x3C439041u : 0xFE5163ABu;
    return word < 4 ? low : high;
}
static uint two_over_pi_from(int word, uint shift) { return (two_over_pi(word) << shift) | ((two_over_pi(word + 1) >> 1) >> (31u - shift)); }

// A finite angle of 8192 and more is quarter turns and a rest of at most half of one: rest, and number of quarters modulo 4.
// Payne and Hanek: of the product of the 24-bit significand with 2/pi only the 96 bits that matter, the upper two of which are the quarters.
static float2 reduce_large(float x)
{
    uint bits = AS_UINT(x) & 0x7fffffffu;
    uint m = (bits & 0x007fffffu) | 0x00800000u;
    // The significand's weight is 2^(exponent - 150); the window begins at the bit of 2/pi whose product weighs 2.
    int from = min(max(TO_INT(bits >> 23) - 120, 0), 137);
    int word = from >> 5;
    uint shift = TO_UINT(from & 31);
    uint w1 = two_over_pi_from(word + 1, shift);
    uint middle = m * w1;
    uint low = middle + MULTIPLY_HIGH(m, two_over_pi_from(word + 2, shift));
    uint high = m * two_over_pi_from(word, shift) + MULTIPLY_HIGH(m, w1) + (low < middle ? 1u : 0u);
    uint quarters = (high + 0x20000000u) >> 30;
    float rest = TO_FLOAT(TO_INT((high << 2) | (low >> 30))) * 2.32830644e-10f + TO_FLOAT(low << 2) * 5.42101086e-20f;
    rest *= 1.57079633f;
    bool negative = (AS_UINT(x) >> 31) != 0u;
    return FLOAT2(negative ? -rest : rest, TO_FLOAT(negative ? (0u - quarters) & 3u : quarters & 3u));
}

// Quarter turns by Cody and Waite, with pi/2 in three parts of 8, 11 and 24 bits, so that the first two products are exact: to 8192.
static float4 quarters4(float4 x) { return ROUND_EVEN(x * 0.636619772f); }
static float4 reduce_small4(float4 x, float4 n)
{
    PRECISE float4 r = x - n * 1.5703125f;
    PRECISE float4 s = r - n * 4.83751296997e-4f;
    PRECISE float4 t = s - n * 7.54979013e-8f;
    return t;
}

// Maclaurin series on half a quarter turn each way; first omitted terms 2e-9 and 3e-9.
static float4 sine_near4(float4 r)
{
    float4 z = r * r;
    return r + r * z * (-0.166666667f + z * (8.33333333e-3f + z * (-1.98412698e-4f + z * 2.75573192e-6f)));
}
static float4 cosine_near4(float4 r)
{
    float4 z = r * r;
    return 1.0f + z * (-0.5f + z * (4.16666667e-2f + z * (-1.38888889e-3f + z * 2.48015873e-5f)));
}

// sin, cos or tan of any finite angle; NaN of infinities. sin and cos 2e-7 absolute, tan 5e-7.
static float4 trigonometric4(float4 x, int function)
{
    float4 n = quarters4(x);
    float4 r = reduce_small4(x, n);
    bool4 small = LESS4(abs4(x), SPLAT4(8192.0f));
    if (!ALL4(small))
    {
        float2 a = reduce_large(x.x);
        float2 b = reduce_large(x.y);
        float2 c = reduce_large(x.z);
        float2 d = reduce_large(x.w);
        r = SELECT4(FLOAT4(a.x, b.x, c.x, d.x), r, small);
        n = SELECT4(FLOAT4(a.y, b.y, c.y, d.y), n, small);
    }
    float4 sine = sine_near4(r);
    float4 cosine = cosine_near4(r);
    if (function == Cos) n = n + 1.0f;
    int4 quarters = TO_INT4(n);
    bool4 odd = EQUAL_INT4(quarters & 1, SPLAT_INT4(1));
    float4 y = SELECT4(sine, cosine, odd);
    if (function == Tan) y = SELECT4(sine / cosine, -cosine / sine, odd);
    else y = SELECT4(y, -y, EQUAL_INT4(quarters & 2, SPLAT_INT4(2)));
    return SELECT4(y, nan4(), is_infinite4(x));
}

// x by a fit in x^2 up to tan(pi/8) (2e-9), above it pi/4 + atan((a - 1) / (a + 1)), above its inverse pi/2 - atan(1/a). 3e-7.
static float4 atan4(float4 x)
{
    float4 a = abs4(x);
    bool4 large = LESS4(SPLAT4(2.41421356f), a);
    bool4 middle = LESS4(SPLAT4(0.414213562f), a);
    float4 u = SELECT4(SELECT4(a, (a - 1.0f) / (a + 1.0f), middle), -1.0f / a, large);
    float4 from = SELECT4(SELECT4(SPLAT4(0.0f), SPLAT4(0.785398163f), middle), SPLAT4(1.57079633f), large);
    float4 z = u * u;
    float4 p = z * (-0.333333075f + z * (0.199982375f + z * (-0.142404303f + z * (0.105757922f + z * -0.0604018271f))));
    return copy_sign4(from + (u + u * p), x);
}

// asin of at most 1/2 by a fit of (asin x / x - 1) / x^2 (6e-9).
static float4 asin_near4(float4 x, float4 z)
{
    return x + x * z * (0.166667536f + z * (0.0749524161f + z * (0.045477096f + z * (0.0241476111f + z * 0.0422185473f))));
}
// Above 1/2 through asin x = pi/2 - 2 asin sqrt((1 - x) / 2). 4e-7, acos 4e-7 absolute.
static float4 arc4(float4 x, bool cosine)
{
    float4 a = abs4(x);
    bool4 near = LESS4(a, SPLAT4(0.5f));
    float4 z = SELECT4((1.0f - a) * 0.5f, a * a, near);
    float4 root = SELECT4(sqrt(max(z, SPLAT4(0.0f))), a, near);
    float4 arc = asin_near4(root, z);
    bool4 negative = LESS_INT4(AS_INT4(x), SPLAT_INT4(0));
    float4 y = copy_sign4(SELECT4(1.57079633f - 2.0f * arc, arc, near), x);
    if (cosine) y = SELECT4(SELECT4(2.0f * arc, 3.14159265f - 2.0f * arc, negative), 1.57079633f - copy_sign4(arc, x), near);
    return SELECT4(y, nan4(), LESS4(SPLAT4(1.0f), a));
}

// e^a / 2 with a = |x| is given; below 0.5 the Maclaurin series, first omitted term 2e-9. 3e-7.
static float4 sinh_of4(float4 x, float4 part)
{
    float4 z = min(x * x, SPLAT4(1.0f));
    float4 near = x + x * z * (0.166666667f + z * (8.33333333e-3f + z * 1.98412698e-4f));
    return SELECT4(copy_sign4(part - 0.25f / part, x), near, LESS4(abs4(x), SPLAT4(0.5f)));
}

// sign x ln(a + sqrt(a^2 + 1)) as ln(1 + a + a^2 / (1 + sqrt(a^2 + 1))); ln 2a where the square would overflow. 5e-7.
static float4 asinh4(float4 x)
{
    float4 a = abs4(x);
    bool4 large = LESS4(SPLAT4(1e9f), a);
    float4 b = min(a, SPLAT4(1e9f));
    float4 y = log_plus_one4(SELECT4(b + b * b / (1.0f + sqrt(b * b + 1.0f)), a, large));
    return copy_sign4(SELECT4(y, y + 0.693147181f, large), x);
}

// ln(x + sqrt(x^2 - 1)) as ln(1 + d + sqrt(d (x + 1))) with d = x - 1. 5e-7.
static float4 acosh4(float4 x)
{
    bool4 large = LESS4(SPLAT4(1e9f), x);
    float4 d = min(x, SPLAT4(1e9f)) - 1.0f;
    float4 y = log_plus_one4(SELECT4(d + sqrt(max(d * (d + 2.0f), SPLAT4(0.0f))), x, large));
    return SELECT4(SELECT4(y, y + 0.693147181f, large), nan4(), LESS4(x, SPLAT4(1.0f)));
}

// ln((1 + a) / (1 - a)) / 2 as ln(1 + 2a / (1 - a)) / 2. 5e-7.
static float4 atanh4(float4 x)
{
    float4 a = abs4(x);
    float4 y = 0.5f * log_plus_one4(2.0f * a / (1.0f - a));
    y = SELECT4(y, infinity4(), EQUAL4(a, SPLAT4(1.0f)));
    return SELECT4(copy_sign4(y, x), nan4(), LESS4(SPLAT4(1.0f), a));
}

static float4 apply_function4(float4 x)
{
    if (ACTIVATION == Abs) return abs4(x);
    if (ACTIVATION == Neg) return -x;
    if (ACTIVATION == Sign) return SELECT4(copy_sign4(SPLAT4(1.0f), x), SPLAT4(0.0f), EQUAL_INT4(AS_INT4(x) & 0x7fffffff, SPLAT_INT4(0)));
    if (ACTIVATION == Reciprocal) return 1.0f / x;
    if (ACTIVATION == Sqrt) return sqrt(x);
    if (ACTIVATION == Square) return x * x;
    if (ACTIVATION == Log) return log4(x);
    if (ACTIVATION == Floor) return floor(x);
    if (ACTIVATION == Ceil) return ceil(x);
    if (ACTIVATION == Round) return ROUND_EVEN(x);
    if (ACTIVATION == Sin || ACTIVATION == Cos || ACTIVATION == Tan) return trigonometric4(x, ACTIVATION);
    if (ACTIVATION == Asin || ACTIVATION == Acos) return arc4(x, ACTIVATION == Acos);
    if (ACTIVATION == Atan) return atan4(x);
    if (ACTIVATION == Asinh) return asinh4(x);
    if (ACTIVATION == Acosh) return acosh4(x);
    if (ACTIVATION == Atanh) return atanh4(x);
    float4 e = exp_scaled4(ACTIVATION == Exp ? x : ACTIVATION == Erf ? -x * x : abs4(x), ACTIVATION == Sinh || ACTIVATION == Cosh ? -1.0f : 0.0f);
    if (ACTIVATION == Erf) return erf_of4(x, e);
    if (ACTIVATION == Sinh) return sinh_of4(x, e);
    if (ACTIVATION == Cosh) return e + 0.25f / e;
    return e;
}

#define function4(a0_) function4_of(given_, a0_)
static float4 function4_of(const Given given_, float4 x)
{
    if (ACTIVATION == Tanh || (ACTIVATION >= Relu && ACTIVATION <= Shrink)) return activate4(x);
    if (ACTIVATION == Identity) return x;
    bool4 undefined = is_nan4(x);
    return SELECT4(apply_function4(x), x, undefined);
}
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_unary(__global const stored4* restrict x, __global stored4* restrict y, const Given given_)
{
ADVANCE_STORED4(x, given_.x_at);
ADVANCE_STORED4(y, given_.y_at);
{
    int first = GLOBAL_INDEX() * VECTORS;
    float4 values[VECTORS];
    for (int i = 0; i < VECTORS; i++) values[i] = LOAD(x, min(first + i, p.count4 - 1));
    for (int i = 0; i < VECTORS; i++) values[i] = function4(values[i]);
    for (int i = 0; i < VECTORS; i++)
        if (first + i < p.count4) STORE(y, first + i, values[i]);
}
}
