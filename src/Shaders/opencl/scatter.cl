//: size int COUNT 1
//: size int WIDTH 1
//: name edgert_scatter
//: name Given
//: macro COUNT
//: macro WIDTH
//: macro LOAD_x
//: macro LOAD_table
//: macro STORE_y
typedef struct { int x_at; int table_at; int y_at; int COUNT_; int WIDTH_; } Given;
#ifndef COUNT
#define COUNT (given_.COUNT_)
#endif
#ifndef WIDTH
#define WIDTH (given_.WIDTH_)
#endif
#define LOAD_x(at_) LOAD_STORED(x, at_)
#define LOAD_table(at_) LOAD_PLAIN(table, at_)
#define STORE_y(at_, value_) STORE_STORED(y, at_, value_)
// Puts slices of floats where a table says.
// Puts slices of WIDTH elements where a table says; a negative entry drops the slice.
__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))
void edgert_scatter(__global const stored* restrict x, __global const int* restrict table, __global stored* restrict y, const Given given_)
{
ADVANCE_STORED(x, given_.x_at);
ADVANCE_PLAIN(table, given_.table_at);
ADVANCE_STORED(y, given_.y_at);
{
    int index = GLOBAL_INDEX();
    int inside = min(index, COUNT - 1);
    int to = LOAD(table, inside / WIDTH);
    if (index < COUNT && to >= 0) STORE(y, to + inside % WIDTH, LOAD(x, inside));
}
}
