//: name edgert_port_load
//: name Given
//: macro p
//: macro LOAD_x
//: macro STORE_y
typedef struct { int x_at; int y_at; int count; } Given;
#define p given_
#define LOAD_x(at_) LOAD_PLAIN(x, at_)
#define STORE_y(at_, value_) STORE_STORED4(y, at_, value_)
// Floats of 32 bits, as the host writes them, to those of the device's precision: each invocation four of them.
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_port_load(__global const float* restrict x, __global stored4* restrict y, const Given given_)
{
ADVANCE_PLAIN(x, given_.x_at);
ADVANCE_STORED4(y, given_.y_at);
{
    int i = GLOBAL_INDEX() * 4;
    int last = p.count - 1;
    if (i < p.count)
        STORE(y, i / 4, FLOAT4(LOAD(x, i), LOAD(x, min(i + 1, last)), LOAD(x, min(i + 2, last)), LOAD(x, min(i + 3, last))));
}
}
