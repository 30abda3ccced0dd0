using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A function of each element of broadcast operands, of any types, cut into pieces of rows.</summary>
internal abstract unsafe class RowsKernel : CpuKernel
{
    private const int TileElements = 8 * 1024;

    private readonly OperandRows rows;
    private readonly long perTile, piece;

    protected RowsKernel(string name, in Shape result, in Shape a, in Shape b, in Shape c)
    {
        Name = name;
        rows = new OperandRows(result, a, b, c);
        // Long rows are cut, short ones go together.
        piece = Math.Clamp(rows.Length, 1, TileElements);
        perTile = Math.Max(1, TileElements / piece);
        Tiles = (int)((rows.Count * Pieces + perTile - 1) / perTile);
    }

    public override string Name { get; }

    public override int Tiles { get; }

    private long Pieces => (rows.Length + piece - 1) / piece;

    public override void Run(int first, int last, int worker)
    {
        long end = Math.Min(last * perTile, rows.Count * Pieces);
        for (long at = first * perTile; at < end; at++)
        {
            (long row, long part) = Math.DivRem(at, Pieces);
            (long a, long b, long c) = rows.Row(row);
            long start = part * piece;
            Compute(a + start * rows.StepA, rows.StepA, b + start * rows.StepB, rows.StepB, c + start * rows.StepC, rows.StepC, row * rows.Length + start, Math.Min(piece, rows.Length - start));
        }
    }

    /// <summary>Computes some elements of a row: where they begin in each operand and how far apart they are, and where they go.</summary>
    protected abstract void Compute(long a, long stepA, long b, long stepB, long c, long stepC, long y, long count);
}
