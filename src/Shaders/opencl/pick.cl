//: macro p
//: macro LOAD_x
//: macro STORE_y
//: macro AXIS
//: constant int RUNS 1
//: constant int S0 1
//: constant int S1 1
//: constant int S2 1
//: constant int S3 1
//: constant int S4 1
//: constant int S5 1
//: constant int S6 1
//: constant int S7 1
//: constant int X0 0
//: constant int X1 0
//: constant int X2 0
//: constant int X3 0
//: constant int X4 0
//: constant int X5 0
//: constant int X6 0
//: constant int X7 0
//: constant int Y0 0
//: constant int Y1 0
//: constant int Y2 0
//: constant int Y3 0
//: constant int Y4 0
//: constant int Y5 0
//: constant int Y6 0
//: constant int Y7 0
//: constant int COUNT 1
//: constant int LOOP 1
//: constant int LOOP_X 0
//: constant int LOOP_Y 0
//: name source
//: name target
//: name edgert_pick
//: name Given
typedef struct { int x_at; int y_at; int first_x; int first_y; } Given;
#define p given_
#define LOAD_x(at_) LOAD_STORED(x, at_)
#define STORE_y(at_, value_) STORE_STORED4(y, at_, value_)
// Writes floats in runs of four, read one by one. Where the innermost axis has whole runs, they are X0 apart in x, and S0 counts floats all the same;
// else y has no gaps, and each float has indices of its own.
// The axes of a movement, innermost first: sizes, and the steps along them in what is read and in what is written. An axis of size 1 costs nothing.
// LOOP elements, LOOP_X and LOOP_Y apart, are moved by one invocation, which shares the sums of the indices among them.

#define AXIS(size, step) if (size > 1) { sum += TO_INT(rest % TO_UINT(size)) * (step); rest = rest / TO_UINT(size); }

static int source(uint rest)
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

static int target(uint rest)
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
void edgert_pick(__global const stored* restrict x, __global stored4* restrict y, const Given given_)
{
ADVANCE_STORED(x, given_.x_at);
ADVANCE_STORED4(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    uint first = TO_UINT(min(index, COUNT - 1) * 4);
    int a = p.first_x + source(first);
    int b = RUNS != 0 ? a + X0 : p.first_x + source(first + TO_UINT(1));
    int c = RUNS != 0 ? b + X0 : p.first_x + source(first + TO_UINT(2));
    int d = RUNS != 0 ? c + X0 : p.first_x + source(first + TO_UINT(3));
    int to = RUNS != 0 ? (p.first_y + target(first)) / 4 : p.first_y / 4 + min(index, COUNT - 1);
    for (int i = 0; i < LOOP; i++)
    {
        float4 value = FLOAT4(LOAD(x, a + i * LOOP_X), LOAD(x, b + i * LOOP_X), LOAD(x, c + i * LOOP_X), LOAD(x, d + i * LOOP_X));
        if (index < COUNT) STORE(y, to + i * LOOP_Y, value);
    }
}
}
