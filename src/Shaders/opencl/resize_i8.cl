//: constant int WIDTH 4
//: size int COUNT 1
//: size int CHANNELS 4
//: size int COLUMNS 1
//: size int ROWS 1
//: size int PICTURE 1
//: size int ACROSS 1
//: size int DOWN 1
//: name words4
//: name byte_of
//: name unpacked4
//: name packed4
//: name requantized4
//: name edgert_resize_i8
//: name Given
//: macro COUNT
//: macro CHANNELS
//: macro COLUMNS
//: macro ROWS
//: macro PICTURE
//: macro ACROSS
//: macro DOWN
//: macro p
//: macro LOAD_x
//: macro LOAD_taps
//: macro STORE_y
//: macro UNROLL
typedef struct { int x_at; int taps_at; int y_at; int COUNT_; int CHANNELS_; int COLUMNS_; int ROWS_; int PICTURE_; int ACROSS_; int DOWN_; uint flip_x; int less_x; float multiplier; int zero; int low; int high; } Given;
#ifndef COUNT
#define COUNT (given_.COUNT_)
#endif
#ifndef CHANNELS
#define CHANNELS (given_.CHANNELS_)
#endif
#ifndef COLUMNS
#define COLUMNS (given_.COLUMNS_)
#endif
#ifndef ROWS
#define ROWS (given_.ROWS_)
#endif
#ifndef PICTURE
#define PICTURE (given_.PICTURE_)
#endif
#ifndef ACROSS
#define ACROSS (given_.ACROSS_)
#endif
#ifndef DOWN
#define DOWN (given_.DOWN_)
#endif
#define p given_
#define LOAD_x(at_) LOAD_PLAIN(x, at_)
#define LOAD_taps(at_) LOAD_PLAIN(taps, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
// Resizes one axis or two neighbouring ones of bytes: a result is a sum of ACROSS x DOWN neighbours, weighted in whole numbers. First in taps come the places of
// each column, then those of each row, multiplied with their steps, then the weights in the same order. An invocation computes four neighbours of y, which are of one
// pixel where WIDTH is 4.
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
// What the weights of a result add up to, times what is subtracted from each byte.
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_resize_i8(__global const uint* restrict x, __global const int* restrict taps, __global uint* restrict y, const Given given_)
{
ADVANCE_PLAIN(x, given_.x_at);
ADVANCE_PLAIN(taps, given_.taps_at);
ADVANCE_PLAIN(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    int weights = COLUMNS * ACROSS + ROWS * DOWN;
    uint result = 0u;
    for (int part = 0; part < 4 / WIDTH; part++)
    {
        int rest = min(index * 4 + part, COUNT - 1);
        int channel = rest % CHANNELS;
        rest /= CHANNELS;
        int column = rest % COLUMNS;
        rest /= COLUMNS;
        int row = rest % ROWS;
        int from = rest / ROWS * PICTURE + channel;
        int4 sum = SPLAT_INT4(-p.less_x);
        for (int i = 0; i < DOWN; i++)
        {
            int line = COLUMNS * ACROSS + row * DOWN + i;
            int begin = from + LOAD(taps, line);
            int down = LOAD(taps, weights + line);
            for (int j = 0; j < ACROSS; j++)
            {
                int at = begin + LOAD(taps, column * ACROSS + j);
                int weight = down * LOAD(taps, weights + column * ACROSS + j);
                uint word = LOAD(x, at >> 2) ^ p.flip_x;
                sum += (WIDTH == 4 ? unpacked4(word) : SPLAT_INT4(TO_INT(byte_of(word, at)))) * weight;
            }
        }
        sum = requantized4(sum, SPLAT4(p.multiplier), p.zero, p.low, p.high);
        if (WIDTH == 4) result = packed4(sum);
        else result = result | ((TO_UINT(sum.x) & 255u) << TO_UINT(8 * part));
    }
    if (index * 4 < COUNT) STORE(y, index, result);
}
}
