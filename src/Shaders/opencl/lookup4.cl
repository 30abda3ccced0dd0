//: macro p
//: macro LOAD_x
//: macro LOAD_table
//: macro STORE_y
//: macro OUTSIDE
//: macro AXIS
//: constant int S0 1
//: constant int S1 1
//: constant int S2 1
//: constant int S3 1
//: constant int S4 1
//: constant int S5 1
//: constant int X0 0
//: constant int X1 0
//: constant int X2 0
//: constant int X3 0
//: constant int X4 0
//: constant int X5 0
//: constant int T0 -1
//: constant int T1 -1
//: constant int T2 -1
//: constant int T3 -1
//: constant int T4 -1
//: constant int T5 -1
//: constant int COUNT 1
//: name edgert_lookup4
//: name Given
typedef struct { int x_at; int table_at; int y_at; int first; float value; } Given;
#define p given_
#define LOAD_x(at_) LOAD_STORED4(x, at_)
#define LOAD_table(at_) LOAD_PLAIN(table, at_)
#define STORE_y(at_, value_) STORE_STORED4(y, at_, value_)
// The same in runs of four.
#define OUTSIDE SPLAT4(p.value)
// Fills y element by element.
// Fills y in order from where tables say: along each axis, innermost first, of size S either the step X or, where T is not negative, the entry of
// the table from there on. A negative entry stands for what lies outside of x.

#define AXIS(size, step, start) if (size > 1 || start >= 0) { \
        int at = TO_INT(rest % TO_UINT(size)); \
        rest = rest / TO_UINT(size); \
        int part = start >= 0 ? LOAD(table, max(start, 0) + at) : at * (step); \
        if (start >= 0) sign = sign | part; \
        from += part; }
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_lookup4(__global const stored4* restrict x, __global const int* restrict table, __global stored4* restrict y, const Given given_)
{
ADVANCE_STORED4(x, given_.x_at);
ADVANCE_PLAIN(table, given_.table_at);
ADVANCE_STORED4(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    uint rest = TO_UINT(min(index, COUNT - 1));
    int from = p.first;
    int sign = 0;
    AXIS(S0, X0, T0)
    AXIS(S1, X1, T1)
    AXIS(S2, X2, T2)
    AXIS(S3, X3, T3)
    AXIS(S4, X4, T4)
    AXIS(S5, X5, T5)
    if (index < COUNT) STORE(y, index, SELECT(LOAD(x, sign < 0 ? 0 : from), OUTSIDE, sign < 0));
}
}
