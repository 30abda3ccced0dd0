//: macro p
//: macro LOAD_x
//: macro STORE_y
//: macro AXIS
//: constant int STEP_X 1
//: constant int STEP_Y 1
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
//: name edgert_transpose4
//: name Given
typedef struct { int x_at; int y_at; int first_x; int first_y; } Given;
#define p given_
#define LOAD_x(at_) LOAD_STORED4(x, at_)
#define STORE_y(at_, value_) STORE_STORED4(y, at_, value_)
// Transposes blocks of 4 x 4 floats in registers: rows of a block are STEP_X apart in x, its columns STEP_Y apart in y, counted in fours as all steps are.
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
void edgert_transpose4(__global const stored4* restrict x, __global stored4* restrict y, const Given given_)
{
ADVANCE_STORED4(x, given_.x_at);
ADVANCE_STORED4(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    uint inside = TO_UINT(min(index, COUNT - 1));
    int from = p.first_x + source(inside);
    int to = p.first_y + target(inside);
    for (int i = 0; i < LOOP; i++)
    {
        float4 a = LOAD(x, from);
        float4 b = LOAD(x, from + STEP_X);
        float4 c = LOAD(x, from + 2 * STEP_X);
        float4 d = LOAD(x, from + 3 * STEP_X);
        if (index < COUNT)
        {
            STORE(y, to, FLOAT4(a.x, b.x, c.x, d.x));
            STORE(y, to + STEP_Y, FLOAT4(a.y, b.y, c.y, d.y));
            STORE(y, to + 2 * STEP_Y, FLOAT4(a.z, b.z, c.z, d.z));
            STORE(y, to + 3 * STEP_Y, FLOAT4(a.w, b.w, c.w, d.w));
        }
        from += LOOP_X;
        to += LOOP_Y;
    }
}
}
