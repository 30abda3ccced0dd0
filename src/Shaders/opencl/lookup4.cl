//: size int S0 1
//: size int S1 1
//: size int S2 1
//: size int S3 1
//: size int S4 1
//: size int S5 1
//: size int X0 0
//: size int X1 0
//: size int X2 0
//: size int X3 0
//: size int X4 0
//: size int X5 0
//: size int T0 -1
//: size int T1 -1
//: size int T2 -1
//: size int T3 -1
//: size int T4 -1
//: size int T5 -1
//: size int COUNT 1
//: name edgert_lookup4
//: name Given
//: macro S0
//: macro S1
//: macro S2
//: macro S3
//: macro S4
//: macro S5
//: macro X0
//: macro X1
//: macro X2
//: macro X3
//: macro X4
//: macro X5
//: macro T0
//: macro T1
//: macro T2
//: macro T3
//: macro T4
//: macro T5
//: macro COUNT
//: macro p
//: macro LOAD_x
//: macro LOAD_table
//: macro STORE_y
//: macro OUTSIDE
//: macro AXIS
typedef struct { int x_at; int table_at; int y_at; int S0_; int S1_; int S2_; int S3_; int S4_; int S5_; int X0_; int X1_; int X2_; int X3_; int X4_; int X5_; int T0_; int T1_; int T2_; int T3_; int T4_; int T5_; int COUNT_; int first; float value; } Given;
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
#ifndef T0
#define T0 (given_.T0_)
#endif
#ifndef T1
#define T1 (given_.T1_)
#endif
#ifndef T2
#define T2 (given_.T2_)
#endif
#ifndef T3
#define T3 (given_.T3_)
#endif
#ifndef T4
#define T4 (given_.T4_)
#endif
#ifndef T5
#define T5 (given_.T5_)
#endif
#ifndef COUNT
#define COUNT (given_.COUNT_)
#endif
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
