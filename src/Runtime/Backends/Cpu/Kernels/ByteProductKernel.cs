using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// A product of 8-bit rows and constant 8-bit weights in exact integers. Rows are widened less their zero point, block by block, into the worker's scratch memory, where padding is zeros; so nothing has to be
/// corrected for them. The zero points of weights count by the sums of rows.
/// </summary>
internal abstract unsafe class ByteProductKernel<L, V> : CpuKernel where L : struct, IShortLanes<V> where V : unmanaged
{
    private const int ScratchShorts = 24 * 1024, MostRows = 48;

    private readonly BytePanels<L, V>[] groups;
    private readonly SumsEpilogue epilogue;
    private readonly byte* zero;
    private readonly int constantZero;
    private readonly long rows;
    private readonly int rowLength, tileRows, rowTiles, panelTiles, panelsPerTile;
    private readonly byte* scratch;
    private readonly long scratchBytes;

    /// <summary>Binds the product.</summary>
    /// <param name="binding">The step: input 0 is x.</param>
    /// <param name="groups">The weights of each group of columns.</param>
    /// <param name="epilogue">Writes the sums.</param>
    /// <param name="k">Numbers in a row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="zeroX">Zero point of x where it is known; else null, and <paramref name="zero"/> is read on each run.</param>
    /// <param name="zero">Its memory; missing for 0.</param>
    protected ByteProductKernel(CpuBinding binding, BytePanels<L, V>[] groups, SumsEpilogue epilogue, int k, long rows, int? zeroX, TensorView zero)
    {
        this.groups = groups;
        this.epilogue = epilogue;
        this.rows = rows;
        IsSigned = binding.Input(0).DataType == DataType.I8;
        constantZero = zeroX ?? 0;
        this.zero = zeroX is null && !zero.IsMissing ? (byte*)zero.Data : null;
        rowLength = (k + 1) / 2 * 2;
        tileRows = Math.Clamp(ScratchShorts / rowLength / ShortTile.Rows * ShortTile.Rows, ShortTile.Rows, MostRows);
        rowTiles = checked((int)((rows + tileRows - 1) / tileRows));
        // With few rows, the columns are what can be shared out.
        int panels = groups[0].Count;
        panelsPerTile = groups.Length == 1 && rowTiles < 4 * binding.Workers && binding.Workers > 1 ? Math.Max(1, panels / (4 * binding.Workers)) : panels;
        panelTiles = (panels + panelsPerTile - 1) / panelsPerTile;
        Tiles = checked(rowTiles * panelTiles);
        scratchBytes = ((long)tileRows * rowLength * sizeof(short) + tileRows * sizeof(int) + (long)ShortTile.Rows * BytePanels<L, V>.Width * sizeof(int) + 63) / 64 * 64;
        scratch = (byte*)binding.Allocate(scratchBytes * binding.Workers);
    }

    public override int Tiles { get; }

    /// <summary>True for I8.</summary>
    protected bool IsSigned { get; }

    /// <summary>Rows and columns of the tile that most work is done in.</summary>
    protected static string Tile => $"{ShortTile.Rows}x{BytePanels<L, V>.Width}";

    public override void Run(int first, int last, int worker)
    {
        short* numbers = (short*)(scratch + worker * scratchBytes);
        int* rowSums = (int*)(numbers + (long)tileRows * rowLength), sums = rowSums + tileRows;
        short zeroX = (short)(zero == null ? constantZero : IsSigned ? *(sbyte*)zero : *zero);
        for (int tile = first; tile < last; tile++)
        {
            int panelTile = tile % panelTiles;
            long row = (long)(tile / panelTiles) * tileRows;
            int count = (int)Math.Min(tileRows, rows - row);
            for (int group = 0; group < groups.Length; group++)
            {
                Gather(row, count, group, zeroX, numbers, rowLength);
                for (int i = 0; i < count && epilogue.NeedsRowSums; i++) rowSums[i] = ByteRows.Sum(numbers + (long)i * rowLength, rowLength);
                Multiply(groups[group], group, row, count, panelTile * panelsPerTile, numbers, rowSums, sums);
            }
        }
    }

    /// <summary>Writes rows of x less the zero point, each <paramref name="step"/> long, an odd one with a zero at its end.</summary>
    protected abstract void Gather(long row, int count, int group, short zeroX, short* target, int step);

    private void Multiply(BytePanels<L, V> panels, int group, long row, int count, int firstPanel, short* numbers, int* rowSums, int* sums)
    {
        int width = BytePanels<L, V>.Width, lastPanel = Math.Min(firstPanel + panelsPerTile, panels.Count);
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            int column = panel * width, columns = Math.Min(width, panels.Columns - column);
            for (int r = 0; r < count; r += ShortTile.Rows)
            {
                int height = Math.Min(ShortTile.Rows, count - r);
                ShortTile.Run<L, V>(numbers + (long)r * rowLength, rowLength, height, panels.Panel(panel), panels.Pairs, sums);
                epilogue.Write(sums, width, height, row + r, group * panels.Columns + column, columns, rowSums + r);
            }
        }
    }
}
