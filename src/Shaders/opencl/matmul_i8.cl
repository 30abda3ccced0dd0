//: size int COUNT 1
//: size int M 1
//: size int N 1
//: size int K 1
//: constant int FOURS 0
//: constant int TILE_ROWS 1
//: size int MATRICES 1
//: size int BATCH1 1
//: size int BATCH2 1
//: size int BATCH3 1
//: size int A_BATCH0 0
//: size int A_BATCH1 0
//: size int A_BATCH2 0
//: size int A_BATCH3 0
//: size int B_BATCH0 0
//: size int B_BATCH1 0
//: size int B_BATCH2 0
//: size int B_BATCH3 0
//: constant uint FLIP 0
//: constant uint FLIP_B 0
//: size int ZERO_A 0
//: constant int REALS 0
//: constant int SUMMED 0
//: size int ZERO_POINT 0
//: size int LOWEST 0
//: size int HIGHEST 255
//: constant int FUNCTION 0
//: size float ALPHA 0
//: size float BETA 0
//: constant int CLAMPS 0
//: size float LEAST 0
//: size float MOST 0
//: name words4
//: name byte_of
//: name sigmoid_of4_of
//: name function_of4_of
//: name scaled4
//: name reals4_of
//: name bytes_of4_of
//: name columns4
//: name matrix_start_of
//: name edgert_matmul_i8
//: name Given
//: macro COUNT
//: macro M
//: macro N
//: macro K
//: macro MATRICES
//: macro BATCH1
//: macro BATCH2
//: macro BATCH3
//: macro A_BATCH0
//: macro A_BATCH1
//: macro A_BATCH2
//: macro A_BATCH3
//: macro B_BATCH0
//: macro B_BATCH1
//: macro B_BATCH2
//: macro B_BATCH3
//: macro ZERO_A
//: macro ZERO_POINT
//: macro LOWEST
//: macro HIGHEST
//: macro ALPHA
//: macro BETA
//: macro LEAST
//: macro MOST
//: macro LOAD_a
//: macro LOAD_b
//: macro LOAD_channel
//: macro LOAD_channel1
//: macro STORE_y
//: macro STORE_yf
//: macro sigmoid_of4
//: macro function_of4
//: macro reals4
//: macro bytes_of4
//: macro UNROLL
//: macro matrix_start
//: macro A_START
//: macro B_START
//: macro A_BYTE
//: macro STORE_REALS
typedef struct { int a_at; int b_at; int channel_at; int channel1_at; int y_at; int yf_at; int COUNT_; int M_; int N_; int K_; int MATRICES_; int BATCH1_; int BATCH2_; int BATCH3_; int A_BATCH0_; int A_BATCH1_; int A_BATCH2_; int A_BATCH3_; int B_BATCH0_; int B_BATCH1_; int B_BATCH2_; int B_BATCH3_; int ZERO_A_; int ZERO_POINT_; int LOWEST_; int HIGHEST_; float ALPHA_; float BETA_; float LEAST_; float MOST_; } Given;
#ifndef COUNT
#define COUNT (given_.COUNT_)
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
#ifndef MATRICES
#define MATRICES (given_.MATRICES_)
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
#ifndef ZERO_A
#define ZERO_A (given_.ZERO_A_)
#endif
#ifndef ZERO_POINT
#define ZERO_POINT (given_.ZERO_POINT_)
#endif
#ifndef LOWEST
#define LOWEST (given_.LOWEST_)
#endif
#ifndef HIGHEST
#define HIGHEST (given_.HIGHEST_)
#endif
#ifndef ALPHA
#define ALPHA (given_.ALPHA_)
#endif
#ifndef BETA
#define BETA (given_.BETA_)
#endif
#ifndef LEAST
#define LEAST (given_.LEAST_)
#endif
#ifndef MOST
#define MOST (given_.MOST_)
#endif
#define LOAD_a(at_) LOAD_PLAIN(a, at_)
#define LOAD_b(at_) LOAD_PLAIN(b, at_)
#define LOAD_channel(at_) LOAD_PLAIN(channel, at_)
#define LOAD_channel1(at_) LOAD_PLAIN(channel1, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
#define STORE_yf(at_, value_) STORE_STORED(yf, at_, value_)
// Product of matrices of bytes that are both computed: a [matrices][M][K], b [matrices][K][N], four bytes to a word wherever rows begin; y [matrices][M][N].
// An invocation computes four neighbouring results: of one row where N is a multiple of four (FOURS), TILE_ROWS such rows then.
// FLIP and ZERO_A are for a what FLIP and the zero point are for convolutions; FLIP_B turns b. channel [quads of columns], see i8_sums: zero points are b's.
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
// The end of convolutions and products of bytes: sums of 32 bits, which wrap around, become bytes or reals. docs/numerics.md is the rule.
// channel: for each four outputs, four vectors of bits: what is added to the sums, the floats that they are multiplied by, the floats that values of a
// function are multiplied by, and the zero points of the weights, which count where SUMMED is 1.
// Kernels whose results must have certain bits: each operation is rounded by itself, and none is contracted into a fused multiply-add. In GLSL it is
// PRECISE that sees to it, before the declaration of what is computed.
#ifdef __OPENCL_C_VERSION__
#pragma OPENCL FP_CONTRACT OFF
#endif

// 1 / (1 + 2 to the power of u), of products, sums and integers alone.
#define sigmoid_of4(a0_) sigmoid_of4_of(given_, a0_)
static float4 sigmoid_of4_of(const Given given_, float4 u)
{
    float4 inside = clamp(u, SPLAT4(-64.0f), SPLAT4(64.0f));
    float4 n = ROUND_EVEN(inside);
    PRECISE float4 d = inside - n;
    PRECISE float4 p3 = d * 0.00966636836528778f;
    PRECISE float4 s3 = 0.055921975523233414f + p3;
    PRECISE float4 p2 = d * s3;
    PRECISE float4 s2 = 0.2402234971523285f + p2;
    PRECISE float4 p1 = d * s2;
    PRECISE float4 s1 = 0.6931210160255432f + p1;
    PRECISE float4 p0 = d * s1;
    PRECISE float4 s0 = 1.0f + p0;
    PRECISE float4 power = s0 * AS_FLOAT4((TO_INT4(n) + 127) << 23);
    PRECISE float4 sum = 1.0f + power;
    float4 r0 = AS_FLOAT4(SPLAT_INT4(0x7EF311C7) - AS_INT4(sum));
    PRECISE float4 a1 = sum * r0;
    PRECISE float4 b1 = 2.0f - a1;
    PRECISE float4 r1 = r0 * b1;
    PRECISE float4 a2 = sum * r1;
    PRECISE float4 b2 = 2.0f - a2;
    PRECISE float4 r2 = r1 * b2;
    return r2;
}

// The function of the reals that sums stand for; ALPHA is the exponent's factor for swish.
#define function_of4(a0_) function_of4_of(given_, a0_)
static float4 function_of4_of(const Given given_, float4 v)
{
    PRECISE float4 product = v * ALPHA;
    if (FUNCTION == LeakyRelu) return SELECT4(v, product, LESS4(v, SPLAT4(0.0f)));
    if (FUNCTION == HardSwish)
    {
        PRECISE float4 line = product + BETA;
        PRECISE float4 value = v * clamp(line, SPLAT4(0.0f), SPLAT4(1.0f));
        return value;
    }
    PRECISE float4 result = v * sigmoid_of4(product);
    return result;
}

// Sums as reals; also as steps of the result, where no function is between.
static float4 scaled4(int4 sum, uint4 scale)
{
    PRECISE float4 product = TO_FLOAT4(sum) * AS_FLOAT4(SIGNED4(scale));
    return product;
}

#define reals4(a0_, a1_) reals4_of(given_, a0_, a1_)
static float4 reals4_of(const Given given_, int4 sum, uint4 scale)
{
    float4 v = scaled4(sum, scale);
    if ((CLAMPS & 1) != 0) v = max(v, SPLAT4(LEAST));
    if ((CLAMPS & 2) != 0) v = min(v, SPLAT4(MOST));
    return v;
}

// Sums of four outputs as four bytes in a word.
#define bytes_of4(a0_, a1_, a2_) bytes_of4_of(given_, a0_, a1_, a2_)
static uint bytes_of4_of(const Given given_, int4 sum, uint4 scale, uint4 gain)
{
    float4 steps = scaled4(sum, scale);
    if (FUNCTION != Identity)
    {
        PRECISE float4 gained = function_of4(steps) * AS_FLOAT4(SIGNED4(gain));
        steps = gained;
    }
    float4 inside = clamp(ROUND_EVEN(steps), SPLAT4(TO_FLOAT(LOWEST - ZERO_POINT)), SPLAT4(TO_FLOAT(HIGHEST - ZERO_POINT)));
    uint4 bytes = UNSIGNED4(TO_INT4(inside) + ZERO_POINT) & 255u;
    return bytes.x | (bytes.y << 8) | (bytes.z << 16) | (bytes.w << 24);
}
// Before a loop whose number of turns is known when the pipeline is made and small: arrays that it indexes then live in registers.
#ifdef __OPENCL_C_VERSION__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL [[unroll]]
#endif

static int4 columns4(uint word)
{
    return INT4(TO_INT(word & 255u), TO_INT((word >> 8) & 255u), TO_INT((word >> 16) & 255u), TO_INT(word >> 24));
}

// Where the matrix of a batch begins, for strides of the four axes.
#define matrix_start(a0_, a1_, a2_, a3_, a4_) matrix_start_of(given_, a0_, a1_, a2_, a3_, a4_)
static int matrix_start_of(const Given given_, int batch, int stride0, int stride1, int stride2, int stride3)
{
    return batch / (BATCH3 * BATCH2 * BATCH1) * stride0 + batch / (BATCH3 * BATCH2) % BATCH1 * stride1 + batch / BATCH3 % BATCH2 * stride2 + batch % BATCH3 * stride3;
}
#define A_START(batch) matrix_start(batch, A_BATCH0, A_BATCH1, A_BATCH2, A_BATCH3)
#define B_START(batch) matrix_start(batch, B_BATCH0, B_BATCH1, B_BATCH2, B_BATCH3)
#define A_BYTE(at) (TO_INT(byte_of(LOAD(a, (at) >> 2) ^ FLIP, at)) - ZERO_A)

#define STORE_REALS(at, v, valid, most) \
    if (valid) STORE(yf, at, v.x); \
    if (valid && (at) + 1 < (most)) STORE(yf, (at) + 1, v.y); \
    if (valid && (at) + 2 < (most)) STORE(yf, (at) + 2, v.z); \
    if (valid && (at) + 3 < (most)) STORE(yf, (at) + 3, v.w);
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_matmul_i8(__global const uint* restrict a, __global const uint* restrict b, __global const uint4* restrict channel, __global const uint* restrict channel1, __global uint* restrict y, __global stored* restrict yf, const Given given_)
{
ADVANCE_PLAIN(a, given_.a_at);
ADVANCE_PLAIN(b, given_.b_at);
ADVANCE_PLAIN(channel, given_.channel_at);
ADVANCE_PLAIN(channel1, given_.channel1_at);
ADVANCE_PLAIN(y, given_.y_at);
ADVANCE_STORED(yf, given_.yf_at);
{
    int index = GLOBAL_INDEX();
    if (FOURS == 1)
    {
        int bands = (M + TILE_ROWS - 1) / TILE_ROWS;
        int quad = index % (N / 4);
        int band = index / (N / 4);
        int row = band % bands * TILE_ROWS;
        int batch = min(band / bands, MATRICES - 1);
        bool used = band < bands * MATRICES;
        int startA = A_START(batch);
        int startB = B_START(batch) / 4 + quad;
        int4 zero = SIGNED4(LOAD(channel, quad * 4 + 3));
        int4 sum[TILE_ROWS];
        UNROLL for (int i = 0; i < TILE_ROWS; i++) sum[i] = SIGNED4(LOAD(channel, quad * 4));
        for (int k = 0; k < K; k++)
        {
            int4 column = columns4(LOAD(b, startB + k * (N / 4)) ^ FLIP_B) - zero;
            UNROLL for (int i = 0; i < TILE_ROWS; i++) sum[i] += A_BYTE(startA + min(row + i, M - 1) * K + k) * column;
        }
        UNROLL for (int i = 0; i < TILE_ROWS; i++)
        {
            int to = (batch * M + row + i) * N + quad * 4;
            if (REALS == 1)
            {
                float4 value = reals4(sum[i], LOAD(channel, quad * 4 + 1));
                STORE_REALS(to, value, used && row + i < M, COUNT)
            }
            else if (used && row + i < M) STORE(y, to / 4, bytes_of4(sum[i], LOAD(channel, quad * 4 + 1), LOAD(channel, quad * 4 + 2)));
        }
    }
    else
    {
        int first = index * 4;
        int sums[4];
        uint scales[4];
        for (int i = 0; i < 4; i++)
        {
            int at = min(first + i, COUNT - 1);
            int column = at % N;
            int batch = at / N / M;
            int place = column / 4 * 16 + column % 4;
            int startA = A_START(batch) + at / N % M * K;
            int startB = B_START(batch) + column;
            int sum = TO_INT(LOAD(channel1, place));
            int zero = TO_INT(LOAD(channel1, place + 12));
            for (int k = 0; k < K; k++) sum += A_BYTE(startA + k) * (TO_INT(byte_of(LOAD(b, (startB + k * N) >> 2) ^ FLIP_B, startB + k * N)) - zero);
            sums[i] = sum;
            scales[i] = LOAD(channel1, place + 4);
        }
        int4 whole = INT4(sums[0], sums[1], sums[2], sums[3]);
        uint4 scale = UINT4(scales[0], scales[1], scales[2], scales[3]);
        if (REALS == 1)
        {
            float4 value = reals4(whole, scale);
            STORE_REALS(first, value, first < COUNT, COUNT)
        }
        else if (first < COUNT) STORE(y, first / 4, bytes_of4(whole, scale, SPLAT_UINT4(0u)));
    }
}
}
