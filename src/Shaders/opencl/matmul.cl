//: constant int TILE_ROWS 4
//: constant int TILE_COLUMNS 1
//: constant int GROUP 64
//: constant int SPLIT 1
//: size int BATCH 1
//: size int BATCH1 1
//: size int BATCH2 1
//: size int BATCH3 1
//: size int M 1
//: size int N 1
//: size int K 1
//: constant int A_LANES 0
//: size int A_BATCH0 0
//: size int A_BATCH1 0
//: size int A_BATCH2 0
//: size int A_BATCH3 0
//: size int A_ROW 1
//: size int A_INNER 1
//: constant int B_LANES 0
//: size int B_BATCH0 0
//: size int B_BATCH1 0
//: size int B_BATCH2 0
//: size int B_BATCH3 0
//: size int B_INNER 1
//: size int B_COLUMN 1
//: constant int BIASED 0
//: constant int C_LANES 0
//: size int C_BATCH0 0
//: size int C_BATCH1 0
//: size int C_BATCH2 0
//: size int C_BATCH3 0
//: size int C_ROW 0
//: size int C_COLUMN 0
//: size float SCALE 1
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
//: name matrix_start_of
//: name edgert_matmul
//: name Given
//: macro BATCH
//: macro BATCH1
//: macro BATCH2
//: macro BATCH3
//: macro M
//: macro N
//: macro K
//: macro A_BATCH0
//: macro A_BATCH1
//: macro A_BATCH2
//: macro A_BATCH3
//: macro A_ROW
//: macro A_INNER
//: macro B_BATCH0
//: macro B_BATCH1
//: macro B_BATCH2
//: macro B_BATCH3
//: macro B_INNER
//: macro B_COLUMN
//: macro C_BATCH0
//: macro C_BATCH1
//: macro C_BATCH2
//: macro C_BATCH3
//: macro C_ROW
//: macro C_COLUMN
//: macro SCALE
//: macro ALPHA
//: macro BETA
//: macro LOAD_a
//: macro LOAD_a4
//: macro LOAD_b
//: macro LOAD_b4
//: macro LOAD_c
//: macro LOAD_c4
//: macro STORE_y
//: macro STORE_y4
//: macro activate_exponential4
//: macro apply_activation4
//: macro activate4
//: macro activate
//: macro matrix_start
//: macro ROW
//: macro COLUMN
//: macro INNER
//: macro OR_ZERO
//: macro A_SINGLE
//: macro A_ALONG_K
//: macro A_ALONG_M
//: macro B_SINGLE
//: macro B_ALONG_N
//: macro B_ALONG_K
//: macro SWAP_ROWS_AND_COLUMNS
//: macro LOAD_B
//: macro C_SINGLE
//: macro FINISH
typedef struct { int a_at; int a4_at; int b_at; int b4_at; int c_at; int c4_at; int y_at; int y4_at; int BATCH_; int BATCH1_; int BATCH2_; int BATCH3_; int M_; int N_; int K_; int A_BATCH0_; int A_BATCH1_; int A_BATCH2_; int A_BATCH3_; int A_ROW_; int A_INNER_; int B_BATCH0_; int B_BATCH1_; int B_BATCH2_; int B_BATCH3_; int B_INNER_; int B_COLUMN_; int C_BATCH0_; int C_BATCH1_; int C_BATCH2_; int C_BATCH3_; int C_ROW_; int C_COLUMN_; float SCALE_; float ALPHA_; float BETA_; } Given;
#ifndef BATCH
#define BATCH (given_.BATCH_)
#endif
#ifndef BATCH1
#define BATCH1 (given_.BATCH1_)
#endif
#ifndef BATCH2
#define BATCH2 (given_.BATCH2_)
#endif
#ifndef BATCH3
#define BATCH3 (given_.BATCH3_)
#endif
#ifndef M
#define M (given_.M_)
#endif
#ifndef N
#define N (given_.N_)
#endif
#ifndef K
#define K (given_.K_)
#endif
#ifndef A_BATCH0
#define A_BATCH0 (given_.A_BATCH0_)
#endif
#ifndef A_BATCH1
#define A_BATCH1 (given_.A_BATCH1_)
#endif
#ifndef A_BATCH2
#define A_BATCH2 (given_.A_BATCH2_)
#endif
#ifndef A_BATCH3
#define A_BATCH3 (given_.A_BATCH3_)
#endif
#ifndef A_ROW
#define A_ROW (given_.A_ROW_)
#endif
#ifndef A_INNER
#define A_INNER (given_.A_INNER_)
#endif
#ifndef B_BATCH0
#define B_BATCH0 (given_.B_BATCH0_)
#endif
#ifndef B_BATCH1
#define B_BATCH1 (given_.B_BATCH1_)
#endif
#ifndef B_BATCH2
#define B_BATCH2 (given_.B_BATCH2_)
#endif
#ifndef B_BATCH3
#define B_BATCH3 (given_.B_BATCH3_)
#endif
#ifndef B_INNER
#define B_INNER (given_.B_INNER_)
#endif
#ifndef B_COLUMN
#define B_COLUMN (given_.B_COLUMN_)
#endif
#ifndef C_BATCH0
#define C_BATCH0 (given_.C_BATCH0_)
#endif
#ifndef C_BATCH1
#define C_BATCH1 (given_.C_BATCH1_)
#endif
#ifndef C_BATCH2
#define C_BATCH2 (given_.C_BATCH2_)
#endif
#ifndef C_BATCH3
#define C_BATCH3 (given_.C_BATCH3_)
#endif
#ifndef C_ROW
#define C_ROW (given_.C_ROW_)
#endif
#ifndef C_COLUMN
#define C_COLUMN (given_.C_COLUMN_)
#endif
#ifndef SCALE
#define SCALE (given_.SCALE_)
#endif
#ifndef ALPHA
#define ALPHA (given_.ALPHA_)
#endif
#ifndef BETA
#define BETA (given_.BETA_)
#endif
#define LOAD_a(at_) LOAD_STORED(a, at_)
#define LOAD_a4(at_) LOAD_STORED4(a4, at_)
#define LOAD_b(at_) LOAD_STORED(b, at_)
#define LOAD_b4(at_) LOAD_STORED4(b4, at_)
#define LOAD_c(at_) LOAD_STORED(c, at_)
#define LOAD_c4(at_) LOAD_STORED4(c4, at_)
#define STORE_y(at_, value_) STORE_STORED(y, at_, value_)
#define STORE_y4(at_, value_) STORE_STORED4(y4, at_, value_)
// Product of matrices in registers: an invocation computes TILE_ROWS rows x TILE_COLUMNS groups of four columns. With SPLIT > 1 so many
// invocations of a workgroup take turns along the inner axis, and the first adds up what they have.
// y [batch][M][N] = activation(SCALE * a . b + c): what the kernels for products of matrices share. Strides count elements, or float4 where
// an operand is read in four lanes (A_LANES: 1 along K, 2 along M; B_LANES: 1 along N, 2 along K; C_LANES: 1 along N); 0 loads each element alone.
// Up to four axes number the matrices; each operand walks them in its own strides, 0 where it repeats.
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

// Where the matrix of a batch begins, for strides of the four axes.
#define matrix_start(a0_, a1_, a2_, a3_, a4_) matrix_start_of(given_, a0_, a1_, a2_, a3_, a4_)
static int matrix_start_of(const Given given_, int batch, int stride0, int stride1, int stride2, int stride3)
{
    return batch / (BATCH3 * BATCH2 * BATCH1) * stride0 + batch / (BATCH3 * BATCH2) % BATCH1 * stride1 + batch / BATCH3 % BATCH2 * stride2 + batch % BATCH3 * stride3;
}

// Rows and columns outside are those of the edge, and not stored; elements beyond K are zero.
#define ROW(m) min(m, M - 1)
#define COLUMN(n) min(n, N - 1)
#define INNER(k) (K % 4 == 0 ? (k) : min(k, K - 1))
#define OR_ZERO(k, v) (K % 4 == 0 || (k) < K ? (v) : SPLAT_REAL4(0.0f))

// Row m, elements k to k + 3.
#define A_SINGLE(m, k) (K % 4 == 0 || (k) < K ? LOAD(a, a_start + ROW(m) * A_ROW + INNER(k) * A_INNER) : TO_REAL(0.0f))
#define A_ALONG_K(m, k) (A_LANES == 1 ? LOAD(a4, a_start + ROW(m) * A_ROW + (k) / 4) \
    : TO_REAL4(FLOAT4(A_SINGLE(m, k), A_SINGLE(m, (k) + 1), A_SINGLE(m, (k) + 2), A_SINGLE(m, (k) + 3))))

// Element k of the rows m to m + 3, which lie side by side.
#define A_ALONG_M(m, k) OR_ZERO(k, LOAD(a4, a_start + min((m) / 4, M / 4 - 1) + INNER(k) * A_INNER))

// Element k of the columns n to n + 3.
#define B_SINGLE(k, n) LOAD(b, b_start + INNER(k) * B_INNER + COLUMN(n) * B_COLUMN)
#define B_ALONG_N(k, n) OR_ZERO(k, (B_LANES == 1 ? LOAD(b4, b_start + INNER(k) * B_INNER + min((n) / 4, (N + 3) / 4 - 1)) \
    : TO_REAL4(FLOAT4(B_SINGLE(k, n), B_SINGLE(k, (n) + 1), B_SINGLE(k, (n) + 2), B_SINGLE(k, (n) + 3)))))

// Column n, elements k to k + 3, which lie side by side.
#define B_ALONG_K(k, n) LOAD(b4, b_start + COLUMN(n) * B_COLUMN + (k) / 4)

// Four vectors as rows of a matrix, made its columns.
#define SWAP_ROWS_AND_COLUMNS(r0, r1, r2, r3) \
    { \
        real4 q0 = r0; real4 q1 = r1; real4 q2 = r2; real4 q3 = r3; \
        r0 = TO_REAL4(FLOAT4(q0.x, q1.x, q2.x, q3.x)); \
        r1 = TO_REAL4(FLOAT4(q0.y, q1.y, q2.y, q3.y)); \
        r2 = TO_REAL4(FLOAT4(q0.z, q1.z, q2.z, q3.z)); \
        r3 = TO_REAL4(FLOAT4(q0.w, q1.w, q2.w, q3.w)); \
    }

// The elements k to k + 3 of the columns n to n + 3, one k each.
#define LOAD_B(k, n, b0, b1, b2, b3) \
    if (B_LANES == 2) \
    { \
        b0 = B_ALONG_K(k, n); \
        b1 = B_ALONG_K(k, (n) + 1); \
        b2 = B_ALONG_K(k, (n) + 2); \
        b3 = B_ALONG_K(k, (n) + 3); \
        SWAP_ROWS_AND_COLUMNS(b0, b1, b2, b3) \
    } \
    else \
    { \
        b0 = B_ALONG_N(k, n); \
        b1 = B_ALONG_N((k) + 1, n); \
        b2 = B_ALONG_N((k) + 2, n); \
        b3 = B_ALONG_N((k) + 3, n); \
    }

#define C_SINGLE(m, n) LOAD(c, c_start + ROW(m) * C_ROW + COLUMN(n) * C_COLUMN)

// Stores the columns n to n + 3 of row m, with all that follows the sum.
#define FINISH(m, n, sum) \
    { \
        float4 result = (sum) * SCALE; \
        if (BIASED == 1) \
            result += C_LANES == 1 ? TO_FLOAT4(LOAD(c4, c_start + ROW(m) * C_ROW + min((n) / 4, (N + 3) / 4 - 1))) \
                : FLOAT4(C_SINGLE(m, n), C_SINGLE(m, (n) + 1), C_SINGLE(m, (n) + 2), C_SINGLE(m, (n) + 3)); \
        result = activate4(result); \
        int to = (batch * M + (m)) * N + (n); \
        if (N % 4 == 0) \
        { \
            if (writes && (m) < M && (n) < N) STORE(y4, to / 4, result); \
        } \
        else \
        { \
            if (writes && (m) < M && (n) < N) STORE(y, to, result.x); \
            if (writes && (m) < M && (n) + 1 < N) STORE(y, to + 1, result.y); \
            if (writes && (m) < M && (n) + 2 < N) STORE(y, to + 2, result.z); \
            if (writes && (m) < M && (n) + 3 < N) STORE(y, to + 3, result.w); \
        } \
    }
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_matmul(__global const stored* restrict a, __global const stored4* restrict a4, __global const stored* restrict b, __global const stored4* restrict b4, __global const stored* restrict c, __global const stored4* restrict c4, __global stored* restrict y, __global stored4* restrict y4, const Given given_)
{
ADVANCE_STORED(a, given_.a_at);
ADVANCE_STORED4(a4, given_.a4_at);
ADVANCE_STORED(b, given_.b_at);
ADVANCE_STORED4(b4, given_.b4_at);
ADVANCE_STORED(c, given_.c_at);
ADVANCE_STORED4(c4, given_.c4_at);
ADVANCE_STORED(y, given_.y_at);
ADVANCE_STORED4(y4, given_.y4_at);
__local float4 parts[SPLIT > 1 ? GROUP : 1];
{
    int lane = LOCAL_INDEX();
    int slice = lane / (GROUP / SPLIT);
    int index = GLOBAL_INDEX() / GROUP * (GROUP / SPLIT) + lane % (GROUP / SPLIT);
    int across = (N + TILE_COLUMNS * 4 - 1) / (TILE_COLUMNS * 4);
    int down = (M + TILE_ROWS - 1) / TILE_ROWS;
    int column = index % across * (TILE_COLUMNS * 4);
    int row = index / across % down * TILE_ROWS;
    int batch = index / across / down;
    bool writes = batch < BATCH && slice == 0;
    batch = min(batch, BATCH - 1);
    int a_start = matrix_start(batch, A_BATCH0, A_BATCH1, A_BATCH2, A_BATCH3);
    int b_start = matrix_start(batch, B_BATCH0, B_BATCH1, B_BATCH2, B_BATCH3);
    int c_start = matrix_start(batch, C_BATCH0, C_BATCH1, C_BATCH2, C_BATCH3);

    real4 sum[TILE_ROWS * TILE_COLUMNS];
    for (int t = 0; t < TILE_ROWS * TILE_COLUMNS; t++) sum[t] = SPLAT_REAL4(0.0f);
    for (int k = slice * 4; k < K; k += SPLIT * 4)
    {
        real4 left[TILE_ROWS];
        if (A_LANES == 2)
            for (int r = 0; r < TILE_ROWS; r += 4)
            {
                left[r] = A_ALONG_M(row + r, k);
                left[r + 1] = A_ALONG_M(row + r, k + 1);
                left[r + 2] = A_ALONG_M(row + r, k + 2);
                left[r + 3] = A_ALONG_M(row + r, k + 3);
                SWAP_ROWS_AND_COLUMNS(left[r], left[r + 1], left[r + 2], left[r + 3])
            }
        else
            for (int r = 0; r < TILE_ROWS; r++) left[r] = A_ALONG_K(row + r, k);
        for (int t = 0; t < TILE_COLUMNS; t++)
        {
            int n = column + t * 4;
            real4 b0;
            real4 b1;
            real4 b2;
            real4 b3;
            LOAD_B(k, n, b0, b1, b2, b3)
            for (int r = 0; r < TILE_ROWS; r++)
            {
                real4 v = left[r];
                sum[t * TILE_ROWS + r] += v.x * b0 + v.y * b1 + v.z * b2 + v.w * b3;
            }
        }
    }
    for (int t = 0; t < TILE_COLUMNS; t++)
        for (int r = 0; r < TILE_ROWS; r++)
        {
            float4 total = TO_FLOAT4(sum[t * TILE_ROWS + r]);
            if (SPLIT > 1)
            {
                parts[lane] = total;
                BARRIER();
                for (int s = 1; s < SPLIT; s++) total += parts[(lane + s * (GROUP / SPLIT)) % GROUP];
                BARRIER();
            }
            FINISH(row + r, column + t * 4, total)
        }
}
}
