//: size int CHANNELS 1
//: name edgert_quantize
//: name Given
//: macro CHANNELS
//: macro p
//: macro LOAD_x
//: macro LOAD_table
//: macro STORE_y
//: macro UNROLL
//: macro QUANTIZE
typedef struct { int x_at; int table_at; int y_at; int CHANNELS_; int words; int inner; uint flip_y; } Given;
#ifndef CHANNELS
#define CHANNELS (given_.CHANNELS_)
#endif
#define p given_
#define LOAD_x(at_) LOAD_STORED4(x, at_)
#define LOAD_table(at_) LOAD_PLAIN(table, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
// Reals to bytes; the table has a row for each of CHANNELS.
// Kernels whose results must have certain bits: each operation is rounded by itself, and none is contracted into a fused multiply-add. In GLSL it is
// PRECISE that sees to it, before the declaration of what is computed.
#ifdef __OPENCL_C_VERSION__
#pragma OPENCL FP_CONTRACT OFF
#endif
// Before a loop whose number of turns is known when the pipeline is made and small: arrays that it indexes then live in registers.
#ifdef __OPENCL_C_VERSION__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL [[unroll]]
#endif
// Reals to bytes: the quotient by the scale, rounded twice as docs/numerics.md says, on devices whose division may be off. A quotient that is nearly right tells
// between which two results it lies, and the table from which real on it is the upper one. From `row` on the table has one over the scale, the zero point less
// the smallest number, then for each number the least real that becomes it or a larger one. A macro, since functions take no buffers: `number` gets what is smaller by the smallest number.
#define QUANTIZE(number, real, row) \
{ \
    int zero_ = TO_INT(LOAD(table, (row) + 1)); \
    float about_ = clamp(floor((real) * AS_FLOAT(LOAD(table, row))), -1024.0f, 1024.0f); \
    int lower_ = clamp(TO_INT(about_) + zero_, -1, 254); \
    number = TO_UINT(lower_ + ((real) >= AS_FLOAT(LOAD(table, (row) + 3 + lower_)) ? 1 : 0)); \
    if ((AS_UINT(real) & 0x7fffffffu) > 0x7f800000u) number = TO_UINT(zero_); \
}
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_quantize(__global const stored4* restrict x, __global const uint* restrict table, __global uint* restrict y, const Given given_)
{
ADVANCE_STORED4(x, given_.x_at);
ADVANCE_PLAIN(table, given_.table_at);
ADVANCE_PLAIN(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    int at = min(index, p.words - 1);
    float4 reals = TO_FLOAT4(LOAD(x, at));
    uint result = 0u;
    UNROLL
    for (int i = 0; i < 4; i++)
    {
        float value = i == 0 ? reals.x : i == 1 ? reals.y : i == 2 ? reals.z : reals.w;
        int own = CHANNELS == 1 ? 0 : (at * 4 + i) / p.inner % CHANNELS * 258;
        uint number;
        QUANTIZE(number, value, own)
        result = result | (number << TO_UINT(8 * i));
    }
    if (index < p.words) STORE(y, index, result ^ p.flip_y);
}
}
