//: macro p
//: macro LOAD_x
//: macro LOAD_indices
//: macro STORE_y
//: macro AXIS
//: constant int SIZE 1
//: constant int STEP 1
//: constant int WORDS 1
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
//: name edgert_gather_elements
//: name Given
typedef struct { int x_at; int indices_at; int y_at; int first_x; int first_y; } Given;
#define p given_
#define LOAD_x(at_) LOAD_STORED(x, at_)
#define LOAD_indices(at_) LOAD_PLAIN(indices, at_)
#define STORE_y(at_, value_) STORE_STORED(y, at_, value_)
// Floats of which a computed index chooses the place along one axis.
// For each position of the indices, the element of x at that position but for one axis, along which a computed index of WORDS words stands.
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
void edgert_gather_elements(__global const stored* restrict x, __global const int* restrict indices, __global stored* restrict y, const Given given_)
{
ADVANCE_STORED(x, given_.x_at);
ADVANCE_PLAIN(indices, given_.indices_at);
ADVANCE_STORED(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    int inside = min(index, COUNT - 1);
    int place = LOAD(indices, inside * WORDS);
    place = clamp(place < 0 ? place + SIZE : place, 0, SIZE - 1);
    if (index < COUNT) STORE(y, index, LOAD(x, p.first_x + source(TO_UINT(inside)) + place * STEP));
}
}
