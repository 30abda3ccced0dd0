//: macro LOAD_x
//: macro LOAD_weight
//: macro LOAD_channel
//: macro STORE_y
//: macro bytes4
//: macro BYTES4
//: macro WEIGHTS4
//: macro DOT4X4
//: constant int PIXELS 4
//: constant int OUTPUTS 1
//: constant int COUNT 1
//: constant int C4 1
//: constant int O4 1
//: constant int ZERO_POINT 0
//: constant int LOWEST 0
//: constant int HIGHEST 255
//: name unpack4
//: name requantize4
//: name edgert_conv_i8_pointwise
//: name Given
typedef struct { int x_at; int weight_at; int channel_at; int y_at; } Given;
#define LOAD_x(at_) LOAD_PLAIN(x, at_)
#define LOAD_weight(at_) LOAD_PLAIN(weight, at_)
#define LOAD_channel(at_) LOAD_PLAIN(channel, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
// 1x1 convolution of bytes: each invocation computes a tile of PIXELS pixels x OUTPUTS groups of four channels in registers.
// x [pixels][C4] words of four channels, unsigned; weight [O4][C4], for each of four outputs a word of four inputs, signed;
// channel [O4][3]: bias (with what the zero point of x adds), multiplier and shift of four outputs, see requantize; y [pixels][O4].
// Sums of products of bytes, for four outputs at once: an instruction where the device has one, and the same values without it. Without, words are
// unpacked when they are read, once for all that they are multiplied with: two of three compilers do not find that out.

#ifdef HAS_DOT4
// Four unsigned bytes of a pixel.
#define bytes4 uint
#define BYTES4(word) (word)
// Declares the weights of four outputs, a word of four signed inputs each.
#define WEIGHTS4(name, words) uint4 name = words
#define DOT4X4(v, name) INT4(DOT4(v, name.x), DOT4(v, name.y), DOT4(v, name.z), DOT4(v, name.w))
#else
#define bytes4 int4
#define BYTES4(word) unpack4(word)
#define WEIGHTS4(name, words) uint4 name = words; int4 name##0 = SIGNED4(name << 24) >> 24; int4 name##1 = SIGNED4(name << 16) >> 24; int4 name##2 = SIGNED4(name << 8) >> 24; int4 name##3 = SIGNED4(name) >> 24
#define DOT4X4(v, name) ((v).x * name##0 + (v).y * name##1 + (v).z * name##2 + (v).w * name##3)

static int4 unpack4(uint word)
{
    return INT4(TO_INT(word & 255u), TO_INT((word >> 8) & 255u), TO_INT((word >> 16) & 255u), TO_INT(word >> 24));
}
#endif
// From the sum of a convolution of bytes to bytes: sum * multiplier / 2^(32 + right - left), rounded to the nearest, a half up, then the zero
// point is added and the result kept in range. All integers, so that the bytes are the same on every device; floats may be rounded either way.
// multiplier in [2^30, 2^31), right in [1, 31], left in [0, 24] and only where right is 1: then what the first clamp cuts off is out of range.

// Four channels, packed in a word; shift is right + 256 * left.
static uint requantize4(int4 sum, int4 multiplier, int4 shift)
{
    int4 left = shift >> 8;
    int4 right = shift & 255;
    int4 most = SPLAT_INT4(2147483647) >> left;
    // The lower half of the product may be left out: rounding down twice is rounding down once.
    int4 product = MULTIPLY_HIGH4(clamp(sum, -most, most) << left, multiplier);
    int4 value = clamp(((product + (SPLAT_INT4(1) << (right - 1))) >> right) + ZERO_POINT, SPLAT_INT4(LOWEST), SPLAT_INT4(HIGHEST));
    uint4 bytes = UNSIGNED4(value);
    return bytes.x | (bytes.y << 8) | (bytes.z << 16) | (bytes.w << 24);
}
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_conv_i8_pointwise(__global const uint* restrict x, __global const uint4* restrict weight, __global const uint4* restrict channel, __global uint* restrict y, const Given given_)
{
ADVANCE_PLAIN(x, given_.x_at);
ADVANCE_PLAIN(weight, given_.weight_at);
ADVANCE_PLAIN(channel, given_.channel_at);
ADVANCE_PLAIN(y, given_.y_at);
{
    int tiles = (COUNT + PIXELS - 1) / PIXELS;
    int index = GLOBAL_INDEX();
    int pixel = (index % tiles) * PIXELS;
    int group = (index / tiles) * OUTPUTS;

    int4 sum[PIXELS * OUTPUTS];
    for (int o = 0; o < OUTPUTS; o++)
        for (int p = 0; p < PIXELS; p++) sum[o * PIXELS + p] = SIGNED4(LOAD(channel, min(group + o, O4 - 1) * 3));
    for (int c = 0; c < C4; c++)
    {
        bytes4 xs[PIXELS];
        for (int p = 0; p < PIXELS; p++) xs[p] = BYTES4(LOAD(x, min(pixel + p, COUNT - 1) * C4 + c));
        for (int o = 0; o < OUTPUTS; o++)
        {
            WEIGHTS4(w, LOAD(weight, min(group + o, O4 - 1) * C4 + c));
            for (int p = 0; p < PIXELS; p++) sum[o * PIXELS + p] += DOT4X4(xs[p], w);
        }
    }
    for (int o = 0; o < OUTPUTS; o++)
    {
        int at = min(group + o, O4 - 1) * 3;
        int4 multiplier = SIGNED4(LOAD(channel, at + 1));
        int4 shift = SIGNED4(LOAD(channel, at + 2));
        for (int p = 0; p < PIXELS; p++)
            if (pixel + p < COUNT && group + o < O4)
                STORE(y, (pixel + p) * O4 + group + o, requantize4(sum[o * PIXELS + p], multiplier, shift));
    }
}
}
