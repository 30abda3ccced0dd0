using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A product of rows of bytes and constant 8-bit weights in exact integers: how the work is cut into tiles, and the memory of a worker.</summary>
internal abstract unsafe class ByteProductKernel : CpuKernel
{
    private const int MostRows = 48;

    private readonly byte* zero;
    private readonly int constantZero, panelsPerTile, panelTiles, panels;
    private readonly bool isSigned;
    private readonly byte* scratch;
    private readonly long scratchBytes, sumsAt, rowSumsAt;

    /// <summary>Binds the product.</summary>
    /// <param name="binding">The step: input 0 is x.</param>
    /// <param name="operand">The rows.</param>
    /// <param name="groups">Groups of columns.</param>
    /// <param name="panels">Panels of a group.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="cacheRows">Rows that fit the cache; they are worked on at a time.</param>
    /// <param name="height">Rows of the block that stays in registers.</param>
    /// <param name="rowBytes">Scratch memory for a row.</param>
    /// <param name="blockBytes">Scratch memory for a block of sums.</param>
    /// <param name="zeroX">Zero point of x where it is known; else null, and input 2 is read on each run.</param>
    protected ByteProductKernel(CpuBinding binding, ByteOperand operand, int groups, int panels, long rows, long cacheRows, int height, long rowBytes, long blockBytes, int? zeroX)
    {
        Operand = operand;
        RowCount = rows;
        isSigned = binding.Input(0).DataType == DataType.I8;
        constantZero = zeroX ?? 0;
        zero = zeroX is null && !binding.Input(2).IsMissing ? (byte*)binding.Input(2).Data : null;
        this.panels = panels;
        // Tiles of about the same number of rows: a last one of a row or two would go through all weights for little.
        long most = Math.Clamp(cacheRows / height * height, height, MostRows), tiles = Math.Max(1, (rows + most / 4) / most);
        TileRows = (int)Math.Min(int.MaxValue / 2, ((rows + tiles - 1) / tiles + height - 1) / height * height);
        int rowTiles = checked((int)((rows + TileRows - 1) / TileRows));
        // With few rows, the columns are what can be shared out.
        panelsPerTile = groups == 1 && rowTiles < 4 * binding.Workers && binding.Workers > 1 ? Math.Max(1, panels / (4 * binding.Workers)) : panels;
        panelTiles = (panels + panelsPerTile - 1) / panelsPerTile;
        Tiles = checked(rowTiles * panelTiles);
        Groups = groups;
        // A spare line before the sums: rows may be written a little past their end.
        sumsAt = (TileRows * rowBytes + 127) / 64 * 64;
        rowSumsAt = sumsAt + blockBytes + 64;
        scratchBytes = (rowSumsAt + TileRows * sizeof(int) + 63) / 64 * 64;
        scratch = (byte*)binding.Allocate(scratchBytes * binding.Workers);
    }

    public override int Tiles { get; }

    /// <summary>The rows.</summary>
    protected ByteOperand Operand { get; }

    /// <summary>Rows of a tile.</summary>
    protected int TileRows { get; }

    private int Groups { get; }

    private long RowCount { get; }

    public override void Run(int first, int last, int worker)
    {
        byte* own = scratch + worker * scratchBytes;
        int zeroX = zero == null ? constantZero : isSigned ? *(sbyte*)zero : *zero;
        for (int tile = first; tile < last; tile++)
        {
            int firstPanel = tile % panelTiles * panelsPerTile;
            long row = (long)(tile / panelTiles) * TileRows;
            int count = (int)Math.Min(TileRows, RowCount - row);
            for (int group = 0; group < Groups; group++)
                Multiply(group, row, count, firstPanel, Math.Min(firstPanel + panelsPerTile, panels), zeroX, own, (int*)(own + sumsAt), (int*)(own + rowSumsAt));
        }
    }

    /// <summary>Rows by some panels of a group of columns.</summary>
    /// <param name="group">Number of the group.</param>
    /// <param name="row">First row.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="firstPanel">First panel.</param>
    /// <param name="lastPanel">End of the range of panels.</param>
    /// <param name="zeroX">Zero point of x.</param>
    /// <param name="memory">Scratch memory for rows.</param>
    /// <param name="sums">Scratch memory for a block of sums.</param>
    /// <param name="rowSums">Scratch memory for a number for each row.</param>
    protected abstract void Multiply(int group, long row, int count, int firstPanel, int lastPanel, int zeroX, byte* memory, int* sums, int* rowSums);
}
