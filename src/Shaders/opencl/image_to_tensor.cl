//: constant int FORMAT 0
//: constant int ALIGNED 1
//: name part
//: name whole
//: name colour
//: name edgert_image_to_tensor
//: name Given
//: macro p
//: macro LOAD_picture
//: macro LOAD_taps
//: macro STORE_tensor
//: macro Rgb24
//: macro Bgr24
//: macro Rgba32
//: macro Nv12
//: macro Yuv420p
//: macro BYTE
typedef struct { int picture_at; int taps_at; int tensor_at; int width; int height; int picture_width; int picture_height; int pixel_stride; int first; int second; int third; float scale0; float scale1; float scale2; float offset0; float offset1; float offset2; } Given;
#define p given_
#define LOAD_picture(at_) LOAD_PLAIN(picture, at_)
#define LOAD_taps(at_) LOAD_PLAIN(taps, at_)
#define STORE_tensor(at_, value_) STORE_STORED(tensor, at_, value_)
// The bytes of a picture to a model's input: each invocation makes one pixel, as a weighted sum over groups of four neighbouring pixels of the picture.
// picture: the bytes, four in a word. taps: for each column of the result the first group, how many, and where their weights are, four to a
// group; then for each row the first row, how many, and where their weights are, in the first component; then all weights as the bits of floats.
// The number of the format in PixelFormat.
// 1 when every group of four pixels begins at a word (of planes of U and V: at half of one), as those of four bytes always do.

#define Rgb24 0
#define Bgr24 1
#define Rgba32 2
#define Nv12 3
#define Yuv420p 4

static float part(uint word, int index)
{
    return TO_FLOAT((word >> TO_UINT(8 * index)) & 255u);
}

static int whole(uint word, int index)
{
    return TO_INT((word >> TO_UINT(8 * index)) & 255u);
}

// BT.601, limited range, in 16 binary places; see YuvColour.
static float4 colour(int y, int u, int v)
{
    int luma = 76309 * (y - 16) + 32768;
    int red = (luma + 104597 * (v - 128)) >> 16;
    int green = (luma - 25675 * (u - 128) - 53279 * (v - 128)) >> 16;
    int blue = (luma + 132201 * (u - 128)) >> 16;
    return FLOAT4(TO_FLOAT(clamp(red, 0, 255)), TO_FLOAT(clamp(green, 0, 255)), TO_FLOAT(clamp(blue, 0, 255)), 0.0f);
}

#define BYTE(index) whole(LOAD(picture, (index) >> 2), (index) & 3)

__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_image_to_tensor(__global const uint* restrict picture, __global const uint4* restrict taps, __global stored* restrict tensor, const Given given_)
{
ADVANCE_PLAIN(picture, given_.picture_at);
ADVANCE_PLAIN(taps, given_.taps_at);
ADVANCE_STORED(tensor, given_.tensor_at);
{
    int index = GLOBAL_INDEX();
    int pixel = min(index, p.width * p.height - 1);
    uint4 column = LOAD(taps, pixel % p.width);
    uint4 row = LOAD(taps, p.width + pixel / p.width);
    int plane = p.picture_width * p.picture_height;
    float4 sum = SPLAT4(0.0f);
    for (int r = 0; r < TO_INT(row.y); r++)
    {
        int line = TO_INT(row.x) + r;
        float4 mixed = SPLAT4(0.0f);
        for (int g = 0; g < TO_INT(column.y); g++)
        {
            uint4 bits = LOAD(taps, TO_INT(column.z) + g);
            float4 w = FLOAT4(AS_FLOAT(bits.x), AS_FLOAT(bits.y), AS_FLOAT(bits.z), AS_FLOAT(bits.w));
            int start = 4 * (TO_INT(column.x) + g);
            if (ALIGNED == 0)
            {
                for (int k = 0; k < 4; k++)
                {
                    // Of groups that reach beyond the row the weights are 0 there.
                    int at = min(start + k, p.picture_width - 1);
                    float weight = SELECT(SELECT(SELECT(w.w, w.z, k == 2), w.y, k == 1), w.x, k == 0);
                    if (FORMAT == Nv12)
                    {
                        int chroma = plane + (line / 2) * p.picture_width + at / 2 * 2;
                        mixed += weight * colour(BYTE(line * p.picture_width + at), BYTE(chroma), BYTE(chroma + 1));
                    }
                    else if (FORMAT == Yuv420p)
                    {
                        int chroma = plane + (line / 2) * (p.picture_width / 2) + at / 2;
                        mixed += weight * colour(BYTE(line * p.picture_width + at), BYTE(chroma), BYTE(chroma + plane / 4));
                    }
                    else
                    {
                        int i = (line * p.picture_width + at) * 3;
                        mixed += weight * FLOAT4(TO_FLOAT(BYTE(i)), TO_FLOAT(BYTE(i + 1)), TO_FLOAT(BYTE(i + 2)), 0.0f);
                    }
                }
            }
            else if (FORMAT == Rgba32)
            {
                // The last group may reach beyond the picture, with weights of 0.
                int at = line * p.picture_width + start;
                uint a = LOAD(picture, at);
                uint b = LOAD(picture, min(at + 1, plane - 1));
                uint c = LOAD(picture, min(at + 2, plane - 1));
                uint d = LOAD(picture, min(at + 3, plane - 1));
                mixed += w.x * FLOAT4(part(a, 0), part(a, 1), part(a, 2), 0.0f) + w.y * FLOAT4(part(b, 0), part(b, 1), part(b, 2), 0.0f)
                    + w.z * FLOAT4(part(c, 0), part(c, 1), part(c, 2), 0.0f) + w.w * FLOAT4(part(d, 0), part(d, 1), part(d, 2), 0.0f);
            }
            else if (FORMAT == Nv12 || FORMAT == Yuv420p)
            {
                uint y = LOAD(picture, (line * p.picture_width + start) >> 2);
                int u0;
                int v0;
                int u1;
                int v1;
                if (FORMAT == Nv12)
                {
                    uint chroma = LOAD(picture, (plane + (line / 2) * p.picture_width + start) >> 2);
                    u0 = whole(chroma, 0);
                    v0 = whole(chroma, 1);
                    u1 = whole(chroma, 2);
                    v1 = whole(chroma, 3);
                }
                else
                {
                    int i = plane + (line / 2) * (p.picture_width / 2) + start / 2;
                    int j = i + plane / 4;
                    uint u = LOAD(picture, i >> 2);
                    uint v = LOAD(picture, j >> 2);
                    u0 = whole(u, i & 3);
                    u1 = whole(u, (i & 3) + 1);
                    v0 = whole(v, j & 3);
                    v1 = whole(v, (j & 3) + 1);
                }
                mixed += w.x * colour(whole(y, 0), u0, v0) + w.y * colour(whole(y, 1), u0, v0)
                    + w.z * colour(whole(y, 2), u1, v1) + w.w * colour(whole(y, 3), u1, v1);
            }
            else
            {
                int at = ((line * p.picture_width + start) >> 2) * 3;
                uint a = LOAD(picture, at);
                uint b = LOAD(picture, at + 1);
                uint c = LOAD(picture, at + 2);
                mixed += w.x * FLOAT4(part(a, 0), part(a, 1), part(a, 2), 0.0f) + w.y * FLOAT4(part(a, 3), part(b, 0), part(b, 1), 0.0f)
                    + w.z * FLOAT4(part(b, 2), part(b, 3), part(c, 0), 0.0f) + w.w * FLOAT4(part(c, 1), part(c, 2), part(c, 3), 0.0f);
            }
        }
        sum += AS_FLOAT(LOAD(taps, TO_INT(row.z) + r).x) * mixed;
    }
    if (index < p.width * p.height)
    {
        STORE(tensor, pixel * p.pixel_stride + p.first, sum.x * p.scale0 + p.offset0);
        STORE(tensor, pixel * p.pixel_stride + p.second, sum.y * p.scale1 + p.offset1);
        STORE(tensor, pixel * p.pixel_stride + p.third, sum.z * p.scale2 + p.offset2);
    }
}
}
