//: name edgert_port_store
//: name Given
//: macro p
//: macro LOAD_x
//: macro STORE_y
typedef struct { int x_at; int y_at; int count; } Given;
#define p given_
#define LOAD_x(at_) LOAD_STORED4(x, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
// Floats of the device's precision to 32 bits, as the host reads them: each invocation four of them.
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_port_store(__global const stored4* restrict x, __global float* restrict y, const Given given_)
{
ADVANCE_STORED4(x, given_.x_at);
ADVANCE_PLAIN(y, given_.y_at);
{
    int i = GLOBAL_INDEX() * 4;
    float4 v = TO_FLOAT4(LOAD(x, min(i, p.count - 1) / 4));
    if (i < p.count) STORE(y, i, v.x);
    if (i + 1 < p.count) STORE(y, i + 1, v.y);
    if (i + 2 < p.count) STORE(y, i + 2, v.z);
    if (i + 3 < p.count) STORE(y, i + 3, v.w);
}
}
