namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// A product of 8-bit rows and any constant 8-bit weights. Rows are widened to 16 bits less their zero point, block by block, so that padding is zeros and nothing has to be corrected for them. The zero points
/// of weights count by the sums of rows.
/// </summary>
internal sealed unsafe class ShortProductKernel<L, V>(CpuBinding binding, ByteOperand operand, BytePanels<L, V>[] groups, SumsEpilogue epilogue, long rows, int? zeroX)
    : ByteProductKernel(binding, operand, groups.Length, groups[0].Count, rows, ScratchShorts / operand.Step, ShortTile.Rows, operand.Step * (operand.InPlace ? 2L : 3L), ShortTile.Rows * BytePanels<L, V>.Width * sizeof(int), zeroX)
    where L : struct, IShortLanes<V> where V : unmanaged
{
    private const int ScratchShorts = 24 * 1024;

    private readonly bool signed = binding.Input(0).DataType == Tensors.DataType.I8;

    public override string Name => $"{Operand.Name}_i8_{ShortTile.Rows}x{BytePanels<L, V>.Width}";

    protected override void Multiply(int group, long row, int count, int firstPanel, int lastPanel, int zeroX, byte* memory, int* sums, int* rowSums)
    {
        int step = Operand.Step, width = BytePanels<L, V>.Width;
        BytePanels<L, V> panels = groups[group];
        short* numbers = (short*)memory;
        byte* bytes = Operand.Rows(row, count, group, unchecked((byte)zeroX), memory + (long)TileRows * step * sizeof(short));
        ByteRows.Centre(bytes, (nint)count * step, signed, (short)zeroX, numbers);
        for (int i = 0; i < count && epilogue.NeedsRowSums; i++) rowSums[i] = ByteRows.Sum(numbers + (long)i * step, Operand.Length);
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            int column = panel * width, columns = Math.Min(width, panels.Columns - column);
            for (int r = 0; r < count; r += ShortTile.Rows)
            {
                int height = Math.Min(ShortTile.Rows, count - r);
                ShortTile.Run<L, V>(numbers + (long)r * step, step, height, panels.Panel(panel), panels.Pairs, sums);
                epilogue.Write(sums, width, height, row + r, group * panels.Columns + column, columns, rowSums + r);
            }
        }
    }
}
