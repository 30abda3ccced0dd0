//: size int COUNT 1
//: size int INNER 1
//: size int INDICES 1
//: size int SIZE 1
//: size int WORDS 1
//: name edgert_gather
//: name Given
//: macro COUNT
//: macro INNER
//: macro INDICES
//: macro SIZE
//: macro WORDS
//: macro LOAD_x
//: macro LOAD_indices
//: macro STORE_y
typedef struct { int x_at; int indices_at; int y_at; int COUNT_; int INNER_; int INDICES_; int SIZE_; int WORDS_; } Given;
#ifndef COUNT
#define COUNT (given_.COUNT_)
#endif
#ifndef INNER
#define INNER (given_.INNER_)
#endif
#ifndef INDICES
#define INDICES (given_.INDICES_)
#endif
#ifndef SIZE
#define SIZE (given_.SIZE_)
#endif
#ifndef WORDS
#define WORDS (given_.WORDS_)
#endif
#define LOAD_x(at_) LOAD_STORED(x, at_)
#define LOAD_indices(at_) LOAD_PLAIN(indices, at_)
#define STORE_y(at_, value_) STORE_STORED(y, at_, value_)
// Floats that computed indices choose.
// Slices of x [OUTER][SIZE][INNER] that computed indices choose, of WORDS words each; negative ones count from the end, those outside are clamped.
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_gather(__global const stored* restrict x, __global const int* restrict indices, __global stored* restrict y, const Given given_)
{
ADVANCE_STORED(x, given_.x_at);
ADVANCE_PLAIN(indices, given_.indices_at);
ADVANCE_STORED(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    uint rest = TO_UINT(min(index, COUNT - 1));
    int at = TO_INT(rest % TO_UINT(INNER));
    rest = rest / TO_UINT(INNER);
    int place = LOAD(indices, TO_INT(rest % TO_UINT(INDICES)) * WORDS);
    int outer = TO_INT(rest / TO_UINT(INDICES));
    place = clamp(place < 0 ? place + SIZE : place, 0, SIZE - 1);
    if (index < COUNT) STORE(y, index, LOAD(x, (outer * SIZE + place) * INNER + at));
}
}
