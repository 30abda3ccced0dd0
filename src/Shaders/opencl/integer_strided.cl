//: constant int FUNCTION 0
//: constant int AXES 1
//: constant int RUNS 0
//: name words4
//: name byte_of
//: name quotient
//: name remainder_of
//: name combine
//: name edgert_integer_strided
//: name Given
//: macro p
//: macro LOAD_axes
//: macro LOAD_a
//: macro LOAD_b
//: macro STORE_y
//: macro BEGIN_OFFSETS
//: macro NEXT_OFFSETS
typedef struct { int axes_at; int a_at; int b_at; int y_at; int count; } Given;
#define p given_
#define LOAD_axes(at_) LOAD_PLAIN(axes, at_)
#define LOAD_a(at_) LOAD_PLAIN(a, at_)
#define LOAD_b(at_) LOAD_PLAIN(b, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
// A function of two tensors of 32-bit integers that broadcast in any way: four results for each invocation.
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

// Division by 0 answers 0; the smallest number divided by -1 wraps around.
static int quotient(int a, int b) { return b == 0 ? 0 : b == -1 ? TO_INT(0u - TO_UINT(a)) : a / b; }
static int remainder_of(int a, int b)
{
    if (b == 0 || b == -1) return 0;
    return a - TO_INT(TO_UINT(a / b) * TO_UINT(b));
}

static int combine(int a, int b)
{
    if (FUNCTION == Add) return TO_INT(TO_UINT(a) + TO_UINT(b));
    if (FUNCTION == Sub) return TO_INT(TO_UINT(a) - TO_UINT(b));
    if (FUNCTION == Mul) return TO_INT(TO_UINT(a) * TO_UINT(b));
    if (FUNCTION == Div) return quotient(a, b);
    if (FUNCTION == Min) return min(a, b);
    if (FUNCTION == Max) return max(a, b);
    if (FUNCTION == BitwiseAnd) return a & b;
    if (FUNCTION == BitwiseOr) return a | b;
    if (FUNCTION == BitwiseXor) return a ^ b;
    if (FUNCTION == PRelu) return a < 0 ? TO_INT(TO_UINT(a) * TO_UINT(b)) : a;
    int r = remainder_of(a, b);
    if (FUNCTION == Mod && r != 0 && (r < 0) != (b < 0)) return r + b;
    return r;
}
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_integer_strided(__global const int* restrict axes, __global const int* restrict a, __global const int* restrict b, __global uint4* restrict y, const Given given_)
{
ADVANCE_PLAIN(axes, given_.axes_at);
ADVANCE_PLAIN(a, given_.a_at);
ADVANCE_PLAIN(b, given_.b_at);
ADVANCE_PLAIN(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    uint results[4];
    BEGIN_OFFSETS()
    for (int i = 0; i < 4; i++)
    {
        NEXT_OFFSETS(i)
        results[i] = TO_UINT(combine(LOAD(a, at_a), LOAD(b, at_b)));
    }
    if (index * 4 < p.count) STORE(y, index, words4(results[0], results[1], results[2], results[3]));
}
}
