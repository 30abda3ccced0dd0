//: constant int FORMAT 0
//: constant int ALIGNED 1
//: constant int PIXELS 1
//: name part
//: name colour_of4
//: name mean_of4
//: name sum_of
//: name edgert_image_to_tensor
//: name Given
//: macro p
//: macro LOAD_picture
//: macro LOAD_taps
//: macro LOAD_table
//: macro STORE_tensor
//: macro STORE_bytes
//: macro ROLLED
//: macro QUANTIZE
//: macro Rgb24
//: macro Bgr24
//: macro Rgba32
//: macro Nv12
//: macro Yuv420p
//: macro BYTE
//: macro BYTES
typedef struct { int picture_at; int taps_at; int table_at; int tensor_at; int bytes_at; int width; int height; int picture_width; int picture_height; int pixel_stride; int first; int second; int third; float scale0; float scale1; float scale2; float offset0; float offset1; float offset2; uint flip_y; } Given;
#define p given_
#define LOAD_picture(at_) LOAD_PLAIN(picture, at_)
#define LOAD_taps(at_) LOAD_PLAIN(taps, at_)
#define LOAD_table(at_) LOAD_PLAIN(table, at_)
#define STORE_tensor(at_, value_) STORE_STORED(tensor, at_, value_)
#define STORE_bytes(at_, value_) STORE_PLAIN(bytes, at_, value_)
// The bytes of a picture to a model's input: each invocation makes PIXELS pixels, one of floats, or four of bytes, which are whole words. Whatever is mixed are whole numbers, so that
// every device makes the same; docs/numerics.md is the rule: for each column the weighted mean of its rows, in 15 bits, then the weighted sum of columns.
// picture: the bytes, four in a word. taps: for each column of the result the first group of four neighbouring pixels, how many, and where their weights are, four to a
// group; then for each row the first row, how many, and where their weights are, in the first component, as floats; then all weights. table: see include/quantize.
// The number of the format in PixelFormat.
// 1 when every group of four pixels begins at a word (of planes of U and V: at half of one), as those of four bytes always do.
// Kernels whose results must have certain bits: each operation is rounded by itself, and none is contracted into a fused multiply-add. In GLSL it is
// PRECISE that sees to it, before the declaration of what is computed.
#ifdef __OPENCL_C_VERSION__
#pragma OPENCL FP_CONTRACT OFF
#endif
// Before loops of few turns that a driver of OpenCL, which compiles on the user's machine, is not to unroll.
#ifdef __OPENCL_C_VERSION__
#define ROLLED _Pragma("unroll 1")
#else
#define ROLLED
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

#define Rgb24 0
#define Bgr24 1
#define Rgba32 2
#define Nv12 3
#define Yuv420p 4

static int part(uint word, int index)
{
    return TO_INT((word >> TO_UINT(8 * index)) & 255u);
}

// BT.601, limited range, in 16 binary places; see YuvColour.
static float4 colour_of4(int4 scaled)
{
    return TO_FLOAT4(clamp(scaled >> 16, SPLAT_INT4(0), SPLAT_INT4(255)));
}

// A sum of rows as their mean: what is added before rounds it.
static int4 mean_of4(float4 sum)
{
    return TO_INT4(sum) >> 7;
}

static int sum_of(int4 v, int4 weights)
{
    int4 products = v * weights;
    return products.x + products.y + products.z + products.w;
}

#define BYTE(index) part(LOAD(picture, (index) >> 2), (index) & 3)
#define BYTES(a, b, c, d) INT4(BYTE(a), BYTE(b), BYTE(c), BYTE(d))

__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_image_to_tensor(__global const uint* restrict picture, __global const uint4* restrict taps, __global const uint* restrict table, __global stored* restrict tensor, __global uint* restrict bytes, const Given given_)
{
ADVANCE_PLAIN(picture, given_.picture_at);
ADVANCE_PLAIN(taps, given_.taps_at);
ADVANCE_PLAIN(table, given_.table_at);
ADVANCE_STORED(tensor, given_.tensor_at);
ADVANCE_PLAIN(bytes, given_.bytes_at);
{
    int index = GLOBAL_INDEX();
    int plane = p.picture_width * p.picture_height;
    int pixels = p.width * p.height;
    // The bytes of pixels that wait for the rest of their word, or the words of three planes.
    uint held0 = 0u;
    uint held1 = 0u;
    uint held2 = 0u;
    ROLLED
    for (int n = 0; n < PIXELS; n++)
    {
        int pixel = min(index * PIXELS + n, pixels - 1);
        uint4 column = LOAD(taps, pixel % p.width);
        uint4 row = LOAD(taps, p.width + pixel / p.width);
        int sum0 = 0;
        int sum1 = 0;
        int sum2 = 0;
        for (int g = 0; g < TO_INT(column.y); g++)
        {
            int start = 4 * (TO_INT(column.x) + g);
            // Floats of whole numbers below 2^22.
            float4 mixed0 = SPLAT4(64.0f);
            float4 mixed1 = SPLAT4(64.0f);
            float4 mixed2 = SPLAT4(64.0f);
            for (int r = 0; r < TO_INT(row.y); r++)
            {
                int line = TO_INT(row.x) + r;
                float weight = AS_FLOAT(LOAD(taps, TO_INT(row.z) + r).x);
                float4 first4;
                float4 second4;
                float4 third4;
                if (FORMAT == Nv12 || FORMAT == Yuv420p)
                {
                    int4 y4;
                    int4 u4;
                    int4 v4;
                    if (ALIGNED == 0)
                    {
                        // Of groups that reach beyond the row the weights are 0 there.
                        int a = start;
                        int b = min(start + 1, p.picture_width - 1);
                        int c = min(start + 2, p.picture_width - 1);
                        int d = min(start + 3, p.picture_width - 1);
                        int luma = line * p.picture_width;
                        y4 = BYTES(luma + a, luma + b, luma + c, luma + d);
                        if (FORMAT == Nv12)
                        {
                            int chroma = plane + (line / 2) * p.picture_width;
                            u4 = BYTES(chroma + a / 2 * 2, chroma + b / 2 * 2, chroma + c / 2 * 2, chroma + d / 2 * 2);
                            chroma += 1;
                            v4 = BYTES(chroma + a / 2 * 2, chroma + b / 2 * 2, chroma + c / 2 * 2, chroma + d / 2 * 2);
                        }
                        else
                        {
                            int chroma = plane + (line / 2) * (p.picture_width / 2);
                            u4 = BYTES(chroma + a / 2, chroma + b / 2, chroma + c / 2, chroma + d / 2);
                            chroma += plane / 4;
                            v4 = BYTES(chroma + a / 2, chroma + b / 2, chroma + c / 2, chroma + d / 2);
                        }
                    }
                    else
                    {
                        uint word = LOAD(picture, (line * p.picture_width + start) >> 2);
                        y4 = INT4(part(word, 0), part(word, 1), part(word, 2), part(word, 3));
                        if (FORMAT == Nv12)
                        {
                            uint chroma = LOAD(picture, (plane + (line / 2) * p.picture_width + start) >> 2);
                            u4 = INT4(part(chroma, 0), part(chroma, 0), part(chroma, 2), part(chroma, 2));
                            v4 = INT4(part(chroma, 1), part(chroma, 1), part(chroma, 3), part(chroma, 3));
                        }
                        else
                        {
                            int i = plane + (line / 2) * (p.picture_width / 2) + start / 2;
                            int j = i + plane / 4;
                            uint u = LOAD(picture, i >> 2);
                            uint v = LOAD(picture, j >> 2);
                            u4 = INT4(part(u, i & 3), part(u, i & 3), part(u, (i & 3) + 1), part(u, (i & 3) + 1));
                            v4 = INT4(part(v, j & 3), part(v, j & 3), part(v, (j & 3) + 1), part(v, (j & 3) + 1));
                        }
                    }
                    int4 luma4 = 76309 * (y4 - 16) + 32768;
                    first4 = colour_of4(luma4 + 104597 * (v4 - 128));
                    second4 = colour_of4(luma4 - 25675 * (u4 - 128) - 53279 * (v4 - 128));
                    third4 = colour_of4(luma4 + 132201 * (u4 - 128));
                }
                else if (FORMAT == Rgba32)
                {
                    // The last group may reach beyond the picture, with weights of 0.
                    int at = line * p.picture_width + start;
                    uint a = LOAD(picture, at);
                    uint b = LOAD(picture, min(at + 1, plane - 1));
                    uint c = LOAD(picture, min(at + 2, plane - 1));
                    uint d = LOAD(picture, min(at + 3, plane - 1));
                    first4 = TO_FLOAT4(INT4(part(a, 0), part(b, 0), part(c, 0), part(d, 0)));
                    second4 = TO_FLOAT4(INT4(part(a, 1), part(b, 1), part(c, 1), part(d, 1)));
                    third4 = TO_FLOAT4(INT4(part(a, 2), part(b, 2), part(c, 2), part(d, 2)));
                }
                else if (ALIGNED == 0)
                {
                    int a = (line * p.picture_width + start) * 3;
                    int b = (line * p.picture_width + min(start + 1, p.picture_width - 1)) * 3;
                    int c = (line * p.picture_width + min(start + 2, p.picture_width - 1)) * 3;
                    int d = (line * p.picture_width + min(start + 3, p.picture_width - 1)) * 3;
                    first4 = TO_FLOAT4(BYTES(a, b, c, d));
                    second4 = TO_FLOAT4(BYTES(a + 1, b + 1, c + 1, d + 1));
                    third4 = TO_FLOAT4(BYTES(a + 2, b + 2, c + 2, d + 2));
                }
                else
                {
                    int at = ((line * p.picture_width + start) >> 2) * 3;
                    uint a = LOAD(picture, at);
                    uint b = LOAD(picture, at + 1);
                    uint c = LOAD(picture, at + 2);
                    first4 = TO_FLOAT4(INT4(part(a, 0), part(a, 3), part(b, 2), part(c, 1)));
                    second4 = TO_FLOAT4(INT4(part(a, 1), part(b, 0), part(b, 3), part(c, 2)));
                    third4 = TO_FLOAT4(INT4(part(a, 2), part(b, 1), part(c, 0), part(c, 3)));
                }
                mixed0 += weight * first4;
                mixed1 += weight * second4;
                mixed2 += weight * third4;
            }
            int4 across = SIGNED4(LOAD(taps, TO_INT(column.z) + g));
            sum0 += sum_of(mean_of4(mixed0), across);
            sum1 += sum_of(mean_of4(mixed1), across);
            sum2 += sum_of(mean_of4(mixed2), across);
        }
        PRECISE float scaled0 = TO_FLOAT(sum0) * p.scale0;
        PRECISE float scaled1 = TO_FLOAT(sum1) * p.scale1;
        PRECISE float scaled2 = TO_FLOAT(sum2) * p.scale2;
        PRECISE float value0 = scaled0 + p.offset0;
        PRECISE float value1 = scaled1 + p.offset1;
        PRECISE float value2 = scaled2 + p.offset2;
        if (PIXELS == 1)
        {
            if (index < pixels)
            {
                STORE(tensor, pixel * p.pixel_stride + p.first, value0);
                STORE(tensor, pixel * p.pixel_stride + p.second, value1);
                STORE(tensor, pixel * p.pixel_stride + p.third, value2);
            }
        }
        else
        {
            uint number0;
            uint number1;
            uint number2;
            QUANTIZE(number0, value0, 0)
            QUANTIZE(number1, value1, 0)
            QUANTIZE(number2, value2, 0)
            // The model's first channel is the picture's third where they come in reverse.
            uint low = p.first > p.third ? number2 : number0;
            uint high = p.first > p.third ? number0 : number2;
            if (p.pixel_stride == 1)
            {
                held0 = held0 | (low << TO_UINT(8 * n));
                held1 = held1 | (number1 << TO_UINT(8 * n));
                held2 = held2 | (high << TO_UINT(8 * n));
            }
            else
            {
                // Pixel n has the bytes from 3 n on of the three words.
                uint three = low | (number1 << 8) | (high << 16);
                held0 = n == 0 ? three : n == 1 ? held0 | (three << 24) : held0;
                held1 = n == 1 ? three >> 8 : n == 2 ? held1 | (three << 16) : held1;
                held2 = n == 2 ? three >> 16 : n == 3 ? held2 | (three << 8) : held2;
            }
        }
    }
    if (PIXELS == 4 && index * 4 < pixels)
    {
        int step = p.pixel_stride == 1 ? pixels / 4 : 1;
        int to = p.pixel_stride == 1 ? index : index * 3;
        // The last pixels may be less than four.
        int words = (3 * pixels + 3) / 4;
        STORE(bytes, to, held0 ^ p.flip_y);
        if (to + step < words) STORE(bytes, to + step, held1 ^ p.flip_y);
        if (to + 2 * step < words) STORE(bytes, to + 2 * step, held2 ^ p.flip_y);
    }
}
}
