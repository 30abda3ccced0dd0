//: name words4
//: name byte_of
//: name edgert_table_i8
//: name Given
//: macro p
//: macro LOAD_x
//: macro LOAD_table
//: macro STORE_y
//: macro LOOKED_UP
//: macro LOOKED_UP4
typedef struct { int x_at; int table_at; int y_at; int vectors; } Given;
#define p given_
#define LOAD_x(at_) LOAD_PLAIN(x, at_)
#define LOAD_table(at_) LOAD_PLAIN(table, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
// A function of one byte, by a table of 256: sixteen for each invocation.
// Words of 32 bits, and the bytes in them.
static uint4 words4(uint a, uint b, uint c, uint d)
{
    uint4 words;
    words.x = a;
    words.y = b;
    words.z = c;
    words.w = d;
    return words;
}
static uint byte_of(uint word, int at) { return (word >> TO_UINT(8 * (at & 3))) & 255u; }

#define LOOKED_UP(byte) (LOAD(table, TO_INT((byte) >> 2)) >> (((byte) & 3u) * 8u) & 255u)
#define LOOKED_UP4(word) (LOOKED_UP((word) & 255u) | (LOOKED_UP(((word) >> 8) & 255u) << 8) | (LOOKED_UP(((word) >> 16) & 255u) << 16) | (LOOKED_UP((word) >> 24) << 24))
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_table_i8(__global const uint4* restrict x, __global const uint* restrict table, __global uint4* restrict y, const Given given_)
{
ADVANCE_PLAIN(x, given_.x_at);
ADVANCE_PLAIN(table, given_.table_at);
ADVANCE_PLAIN(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    uint4 v = LOAD(x, min(index, p.vectors - 1));
    uint4 result = words4(LOOKED_UP4(v.x), LOOKED_UP4(v.y), LOOKED_UP4(v.z), LOOKED_UP4(v.w));
    if (index < p.vectors) STORE(y, index, result);
}
}
