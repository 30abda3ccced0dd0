//: size int BATCH 1
//: size int SIZE_Y 1
//: size int SIZE_X 1
//: size int TILES_Y 1
//: size int TILES_X 1
//: size int PAD_Y 0
//: size int PAD_X 0
//: size int CQ 1
//: name edgert_conv_winograd_input
//: name Given
//: macro BATCH
//: macro SIZE_Y
//: macro SIZE_X
//: macro TILES_Y
//: macro TILES_X
//: macro PAD_Y
//: macro PAD_X
//: macro CQ
//: macro LOAD_picture
//: macro STORE_transformed
//: macro UNROLL
typedef struct { int picture_at; int transformed_at; int BATCH_; int SIZE_Y_; int SIZE_X_; int TILES_Y_; int TILES_X_; int PAD_Y_; int PAD_X_; int CQ_; } Given;
#ifndef BATCH
#define BATCH (given_.BATCH_)
#endif
#ifndef SIZE_Y
#define SIZE_Y (given_.SIZE_Y_)
#endif
#ifndef SIZE_X
#define SIZE_X (given_.SIZE_X_)
#endif
#ifndef TILES_Y
#define TILES_Y (given_.TILES_Y_)
#endif
#ifndef TILES_X
#define TILES_X (given_.TILES_X_)
#endif
#ifndef PAD_Y
#define PAD_Y (given_.PAD_Y_)
#endif
#ifndef PAD_X
#define PAD_X (given_.PAD_X_)
#endif
#ifndef CQ
#define CQ (given_.CQ_)
#endif
#define LOAD_picture(at_) LOAD_STORED4(picture, at_)
#define STORE_transformed(at_, value_) STORE_STORED4(transformed, at_, value_)
// Winograd's convolution F(2x2, 3x3) by Lavin and Gray (2015), first step: an invocation turns the 4 x 4 input pixels under a tile of 2 x 2 output
// pixels into B'dB, for one quad of channels.
// transformed [16 places][tiles][quads], tiles being [BATCH][rows of tiles][tiles of a row]; the rest as in conv_operands.
// Before a loop whose number of turns is known when the pipeline is made and small: arrays that it indexes then live in registers.
#ifdef __OPENCL_C_VERSION__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL [[unroll]]
#endif
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_conv_winograd_input(__global const stored4* restrict picture, __global stored4* restrict transformed, const Given given_)
{
ADVANCE_STORED4(picture, given_.picture_at);
ADVANCE_STORED4(transformed, given_.transformed_at);
{
    int index = GLOBAL_INDEX();
    int quad = index % CQ;
    int tile = index / CQ;
    int image = min(tile / (TILES_Y * TILES_X), BATCH - 1);
    int firstY = tile / TILES_X % TILES_Y * 2 - PAD_Y;
    int firstX = tile % TILES_X * 2 - PAD_X;
    // d and, column by column, B'd.
    float4 rows[16];
    UNROLL for (int x = 0; x < 4; x++)
    {
        float4 d[4];
        UNROLL for (int y = 0; y < 4; y++)
        {
            int inY = firstY + y;
            int inX = firstX + x;
            float4 value = TO_FLOAT4(LOAD(picture, ((image * SIZE_Y + clamp(inY, 0, SIZE_Y - 1)) * SIZE_X + clamp(inX, 0, SIZE_X - 1)) * CQ + quad));
            d[y] = SELECT(SPLAT4(0.0f), value, inY >= 0 && inY < SIZE_Y && inX >= 0 && inX < SIZE_X);
        }
        rows[x] = d[0] - d[2];
        rows[4 + x] = d[1] + d[2];
        rows[8 + x] = d[2] - d[1];
        rows[12 + x] = d[1] - d[3];
    }
    int count = BATCH * TILES_Y * TILES_X;
    if (tile < count)
    {
        UNROLL for (int y = 0; y < 4; y++)
        {
            STORE(transformed, ((y * 4) * count + tile) * CQ + quad, rows[y * 4] - rows[y * 4 + 2]);
            STORE(transformed, ((y * 4 + 1) * count + tile) * CQ + quad, rows[y * 4 + 1] + rows[y * 4 + 2]);
            STORE(transformed, ((y * 4 + 2) * count + tile) * CQ + quad, rows[y * 4 + 2] - rows[y * 4 + 1]);
            STORE(transformed, ((y * 4 + 3) * count + tile) * CQ + quad, rows[y * 4 + 1] - rows[y * 4 + 3]);
        }
    }
}
}
