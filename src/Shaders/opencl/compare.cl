//: constant int FUNCTION 0
//: constant int TYPE 0
//: constant int AXES 1
//: constant int RUNS 0
//: name words4
//: name byte_of
//: name is_nan
//: name compare_floats
//: name compare_integers
//: name edgert_compare
//: name Given
//: macro p
//: macro LOAD_axes
//: macro LOAD_a
//: macro LOAD_b
//: macro LOAD_words_a
//: macro LOAD_words_b
//: macro STORE_y
//: macro BEGIN_OFFSETS
//: macro NEXT_OFFSETS
typedef struct { int axes_at; int a_at; int b_at; int words_a_at; int words_b_at; int y_at; int count; } Given;
#define p given_
#define LOAD_axes(at_) LOAD_PLAIN(axes, at_)
#define LOAD_a(at_) LOAD_STORED(a, at_)
#define LOAD_b(at_) LOAD_STORED(b, at_)
#define LOAD_words_a(at_) LOAD_PLAIN(words_a, at_)
#define LOAD_words_b(at_) LOAD_PLAIN(words_b, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
// Answers of two tensors that broadcast in any way, four bytes for each invocation: floats, integers or Bool (TYPE 0, 1 and 2) compared.
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

// Whether a float is NaN, by its bits.
static bool is_nan(float x) { return (AS_UINT(x) & 0x7fffffffu) > 0x7f800000u; }

static bool compare_floats(float a, float b)
{
    if (is_nan(a) || is_nan(b)) return false;
    if (FUNCTION == Equal) return a == b;
    if (FUNCTION == Greater) return a > b;
    if (FUNCTION == GreaterOrEqual) return a >= b;
    if (FUNCTION == Less) return a < b;
    return a <= b;
}

static bool compare_integers(int a, int b)
{
    if (FUNCTION == Equal) return a == b;
    if (FUNCTION == Greater) return a > b;
    if (FUNCTION == GreaterOrEqual) return a >= b;
    if (FUNCTION == Less) return a < b;
    if (FUNCTION == LessOrEqual) return a <= b;
    if (FUNCTION == And) return a != 0 && b != 0;
    if (FUNCTION == Or) return a != 0 || b != 0;
    return (a != 0) != (b != 0);
}
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_compare(__global const int* restrict axes, __global const stored* restrict a, __global const stored* restrict b, __global const uint* restrict words_a, __global const uint* restrict words_b, __global uint* restrict y, const Given given_)
{
ADVANCE_PLAIN(axes, given_.axes_at);
ADVANCE_STORED(a, given_.a_at);
ADVANCE_STORED(b, given_.b_at);
ADVANCE_PLAIN(words_a, given_.words_a_at);
ADVANCE_PLAIN(words_b, given_.words_b_at);
ADVANCE_PLAIN(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    uint word = 0u;
    BEGIN_OFFSETS()
    for (int i = 0; i < 4; i++)
    {
        NEXT_OFFSETS(i)
        bool answer;
        if (TYPE == 0) answer = compare_floats(LOAD(a, at_a), LOAD(b, at_b));
        else if (TYPE == 1) answer = compare_integers(TO_INT(LOAD(words_a, at_a)), TO_INT(LOAD(words_b, at_b)));
        else answer = compare_integers(TO_INT(byte_of(LOAD(words_a, at_a >> 2), at_a)), TO_INT(byte_of(LOAD(words_b, at_b >> 2), at_b)));
        word |= (answer ? 1u : 0u) << TO_UINT(8 * i);
    }
    if (index * 4 < p.count) STORE(y, index, word);
}
}
