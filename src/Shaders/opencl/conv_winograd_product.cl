//: constant int PIXELS 8
//: constant int OUTPUTS 1
//: size int COUNT 1
//: size int CQ 1
//: size int OQ 1
//: name edgert_conv_winograd_product
//: name Given
//: macro COUNT
//: macro CQ
//: macro OQ
//: macro LOAD_transformed
//: macro LOAD_weight
//: macro STORE_m
//: macro UNROLL
typedef struct { int transformed_at; int weight_at; int m_at; int COUNT_; int CQ_; int OQ_; } Given;
#ifndef COUNT
#define COUNT (given_.COUNT_)
#endif
#ifndef CQ
#define CQ (given_.CQ_)
#endif
#ifndef OQ
#define OQ (given_.OQ_)
#endif
#define LOAD_transformed(at_) LOAD_STORED4(transformed, at_)
#define LOAD_weight(at_) LOAD_STORED4(weight, at_)
#define STORE_m(at_, value_) STORE_STORED4(m, at_, value_)
// Winograd's convolution, second step: for each of the 16 places the product of the transformed input and weight. An invocation computes PIXELS
// tiles x OUTPUTS quads of outputs of one place in registers.
// transformed [16 places][tiles][quads of inputs], weight [16 places][quads of outputs][quads of inputs][4 inputs] of four outputs each,
// m [16 places][tiles][quads of outputs].
// Before a loop whose number of turns is known when the pipeline is made and small: arrays that it indexes then live in registers.
#ifdef __OPENCL_C_VERSION__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL [[unroll]]
#endif
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_conv_winograd_product(__global const stored4* restrict transformed, __global const stored4* restrict weight, __global stored4* restrict m, const Given given_)
{
ADVANCE_STORED4(transformed, given_.transformed_at);
ADVANCE_STORED4(weight, given_.weight_at);
ADVANCE_STORED4(m, given_.m_at);
{
    int tiles = (COUNT + PIXELS - 1) / PIXELS;
    int slices = (OQ + OUTPUTS - 1) / OUTPUTS;
    int index = GLOBAL_INDEX();
    int tile = (index % tiles) * PIXELS;
    int quad = (index / tiles) % slices * OUTPUTS;
    int place = min(index / (tiles * slices), 15);

    float4 sum[PIXELS * OUTPUTS];
    UNROLL for (int i = 0; i < PIXELS * OUTPUTS; i++) sum[i] = SPLAT4(0.0f);
    for (int c = 0; c < CQ; c++)
    {
        float4 vs[PIXELS];
        UNROLL for (int p = 0; p < PIXELS; p++) vs[p] = TO_FLOAT4(LOAD(transformed, (place * COUNT + min(tile + p, COUNT - 1)) * CQ + c));
        UNROLL for (int o = 0; o < OUTPUTS; o++)
        {
            int at = ((place * OQ + min(quad + o, OQ - 1)) * CQ + c) * 4;
            float4 w0 = TO_FLOAT4(LOAD(weight, at));
            float4 w1 = TO_FLOAT4(LOAD(weight, at + 1));
            float4 w2 = TO_FLOAT4(LOAD(weight, at + 2));
            float4 w3 = TO_FLOAT4(LOAD(weight, at + 3));
            UNROLL for (int p = 0; p < PIXELS; p++)
            {
                float4 u = vs[p];
                sum[o * PIXELS + p] += u.x * w0 + u.y * w1 + u.z * w2 + u.w * w3;
            }
        }
    }
    UNROLL for (int o = 0; o < OUTPUTS; o++)
        UNROLL for (int p = 0; p < PIXELS; p++)
            if (index < tiles * slices * 16 && tile + p < COUNT && quad + o < OQ)
                STORE(m, (place * COUNT + tile + p) * OQ + quad + o, sum[o * PIXELS + p]);
}
}
