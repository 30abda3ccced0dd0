//: constant int FROM 0
//: constant int TO 0
//: constant int FUNCTION 0
//: constant int SIGNED 0
//: constant int NEGATIVE 0
//: constant int POSITIVE 0
//: name words4
//: name byte_of
//: name truncated
//: name answer
//: name answer_word
//: name truth
//: name word_truth
//: name edgert_convert
//: name Given
//: macro p
//: macro LOAD_x
//: macro LOAD_words_x
//: macro LOAD_bytes_x
//: macro STORE_y
//: macro STORE_words_y
//: macro STORE_bytes_y
typedef struct { int x_at; int words_x_at; int bytes_x_at; int y_at; int words_y_at; int bytes_y_at; int count4; } Given;
#define p given_
#define LOAD_x(at_) LOAD_STORED4(x, at_)
#define LOAD_words_x(at_) LOAD_PLAIN(words_x, at_)
#define LOAD_bytes_x(at_) LOAD_PLAIN(bytes_x, at_)
#define STORE_y(at_, value_) STORE_STORED4(y, at_, value_)
#define STORE_words_y(at_, value_) STORE_PLAIN(words_y, at_, value_)
#define STORE_bytes_y(at_, value_) STORE_PLAIN(bytes_y, at_, value_)
// Each element as another type, four for each invocation: floats, 32-bit integers and bytes or Bool (0, 1 and 2); or answers about floats.
// Bytes are read as signed numbers.
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

// A float without its fraction; what is too large becomes the nearest integer, NaN 0.
static int truncated(float x)
{
    uint bits = AS_UINT(x) & 0x7fffffffu;
    if (bits > 0x7f800000u) return 0;
    if (x >= 2147483648.0f) return 2147483647;
    if (x <= -2147483648.0f) return -2147483647 - 1;
    return TO_INT(x);
}

static bool answer(float x)
{
    uint bits = AS_UINT(x) & 0x7fffffffu;
    if (FUNCTION == IsNaN) return bits > 0x7f800000u;
    if (FUNCTION == IsInf) return bits == 0x7f800000u && (AS_UINT(x) >> 31 != 0u ? NEGATIVE : POSITIVE) != 0;
    return bits != 0u;
}
static uint answer_word(float4 x)
{
    return (answer(x.x) ? 1u : 0u) | (answer(x.y) ? 256u : 0u) | (answer(x.z) ? 65536u : 0u) | (answer(x.w) ? 16777216u : 0u);
}

// The bytes that are not zero as 1.
static uint truth(uint x)
{
    uint any = ((x & 0x7f7f7f7fu) + 0x7f7f7f7fu) | x;
    return (any >> 7) & 0x01010101u;
}
static uint word_truth(uint4 x)
{
    return (x.x != 0u ? 1u : 0u) | (x.y != 0u ? 256u : 0u) | (x.z != 0u ? 65536u : 0u) | (x.w != 0u ? 16777216u : 0u);
}
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_convert(__global const stored4* restrict x, __global const uint4* restrict words_x, __global const uint* restrict bytes_x, __global stored4* restrict y, __global uint4* restrict words_y, __global uint* restrict bytes_y, const Given given_)
{
ADVANCE_STORED4(x, given_.x_at);
ADVANCE_PLAIN(words_x, given_.words_x_at);
ADVANCE_PLAIN(bytes_x, given_.bytes_x_at);
ADVANCE_STORED4(y, given_.y_at);
ADVANCE_PLAIN(words_y, given_.words_y_at);
ADVANCE_PLAIN(bytes_y, given_.bytes_y_at);
{
    int index = GLOBAL_INDEX();
    int at = min(index, p.count4 - 1);
    float4 floats = SPLAT4(0.0f);
    uint4 words = words4(0u, 0u, 0u, 0u);
    uint bytes = 0u;
    if (FROM == 0)
    {
        float4 v = LOAD(x, at);
        floats = v;
        if (TO == 1) words = words4(TO_UINT(truncated(v.x)), TO_UINT(truncated(v.y)), TO_UINT(truncated(v.z)), TO_UINT(truncated(v.w)));
        if (TO == 2) bytes = answer_word(v);
    }
    else if (FROM == 1)
    {
        words = LOAD(words_x, at);
        if (FUNCTION == BitwiseNot) words = words4(~words.x, ~words.y, ~words.z, ~words.w);
        if (TO == 0) floats = FLOAT4(TO_FLOAT(TO_INT(words.x)), TO_FLOAT(TO_INT(words.y)), TO_FLOAT(TO_INT(words.z)), TO_FLOAT(TO_INT(words.w)));
        if (TO == 2) bytes = word_truth(words);
    }
    else
    {
        bytes = LOAD(bytes_x, at);
        words = words4(bytes & 255u, (bytes >> 8) & 255u, (bytes >> 16) & 255u, bytes >> 24);
        if (SIGNED == 1) words = UNSIGNED4((SIGNED4(words) ^ SPLAT_INT4(128)) - SPLAT_INT4(128));
        bytes = truth(bytes);
        if (TO == 0) floats = TO_FLOAT4(SIGNED4(words));
        if (FUNCTION == Not) bytes ^= 0x01010101u;
    }
    if (index < p.count4)
    {
        if (TO == 0) STORE(y, index, floats);
        else if (TO == 1) STORE(words_y, index, words);
        else STORE(bytes_y, index, bytes);
    }
}
}
