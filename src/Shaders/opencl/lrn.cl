//: constant int COUNT 1
//: constant int CHANNELS 1
//: constant int BEFORE 0
//: constant int AFTER 0
//: constant float FACTOR 0
//: constant float BIAS 1
//: constant float BETA 0
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
//: name edgert_lrn
//: name Given
//: macro LOAD_x
//: macro STORE_y
typedef struct { int x_at; int y_at; } Given;
#define LOAD_x(at_) LOAD_STORED(x, at_)
#define STORE_y(at_, value_) STORE_STORED(y, at_, value_)
// Local response normalisation: x / (BIAS + FACTOR * sum of the squares of its neighbours among the channels)^BETA, one element each.
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
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_lrn(__global const stored* restrict x, __global stored* restrict y, const Given given_)
{
ADVANCE_STORED(x, given_.x_at);
ADVANCE_STORED(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    int at = min(index, COUNT - 1);
    int channel = at % CHANNELS;
    float sum = 0.0f;
    for (int other = max(channel - BEFORE, 0); other <= min(channel + AFTER, CHANNELS - 1); other++)
    {
        float v = TO_FLOAT(LOAD(x, at - channel + other));
        sum += v * v;
    }
    float power = exp4(log4(SPLAT4(BIAS + FACTOR * sum)) * BETA).x;
    if (index < COUNT) STORE(y, index, TO_FLOAT(LOAD(x, at)) / power);
}
}
