//: constant int TYPE 0
//: constant int AXES 1
//: constant int RUNS 0
//: name words4
//: name byte_of
//: name edgert_where
//: name Given
//: macro p
//: macro LOAD_axes
//: macro LOAD_condition
//: macro LOAD_a
//: macro LOAD_b
//: macro LOAD_words_a
//: macro LOAD_words_b
//: macro STORE_y
//: macro STORE_words_y
//: macro BEGIN_OFFSETS
//: macro NEXT_OFFSETS
typedef struct { int axes_at; int condition_at; int a_at; int b_at; int words_a_at; int words_b_at; int y_at; int words_y_at; int count; } Given;
#define p given_
#define LOAD_axes(at_) LOAD_PLAIN(axes, at_)
#define LOAD_condition(at_) LOAD_PLAIN(condition, at_)
#define LOAD_a(at_) LOAD_STORED(a, at_)
#define LOAD_b(at_) LOAD_STORED(b, at_)
#define LOAD_words_a(at_) LOAD_PLAIN(words_a, at_)
#define LOAD_words_b(at_) LOAD_PLAIN(words_b, at_)
#define STORE_y(at_, value_) STORE_STORED4(y, at_, value_)
#define STORE_words_y(at_, value_) STORE_PLAIN(words_y, at_, value_)
// Elements of a where the condition is true, else of b, all broadcasting in any way: four for each invocation, floats or words (TYPE 0 and 1).
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
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_where(__global const int* restrict axes, __global const uint* restrict condition, __global const stored* restrict a, __global const stored* restrict b, __global const uint* restrict words_a, __global const uint* restrict words_b, __global stored4* restrict y, __global uint4* restrict words_y, const Given given_)
{
ADVANCE_PLAIN(axes, given_.axes_at);
ADVANCE_PLAIN(condition, given_.condition_at);
ADVANCE_STORED(a, given_.a_at);
ADVANCE_STORED(b, given_.b_at);
ADVANCE_PLAIN(words_a, given_.words_a_at);
ADVANCE_PLAIN(words_b, given_.words_b_at);
ADVANCE_STORED4(y, given_.y_at);
ADVANCE_PLAIN(words_y, given_.words_y_at);
{
    int index = GLOBAL_INDEX();
    float floats[4];
    uint words[4];
    BEGIN_OFFSETS()
    for (int i = 0; i < 4; i++)
    {
        NEXT_OFFSETS(i)
        bool chosen = byte_of(LOAD(condition, at_c >> 2), at_c) != 0u;
        if (TYPE == 0) floats[i] = SELECT(LOAD(b, at_b), LOAD(a, at_a), chosen);
        else words[i] = SELECT(LOAD(words_b, at_b), LOAD(words_a, at_a), chosen);
    }
    if (index * 4 < p.count)
    {
        if (TYPE == 0) STORE(y, index, FLOAT4(floats[0], floats[1], floats[2], floats[3]));
        else STORE(words_y, index, words4(words[0], words[1], words[2], words[3]));
    }
}
}
