//: constant int PARTS 4
//: size int ELEMENTS 1
//: size int S0 1
//: size int S1 1
//: size int S2 1
//: size int S3 1
//: size int S4 1
//: size int S5 1
//: size int S6 1
//: size int S7 1
//: size int X0 0
//: size int X1 0
//: size int X2 0
//: size int X3 0
//: size int X4 0
//: size int X5 0
//: size int X6 0
//: size int X7 0
//: size int Y0 0
//: size int Y1 0
//: size int Y2 0
//: size int Y3 0
//: size int Y4 0
//: size int Y5 0
//: size int Y6 0
//: size int Y7 0
//: size int COUNT 1
//: size int LOOP 1
//: size int LOOP_X 0
//: size int LOOP_Y 0
//: name source_of
//: name target_of
//: name edgert_pick_parts
//: name Given
//: macro ELEMENTS
//: macro S0
//: macro S1
//: macro S2
//: macro S3
//: macro S4
//: macro S5
//: macro S6
//: macro S7
//: macro X0
//: macro X1
//: macro X2
//: macro X3
//: macro X4
//: macro X5
//: macro X6
//: macro X7
//: macro Y0
//: macro Y1
//: macro Y2
//: macro Y3
//: macro Y4
//: macro Y5
//: macro Y6
//: macro Y7
//: macro COUNT
//: macro LOOP
//: macro LOOP_X
//: macro LOOP_Y
//: macro p
//: macro LOAD_x
//: macro STORE_y
//: macro AXIS
//: macro source
//: macro target
typedef struct { int x_at; int y_at; int ELEMENTS_; int S0_; int S1_; int S2_; int S3_; int S4_; int S5_; int S6_; int S7_; int X0_; int X1_; int X2_; int X3_; int X4_; int X5_; int X6_; int X7_; int Y0_; int Y1_; int Y2_; int Y3_; int Y4_; int Y5_; int Y6_; int Y7_; int COUNT_; int LOOP_; int LOOP_X_; int LOOP_Y_; int first_x; int first_y; } Given;
#ifndef ELEMENTS
#define ELEMENTS (given_.ELEMENTS_)
#endif
#ifndef S0
#define S0 (given_.S0_)
#endif
#ifndef S1
#define S1 (given_.S1_)
#endif
#ifndef S2
#define S2 (given_.S2_)
#endif
#ifndef S3
#define S3 (given_.S3_)
#endif
#ifndef S4
#define S4 (given_.S4_)
#endif
#ifndef S5
#define S5 (given_.S5_)
#endif
#ifndef S6
#define S6 (given_.S6_)
#endif
#ifndef S7
#define S7 (given_.S7_)
#endif
#ifndef X0
#define X0 (given_.X0_)
#endif
#ifndef X1
#define X1 (given_.X1_)
#endif
#ifndef X2
#define X2 (given_.X2_)
#endif
#ifndef X3
#define X3 (given_.X3_)
#endif
#ifndef X4
#define X4 (given_.X4_)
#endif
#ifndef X5
#define X5 (given_.X5_)
#endif
#ifndef X6
#define X6 (given_.X6_)
#endif
#ifndef X7
#define X7 (given_.X7_)
#endif
#ifndef Y0
#define Y0 (given_.Y0_)
#endif
#ifndef Y1
#define Y1 (given_.Y1_)
#endif
#ifndef Y2
#define Y2 (given_.Y2_)
#endif
#ifndef Y3
#define Y3 (given_.Y3_)
#endif
#ifndef Y4
#define Y4 (given_.Y4_)
#endif
#ifndef Y5
#define Y5 (given_.Y5_)
#endif
#ifndef Y6
#define Y6 (given_.Y6_)
#endif
#ifndef Y7
#define Y7 (given_.Y7_)
#endif
#ifndef COUNT
#define COUNT (given_.COUNT_)
#endif
#ifndef LOOP
#define LOOP (given_.LOOP_)
#endif
#ifndef LOOP_X
#define LOOP_X (given_.LOOP_X_)
#endif
#ifndef LOOP_Y
#define LOOP_Y (given_.LOOP_Y_)
#endif
#define p given_
#define LOAD_x(at_) LOAD_PLAIN(x, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
// Writes 32-bit words in order, made of elements smaller than a word: PARTS to a word, ELEMENTS in all, read from strides.
// The axes of a movement, innermost first: sizes, and the steps along them in what is read and in what is written. An axis of size 1 costs nothing.
// LOOP elements, LOOP_X and LOOP_Y apart, are moved by one invocation, which shares the sums of the indices among them.

#define AXIS(size, step) if (size > 1) { sum += TO_INT(rest % TO_UINT(size)) * (step); rest = rest / TO_UINT(size); }

#define source(a0_) source_of(given_, a0_)
static int source_of(const Given given_, uint rest)
{
    int sum = 0;
    AXIS(S0, X0)
    AXIS(S1, X1)
    AXIS(S2, X2)
    AXIS(S3, X3)
    AXIS(S4, X4)
    AXIS(S5, X5)
    AXIS(S6, X6)
    AXIS(S7, X7)
    return sum;
}

#define target(a0_) target_of(given_, a0_)
static int target_of(const Given given_, uint rest)
{
    int sum = 0;
    AXIS(S0, Y0)
    AXIS(S1, Y1)
    AXIS(S2, Y2)
    AXIS(S3, Y3)
    AXIS(S4, Y4)
    AXIS(S5, Y5)
    AXIS(S6, Y6)
    AXIS(S7, Y7)
    return sum;
}
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_pick_parts(__global const uint* restrict x, __global uint* restrict y, const Given given_)
{
ADVANCE_PLAIN(x, given_.x_at);
ADVANCE_PLAIN(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    int first = min(index, COUNT - 1) * PARTS;
    int bits = 32 / PARTS;
    uint mask = TO_UINT((1 << bits) - 1);
    uint word = TO_UINT(0);
    for (int i = 0; i < PARTS; i++)
    {
        int from = p.first_x + source(TO_UINT(min(first + i, ELEMENTS - 1)));
        word = word | (((LOAD(x, from / PARTS) >> (from % PARTS * bits)) & mask) << (i * bits));
    }
    if (index < COUNT) STORE(y, p.first_y + index, word);
}
}
