//: constant int PIXELS 8
//: constant int OUTPUTS 2
//: constant int DEPTH 4
//: size int COUNT 1
//: size int C 4
//: size int CG 4
//: size int O 4
//: size int OG 4
//: size int RC 0
//: constant int LANES 4
//: constant int IN_FOURS 1
//: flag int OUT_FOURS 1
//: flag int RESIDUAL 0
//: constant int FOLDED 0
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
//: name edgert_conv_tiled
//: name Given
//: macro COUNT
//: macro C
//: macro CG
//: macro O
//: macro OG
//: macro RC
//: macro OUT_FOURS
//: macro RESIDUAL
//: macro ALPHA
//: macro BETA
//: macro LOAD_x4
//: macro LOAD_x1
//: macro LOAD_weight
//: macro LOAD_bias
//: macro LOAD_residual4
//: macro LOAD_residual1
//: macro STORE_y4
//: macro STORE_y1
//: macro activate_exponential4
//: macro apply_activation4
//: macro activate4
//: macro activate
//: macro UNROLL
//: macro CQ
//: macro OQ
//: macro FOUR_OF
//: macro INPUT4
//: macro RESIDUAL4
//: macro RESULTS
//: macro INPUT4_WHERE
//: macro FINISHING
//: macro UNROLL_UNLESS_FOLDED
//: macro ROLLED
//: macro results
//: macro INPUT1
//: macro RESIDUAL1
//: macro MULTIPLY
//: macro FINISH
typedef struct { int x4_at; int x1_at; int weight_at; int bias_at; int residual4_at; int residual1_at; int y4_at; int y1_at; int COUNT_; int C_; int CG_; int O_; int OG_; int RC_; int OUT_FOURS_; int RESIDUAL_; float ALPHA_; float BETA_; } Given;
#ifndef COUNT
#define COUNT (given_.COUNT_)
#endif
#ifndef C
#define C (given_.C_)
#endif
#ifndef CG
#define CG (given_.CG_)
#endif
#ifndef O
#define O (given_.O_)
#endif
#ifndef OG
#define OG (given_.OG_)
#endif
#ifndef RC
#define RC (given_.RC_)
#endif
#ifndef OUT_FOURS
#define OUT_FOURS (given_.OUT_FOURS_)
#endif
#ifndef RESIDUAL
#define RESIDUAL (given_.RESIDUAL_)
#endif
#ifndef ALPHA
#define ALPHA (given_.ALPHA_)
#endif
#ifndef BETA
#define BETA (given_.BETA_)
#endif
#define LOAD_x4(at_) LOAD_STORED4(x4, at_)
#define LOAD_x1(at_) LOAD_STORED(x1, at_)
#define LOAD_weight(at_) LOAD_STORED4(weight, at_)
#define LOAD_bias(at_) LOAD_STORED4(bias, at_)
#define LOAD_residual4(at_) LOAD_STORED4(residual4, at_)
#define LOAD_residual1(at_) LOAD_STORED(residual1, at_)
#define STORE_y4(at_, value_) STORE_STORED4(y4, at_, value_)
#define STORE_y1(at_, value_) STORE_STORED(y1, at_, value_)
// 1x1 convolution as a product of matrices, for devices with fast shared memory: a workgroup of 8 x 8 invocations computes 8 PIXELS pixels x
// 8 OUTPUTS quads of outputs, and each of them PIXELS x OUTPUTS, eight apart. It goes through the input channels DEPTH quads at a time, whose
// inputs and weights it copies to shared memory. Operands as those of conv_pointwise; channels are multiples of four.
// What all convolutions have in common: operands, reading four input channels, and the end of the work on four outputs of a pixel.
// x [pixels][C], bias [groups][quads][4], residual [pixels][RC], y [pixels][O]. Convolutions of G groups have CG = C / G channels and
// OG = O / G outputs in each; a quad is four neighbouring channels or outputs of one group, the last one filled up with zero weights.
// Operands of channels in fours are read and written as float4; others, one by one, through their second binding.
// What the sizes say and code depends on: input channels of a group up to four, whether those of a group and its outputs come in fours, and
// whether there is a residual that is read one by one (1) or in fours (2).
// 1 in OpenCL C for a processor, whose driver compiles slowly: what the sums become is written once, in a loop, and all channels are read as if they
// were of no known number.
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
// Before a loop whose number of turns is known when the pipeline is made and small: arrays that it indexes then live in registers.
#ifdef __OPENCL_C_VERSION__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL [[unroll]]
#endif

// Quads in a group.
#define CQ ((CG + 3) / 4)
#define OQ ((OG + 3) / 4)

#ifdef __OPENCL_C_VERSION__
#if FOLDED == 1
// The first `count` of four neighbours, which begin anywhere, and zeros.
#define FOUR_OF(buffer, at, count) SELECT4(SPLAT4(0.0f), LOAD_ANYWHERE(buffer, at), LESS_INT4(INT4(0, 1, 2, 3), SPLAT_INT4(count)))
#define INPUT4(pixel, first, quad) FOUR_OF(x1, (pixel) * C + (first) + (quad) * 4, CG - (quad) * 4)
#define RESIDUAL4(pixel, output) FOUR_OF(residual1, (pixel) * RC + min(output, RC - 1), RC - (output))
#define RESULTS(length) float4 results[length]; UNROLL for (int r_ = 0; r_ < (length); r_++) results[r_] = sum[r_];
#define INPUT4_WHERE(condition, pixel, first, quad) FOUR_OF(x1, (pixel) * C + (first) + (quad) * 4, (condition) ? CG - (quad) * 4 : 0)
#define FINISHING ROLLED
#define UNROLL_UNLESS_FOLDED ROLLED
#define ROLLED _Pragma("unroll 1")
#endif
#endif
#ifndef ROLLED
// Before loops that compilers are not to unroll.
#define ROLLED
// Before what is made of the sums: an array of them, and a loop over it.
#define RESULTS(length)
#define results sum
#define FINISHING UNROLL
#define UNROLL_UNLESS_FOLDED UNROLL
#endif

#ifndef INPUT4
// Input channel number `channel` of a group whose first channel is `first`; zero beyond the group's last one.
#define INPUT1(pixel, first, channel) \
    SELECT(TO_REAL(0.0f), LOAD(x1, (pixel) * C + (first) + min(channel, CG - 1)), (channel) < CG)

// Quad `quad` of the input channels of a group whose first channel is `first`.
#define INPUT4(pixel, first, quad) \
    (IN_FOURS == 1 ? LOAD(x4, (pixel) * (C / 4) + (first) / 4 + (quad)) \
    : TO_REAL4(FLOAT4(INPUT1(pixel, first, (quad) * 4), INPUT1(pixel, first, (quad) * 4 + 1), \
        INPUT1(pixel, first, (quad) * 4 + 2), INPUT1(pixel, first, (quad) * 4 + 3))))

// The same where a condition holds, else zero.
#define INPUT4_WHERE(condition, pixel, first, quad) SELECT(SPLAT_REAL4(0.0f), INPUT4(pixel, first, quad), condition)

#define RESIDUAL1(pixel, channel) \
    SELECT(0.0f, TO_FLOAT(LOAD(residual1, (pixel) * RC + min(channel, RC - 1))), (channel) < RC)

#define RESIDUAL4(pixel, output) \
    (RESIDUAL == 2 \
    ? SELECT(SPLAT4(0.0f), TO_FLOAT4(LOAD(residual4, (pixel) * (RC / 4) + min((output) / 4, RC / 4 - 1))), (output) < RC) \
    : FLOAT4(RESIDUAL1(pixel, output), RESIDUAL1(pixel, (output) + 1), RESIDUAL1(pixel, (output) + 2), RESIDUAL1(pixel, (output) + 3)))
#endif

// Adds four inputs times their four weights each; those beyond the channels of a small group are left out.
#define MULTIPLY(sum, in4, w0, w1, w2, w3) \
    if (LANES == 1) sum += in4.x * w0; \
    else if (LANES == 2) sum += in4.x * w0 + in4.y * w1; \
    else if (LANES == 3) sum += in4.x * w0 + in4.y * w1 + in4.z * w2; \
    else sum += in4.x * w0 + in4.y * w1 + in4.z * w2 + in4.w * w3;

// Adds the residual to four sums, applies the activation and stores: outputs first + 4 quad and on of a group whose first is `first`.
#define FINISH(pixel, first, quad, sum) \
{ \
    float4 value = TO_FLOAT4(sum); \
    int channel = (first) + (quad) * 4; \
    if (RESIDUAL > 0) value += RESIDUAL4(pixel, channel); \
    value = activate4(value); \
    if (OUT_FOURS == 1) STORE(y4, (pixel) * (O / 4) + channel / 4, value); \
    else \
    { \
        STORE(y1, (pixel) * O + channel, value.x); \
        if ((quad) * 4 + 1 < OG) STORE(y1, (pixel) * O + channel + 1, value.y); \
        if ((quad) * 4 + 2 < OG) STORE(y1, (pixel) * O + channel + 2, value.z); \
        if ((quad) * 4 + 3 < OG) STORE(y1, (pixel) * O + channel + 3, value.w); \
    } \
}
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_conv_tiled(__global const stored4* restrict x4, __global const stored* restrict x1, __global const stored4* restrict weight, __global const stored4* restrict bias, __global const stored4* restrict residual4, __global const stored* restrict residual1, __global stored4* restrict y4, __global stored* restrict y1, const Given given_)
{
ADVANCE_STORED4(x4, given_.x4_at);
ADVANCE_STORED(x1, given_.x1_at);
ADVANCE_STORED4(weight, given_.weight_at);
ADVANCE_STORED4(bias, given_.bias_at);
ADVANCE_STORED4(residual4, given_.residual4_at);
ADVANCE_STORED(residual1, given_.residual1_at);
ADVANCE_STORED4(y4, given_.y4_at);
ADVANCE_STORED(y1, given_.y1_at);
__local real4 inputs[8 * PIXELS * DEPTH];
__local real4 weights[8 * OUTPUTS * DEPTH * 4];
{
    int tiles = (COUNT + 8 * PIXELS - 1) / (8 * PIXELS);
    int group = GLOBAL_INDEX() / 64;
    int here = LOCAL_INDEX();
    int across = here % 8;
    int down = here / 8;
    int pixel = (group % tiles) * 8 * PIXELS;
    int quad = (group / tiles) * 8 * OUTPUTS;

    real4 sum[PIXELS * OUTPUTS];
    UNROLL for (int o = 0; o < OUTPUTS; o++)
    {
        real4 start = LOAD(bias, min(quad + down + 8 * o, OQ - 1));
        UNROLL for (int p = 0; p < PIXELS; p++) sum[o * PIXELS + p] = start;
    }
    for (int first = 0; first < CQ; first += DEPTH)
    {
        // Shared memory is [quads of inputs][pixels] and [quads of inputs][4 inputs][quads of outputs]; quads beyond the last are zero.
        for (int i = here; i < 8 * PIXELS * DEPTH; i += 64)
        {
            int c = first + i % DEPTH;
            real4 v = LOAD(x4, min(pixel + i / DEPTH, COUNT - 1) * CQ + min(c, CQ - 1));
            inputs[i % DEPTH * (8 * PIXELS) + i / DEPTH] = SELECT(SPLAT_REAL4(0.0f), v, c < CQ);
        }
        for (int i = here; i < 8 * OUTPUTS * DEPTH * 4; i += 64)
        {
            int c = first + i / 4 % DEPTH;
            int o = i / (4 * DEPTH);
            real4 w = LOAD(weight, (min(quad + o, OQ - 1) * CQ + min(c, CQ - 1)) * 4 + i % 4);
            weights[i % (4 * DEPTH) * (8 * OUTPUTS) + o] = SELECT(SPLAT_REAL4(0.0f), w, c < CQ);
        }
        BARRIER();
        for (int c = 0; c < DEPTH; c++)
        {
            real4 xs[PIXELS];
            UNROLL for (int p = 0; p < PIXELS; p++) xs[p] = inputs[c * (8 * PIXELS) + across + 8 * p];
            UNROLL for (int o = 0; o < OUTPUTS; o++)
            {
                int at = c * 4 * (8 * OUTPUTS) + down + 8 * o;
                real4 w0 = weights[at];
                real4 w1 = weights[at + 8 * OUTPUTS];
                real4 w2 = weights[at + 2 * (8 * OUTPUTS)];
                real4 w3 = weights[at + 3 * (8 * OUTPUTS)];
                UNROLL for (int p = 0; p < PIXELS; p++) { MULTIPLY(sum[o * PIXELS + p], xs[p], w0, w1, w2, w3) }
            }
        }
        BARRIER();
    }
    UNROLL for (int o = 0; o < OUTPUTS; o++)
        UNROLL for (int p = 0; p < PIXELS; p++)
        {
            int at = pixel + across + 8 * p;
            int channels = quad + down + 8 * o;
            if (at < COUNT && channels < OQ) FINISH(at, 0, channels, sum[o * PIXELS + p])
        }
}
}
