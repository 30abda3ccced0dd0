//: size int COUNT 1
//: size int ROW 1
//: size int FROM1 1
//: size int FROM2 1
//: size int FROM3 1
//: name words4
//: name byte_of
//: name edgert_concat_parts
//: name Given
//: macro COUNT
//: macro ROW
//: macro FROM1
//: macro FROM2
//: macro FROM3
//: macro LOAD_a
//: macro LOAD_b
//: macro LOAD_c
//: macro LOAD_d
//: macro STORE_y
typedef struct { int a_at; int b_at; int c_at; int d_at; int y_at; int COUNT_; int ROW_; int FROM1_; int FROM2_; int FROM3_; } Given;
#ifndef COUNT
#define COUNT (given_.COUNT_)
#endif
#ifndef ROW
#define ROW (given_.ROW_)
#endif
#ifndef FROM1
#define FROM1 (given_.FROM1_)
#endif
#ifndef FROM2
#define FROM2 (given_.FROM2_)
#endif
#ifndef FROM3
#define FROM3 (given_.FROM3_)
#endif
#define LOAD_a(at_) LOAD_PLAIN(a, at_)
#define LOAD_b(at_) LOAD_PLAIN(b, at_)
#define LOAD_c(at_) LOAD_PLAIN(c, at_)
#define LOAD_d(at_) LOAD_PLAIN(d, at_)
#define STORE_y(at_, value_) STORE_PLAIN(y, at_, value_)
// Rows of bytes made of up to four pieces, each of which begins where words may not: y [COUNT / ROW][ROW], pieces after the first begin at FROM1 and so on.
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
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_concat_parts(__global const uint* restrict a, __global const uint* restrict b, __global const uint* restrict c, __global const uint* restrict d, __global uint* restrict y, const Given given_)
{
ADVANCE_PLAIN(a, given_.a_at);
ADVANCE_PLAIN(b, given_.b_at);
ADVANCE_PLAIN(c, given_.c_at);
ADVANCE_PLAIN(d, given_.d_at);
ADVANCE_PLAIN(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    uint word = 0u;
    for (int i = 0; i < 4; i++)
    {
        int rest = min(index * 4 + i, COUNT - 1);
        int row = rest / ROW;
        int column = rest % ROW;
        uint value;
        if (column < FROM1)
        {
            int at = row * FROM1 + column;
            value = byte_of(LOAD(a, at >> 2), at);
        }
        else if (column < FROM2)
        {
            int at = row * (FROM2 - FROM1) + column - FROM1;
            value = byte_of(LOAD(b, at >> 2), at);
        }
        else if (column < FROM3)
        {
            int at = row * (FROM3 - FROM2) + column - FROM2;
            value = byte_of(LOAD(c, at >> 2), at);
        }
        else
        {
            int at = row * (ROW - FROM3) + column - FROM3;
            value = byte_of(LOAD(d, at >> 2), at);
        }
        word = word | (value << TO_UINT(8 * i));
    }
    if (index * 4 < COUNT) STORE(y, index, word);
}
}
