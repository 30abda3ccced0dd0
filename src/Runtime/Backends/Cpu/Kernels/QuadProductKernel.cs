using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// A product of 8-bit rows and constant I8 weights without zero points, in quads of bytes as they are: nothing is widened. The zero point of x counts by the sums of columns, and padding is the zero point.
/// Where the instructions need it, the weights are within <see cref="PairBound"/>.
/// </summary>
internal sealed unsafe class QuadProductKernel<L, V> : ByteProductKernel where L : struct, IQuadLanes<V> where V : unmanaged
{
    private const int ScratchBytes = 128 * 1024;

    private readonly QuadPanels<L, V>[] groups;
    private readonly SumsEpilogue epilogue;
    private readonly bool constantZero;
    private readonly int lift;

    /// <summary>Binds the product; the epilogue corrects by row sums where the zero point is not known, else its bias is corrected here.</summary>
    /// <param name="binding">The step: input 0 is x.</param>
    /// <param name="operand">The rows, as U8.</param>
    /// <param name="groups">The weights of each group of columns.</param>
    /// <param name="epilogue">Writes the sums.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="zeroX">Zero point of x where it is known; else null.</param>
    /// <param name="signed">True when x is I8.</param>
    public QuadProductKernel(CpuBinding binding, ByteOperand operand, QuadPanels<L, V>[] groups, SumsEpilogue epilogue, long rows, int? zeroX, bool signed)
        : base(binding, operand, groups.Length, groups[0].Count, rows, ScratchBytes / operand.Step, QuadTile.Rows, operand.InPlace ? 0 : operand.Step,
            QuadTile.Rows * QuadPanels<L, V>.Width * sizeof(int), zeroX)
    {
        this.groups = groups;
        this.epilogue = epilogue;
        // What is taken from the zero point of I8 when it becomes U8, and by instructions of signed numbers.
        lift = (signed ? 128 : 0) - L.Offset;
        constantZero = zeroX is not null;
        for (int i = 0; i < groups.Length && zeroX is { } zero; i++) epilogue.TakeFromBias(i * groups[i].Columns, groups[i].Columns, groups[i].ColumnSums, zero + lift);
    }

    public override string Name => $"{Operand.Name}_i8_quads_{QuadTile.Rows}x{QuadPanels<L, V>.Width}";

    protected override void Multiply(int group, long row, int count, int firstPanel, int lastPanel, int zeroX, byte* memory, int* sums, int* rowSums)
    {
        int step = Operand.Step, width = QuadPanels<L, V>.Width;
        QuadPanels<L, V> panels = groups[group];
        byte* bytes = Operand.Rows(row, count, group, unchecked((byte)zeroX), memory);
        for (int i = 0; i < count && !constantZero; i++) rowSums[i] = zeroX + lift;
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            int column = panel * width, columns = Math.Min(width, panels.Columns - column);
            for (int r = 0; r < count; r += QuadTile.Rows)
            {
                int height = Math.Min(QuadTile.Rows, count - r);
                QuadTile.Run<L, V>(bytes + (long)r * step, step, height, panels.Panel(panel), panels.Quads, panels.IsNarrow(panel), sums);
                epilogue.Write(sums, width, height, row + r, group * panels.Columns + column, columns, rowSums + r);
            }
        }
    }
}
