using System.Diagnostics;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Matrix products on the tiles of convolution. A constant B is packed into panels once; another is read where it is, or packed
/// panel by panel into the worker's scratch memory when it is transposed or scaled. A transposed A is turned there block by block.
/// </summary>
internal sealed unsafe class MatMulKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    private const int TileRows = 48;

    private readonly MatMulShapes s;
    private readonly FastActivation activation;
    private readonly GemmPanels<L, V>[] panels;
    private readonly float* a, b, y, residual;
    private readonly nint* zeroOffset;
    private readonly float scale;
    private readonly bool packsOnRun, direct;
    private readonly float* scratch;
    private readonly long scratchFloats, panelFloats;
    private readonly int rowTiles, panelTiles, panelsPerTile;

    private MatMulKernel(CpuBinding binding, MatMul op, MatMulShapes shapes, float* bias, float* residual)
    {
        s = shapes;
        activation = new FastActivation(op.Activation);
        a = (float*)binding.Input(0).Data;
        b = (float*)binding.Input(1).Data;
        y = (float*)binding.Output(0).Data;
        this.residual = residual;
        scale = op.Scale;
        zeroOffset = (nint*)binding.Allocate(sizeof(nint));
        bool constant = binding.IsConstant(1);
        direct = !constant && !s.TransposeB && scale == 1;
        packsOnRun = !constant && !direct;
        panels = new GemmPanels<L, V>[constant ? s.MatricesB : 1];
        for (int i = 0; i < panels.Length; i++)
        {
            panels[i] = new GemmPanels<L, V>(binding, s.K, s.N, bias, residual == null ? 0 : s.N, packed: constant, constant ? 1 : -1, $"matmul {i} {s.TransposeB} {scale:R}");
            if (constant) panels[i].Pack(b + (long)i * s.K * s.N, s.TransposeB ? 1 : s.N, s.TransposeB ? s.K : 1, scale);
        }
        // With few rows, the columns are what can be shared out.
        rowTiles = packsOnRun ? 1 : (s.M + TileRows - 1) / TileRows;
        bool cut = packsOnRun || (long)s.Batches * rowTiles < 4L * binding.Workers;
        // A function that is applied in a pass of its own over whole rows must wait for all panels.
        cut &= activation.Rest == null;
        panelsPerTile = cut ? Math.Max(1, panels[0].Count / (4 * binding.Workers)) : panels[0].Count;
        panelTiles = (panels[0].Count + panelsPerTile - 1) / panelsPerTile;
        Tiles = s.Batches * rowTiles * panelTiles;
        panelFloats = packsOnRun ? (long)s.K * 3 * L.Count : 0;
        scratchFloats = panelFloats + (s.TransposeA ? (long)TileRows * s.K : 0);
        scratchFloats = (scratchFloats + 15) / 16 * 16;
        if (scratchFloats > 0) scratch = (float*)binding.Scratch(scratchFloats * binding.Workers * sizeof(float));
        Name = $"matmul_f32_{panels[0].Tile}{(packsOnRun ? "_pack" : "")}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, MatMul op, MatMulShapes shapes, float* bias, float* residual) =>
        new MatMulKernel<L, V>(binding, op, shapes, bias, residual);

    public override void Run(int first, int last, int worker)
    {
        float* packed = scratch + worker * scratchFloats, turned = packed + panelFloats;
        for (int tile = first; tile < last; tile++)
        {
            int panelTile = tile % panelTiles, rowTile = tile / panelTiles % rowTiles, batch = tile / panelTiles / rowTiles;
            int from = panelTile * panelsPerTile, to = Math.Min(from + panelsPerTile, panels[0].Count);
            int firstRow = packsOnRun ? 0 : rowTile * TileRows, lastRow = packsOnRun ? s.M : Math.Min((rowTile + 1) * TileRows, s.M);
            if (!packsOnRun) Rows(batch, firstRow, lastRow, from, to, null, turned);
            for (int panel = from; packsOnRun && panel < to; panel++)
            {
                panels[0].PackPanel(panel, packed, b + s.OffsetB(batch), s.TransposeB ? 1 : s.N, s.TransposeB ? s.K : 1, scale);
                for (int row = 0; row < s.M; row += TileRows)
                    Rows(batch, row, Math.Min(row + TileRows, s.M), panel, panel + 1, packed, turned);
            }
            float* finished = y + ((long)batch * s.M + firstRow) * s.N;
            activation.Rest?.Apply(finished, finished, (long)(lastRow - firstRow) * s.N);
        }
    }

    private void Rows(int batch, int first, int last, int firstPanel, int lastPanel, float* packed, float* turned)
    {
        Debug.Assert(first < last && last <= s.M, "A tile has rows.");
        float* left = a + s.OffsetA(batch);
        GemmTile tile = default;
        activation.Set(ref tile);
        if (s.TransposeA)
        {
            for (int k = 0; k < s.K; k++)
                for (int row = first; row < last; row++) turned[(long)(row - first) * s.K + k] = left[(long)k * s.M + row];
            tile.A = turned;
        }
        else
        {
            tile.A = left + (long)first * s.K;
        }
        tile.AStep = s.K;
        tile.Offsets = zeroOffset;
        tile.Segments = 1;
        tile.Length = s.K;
        tile.BStep = s.N;
        long at = ((long)batch * s.M + first) * s.N;
        tile.Y = y + at;
        tile.YStep = tile.ResidualStep = s.N;
        tile.Residual = residual == null ? null : residual + at;
        GemmPanels<L, V> own = panels.Length == 1 ? panels[0] : panels[s.MatrixB(batch)];
        own.Multiply(ref tile, last - first, firstPanel, lastPanel, direct ? b + s.OffsetB(batch) : null, packed);
    }
}
