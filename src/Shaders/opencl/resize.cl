//: size int COUNT 1
//: size int CHANNELS 1
//: constant int PART 1
//: size int COLUMNS 1
//: size int ROWS 1
//: size int PICTURE 1
//: size int ACROSS 1
//: size int DOWN 1
//: name edgert_resize
//: name Given
//: macro COUNT
//: macro CHANNELS
//: macro COLUMNS
//: macro ROWS
//: macro PICTURE
//: macro ACROSS
//: macro DOWN
//: macro p
//: macro LOAD_x
//: macro LOAD_places
//: macro LOAD_weights
//: macro STORE_y
//: macro ELEMENT
//: macro SPLAT
typedef struct { int x_at; int places_at; int weights_at; int y_at; int COUNT_; int CHANNELS_; int COLUMNS_; int ROWS_; int PICTURE_; int ACROSS_; int DOWN_; float value; } Given;
#ifndef COUNT
#define COUNT (given_.COUNT_)
#endif
#ifndef CHANNELS
#define CHANNELS (given_.CHANNELS_)
#endif
#ifndef COLUMNS
#define COLUMNS (given_.COLUMNS_)
#endif
#ifndef ROWS
#define ROWS (given_.ROWS_)
#endif
#ifndef PICTURE
#define PICTURE (given_.PICTURE_)
#endif
#ifndef ACROSS
#define ACROSS (given_.ACROSS_)
#endif
#ifndef DOWN
#define DOWN (given_.DOWN_)
#endif
#define p given_
#define LOAD_x(at_) LOAD_STORED(x, at_)
#define LOAD_places(at_) LOAD_PLAIN(places, at_)
#define LOAD_weights(at_) LOAD_STORED(weights, at_)
#define STORE_y(at_, value_) STORE_STORED(y, at_, value_)
// Resizes pictures of any number of channels by weighted sums.
#define ELEMENT float
#define SPLAT(v) (v)
// Resizes one axis or two neighbouring ones: a result is a weighted sum of ACROSS x DOWN neighbours. First in places and weights come those of each
// column, then those of each row; places are multiplied with their steps, and negative outside of x. An invocation computes PART of the channels of a pixel.
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_resize(__global const stored* restrict x, __global const int* restrict places, __global const stored* restrict weights, __global stored* restrict y, const Given given_)
{
ADVANCE_STORED(x, given_.x_at);
ADVANCE_PLAIN(places, given_.places_at);
ADVANCE_STORED(weights, given_.weights_at);
ADVANCE_STORED(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    int parts = CHANNELS / PART;
    uint rest = TO_UINT(min(index, COUNT - 1));
    int channel = TO_INT(rest % TO_UINT(parts));
    rest = rest / TO_UINT(parts);
    int pixel = TO_INT(rest);
    int column = TO_INT(rest % TO_UINT(COLUMNS));
    rest = rest / TO_UINT(COLUMNS);
    int row = TO_INT(rest % TO_UINT(ROWS));
    int from = TO_INT(rest / TO_UINT(ROWS)) * PICTURE + channel;

    ELEMENT sum[PART];
    for (int k = 0; k < PART; k++) sum[k] = SPLAT(0.0f);
    int sign = 0;
    for (int i = 0; i < DOWN; i++)
    {
        int line = LOAD(places, COLUMNS * ACROSS + row * DOWN + i);
        float down = LOAD(weights, COLUMNS * ACROSS + row * DOWN + i);
        sign = sign | line;
        for (int j = 0; j < ACROSS; j++)
        {
            int place = LOAD(places, column * ACROSS + j);
            float weight = down * LOAD(weights, column * ACROSS + j);
            sign = sign | place;
            for (int k = 0; k < PART; k++) sum[k] += weight * LOAD(x, max(from + line + place, 0) + k * parts);
        }
    }
    for (int k = 0; k < PART; k++)
        if (index < COUNT) STORE(y, pixel * CHANNELS + channel + k * parts, SELECT(sum[k], SPLAT(p.value), sign < 0));
}
}
