using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Recurrent layers of floats. The products with the input are made for many steps at once, as one product of matrices; those with the state step by
/// step, for all sequences of a tile. Directions and blocks of sequences are independent of each other: they are the tiles.
/// </summary>
internal sealed unsafe class RecurrentKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    /// <summary>Rows of input products that are made at once: enough for whole tiles, few enough to stay in the cache until they are used.</summary>
    private const int MostRows = 96;

    /// <summary>Work below which a block of sequences is not worth another thread.</summary>
    private const long LeastWork = 100_000;

    private readonly RecurrentLayer layer;
    private readonly int steps, batch, width, hidden, columns, directions, blockRows, blocks;
    private readonly float* x, w, r, all, lastH, lastC, initialH, initialC, scratch;
    private readonly long scratchFloats;
    private readonly nint* zeroOffset;
    private readonly TensorView lengths;
    private readonly bool packsOnRun;
    private readonly GemmPanels<L, V>[] ofInput, ofState, ofCandidate;
    private readonly RecurrentGates<L, V>[] gates;

    private RecurrentKernel(CpuBinding binding, RecurrentLayer layer)
    {
        this.layer = layer;
        Shape shape = binding.Input(0).Shape;
        (steps, batch, width, hidden, directions) = (shape[0], shape[1], shape[2], layer.Hidden, layer.Directions);
        columns = layer.Gates * hidden;
        x = (float*)binding.Input(0).Data;
        w = (float*)binding.Input(1).Data;
        r = (float*)binding.Input(2).Data;
        lengths = binding.Input(RecurrentLayer.Lengths);
        initialH = Start(binding, RecurrentLayer.InitialH);
        initialC = Start(binding, RecurrentLayer.InitialC);
        all = (float*)binding.Output(0).Data;
        lastH = (float*)binding.Output(1).Data;
        lastC = layer.Cell == RecurrentCell.Lstm ? (float*)binding.Output(2).Data : null;
        zeroOffset = (nint*)binding.Allocate(sizeof(nint));

        packsOnRun = !binding.IsConstant(1) || !binding.IsConstant(2);
        (ofInput, ofState) = (new GemmPanels<L, V>[directions], new GemmPanels<L, V>[directions]);
        ofCandidate = new GemmPanels<L, V>[layer.Cell == RecurrentCell.Gru ? directions : 0];
        gates = new RecurrentGates<L, V>[directions];
        float* bias = Start(binding, RecurrentLayer.Bias), peepholes = Start(binding, RecurrentLayer.Peepholes);
        int stateColumns = columns - ofCandidate.Length / directions * hidden;
        for (int d = 0; d < directions; d++)
        {
            float* own = bias == null ? null : bias + 2L * d * columns, recurrent = own == null ? null : own + columns;
            ofInput[d] = new GemmPanels<L, V>(binding, width, columns, own, 0, packed: true, packsOnRun ? -1 : 1, $"input {d}");
            ofState[d] = new GemmPanels<L, V>(binding, hidden, stateColumns, recurrent, 0, packed: true, packsOnRun ? -1 : 2, $"state {d}");
            if (ofCandidate.Length > 0)
                ofCandidate[d] = new GemmPanels<L, V>(binding, hidden, hidden, recurrent == null ? null : recurrent + stateColumns, 0, packed: true, packsOnRun ? -1 : 2, $"candidate {d}");
            gates[d] = new RecurrentGates<L, V>(layer, d, peepholes == null ? null : peepholes + 3L * d * hidden);
            if (!packsOnRun) Pack(d);
        }

        // Sequences of different lengths go one by one. Weights that are packed on each run are packed by the one tile of their direction.
        long work = (long)steps * batch * columns * (width + hidden);
        int most = packsOnRun ? 1 : (int)Math.Clamp(work / LeastWork, 1, 2 * binding.Workers);
        blockRows = !lengths.IsMissing ? 1 : Math.Max(Math.Min(6, batch), (batch + most - 1) / most);
        blocks = packsOnRun ? 1 : (batch + blockRows - 1) / blockRows;
        scratchFloats = ((long)(Math.Max(MostRows, blockRows) + blockRows) * columns + 3L * blockRows * hidden + 15) / 16 * 16;
        scratch = (float*)binding.Allocate(scratchFloats * binding.Workers * sizeof(float));
        Name = $"{layer.Cell.ToString().ToLowerInvariant()}_f32_{ofState[0].Tile}";
    }

    public override string Name { get; }

    public override int Tiles => directions * blocks;

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, RecurrentLayer layer) => new RecurrentKernel<L, V>(binding, layer);

    public override void Run(int first, int last, int worker)
    {
        for (int tile = first; tile < last; tile++)
        {
            int direction = tile / blocks, block = tile % blocks;
            if (packsOnRun) Pack(direction);
            for (int b = block * blockRows; b < (packsOnRun ? batch : Math.Min((block + 1) * blockRows, batch)); b += blockRows)
                Sequences(direction, b, Math.Min(blockRows, batch - b), scratch + worker * scratchFloats);
        }
    }

    private static float* Start(CpuBinding binding, int index) => binding.Input(index).IsMissing ? null : (float*)binding.Input(index).Data;

    private void Pack(int d)
    {
        ofInput[d].Pack(w + (long)d * columns * width, 1, width);
        float* recurrent = r + (long)d * columns * hidden;
        ofState[d].Pack(recurrent, 1, hidden);
        if (ofCandidate.Length > 0) ofCandidate[d].Pack(recurrent + 2L * hidden * hidden, 1, hidden);
    }

    /// <summary>All steps of some sequences that are equally long.</summary>
    private void Sequences(int direction, int b, int rows, float* free)
    {
        bool backwards = layer.Direction == RecurrentDirection.Reverse || direction == 1;
        int length = lengths.IsMissing ? steps : Math.Clamp(lengths.DataType == DataType.I32 ? lengths.Span<int>()[b] : (int)lengths.Span<long>()[b], 0, steps);
        int chunk = Math.Max(1, MostRows / rows);
        float* ofX = free, ofH = ofX + (long)Math.Max(MostRows, blockRows) * columns, h = ofH + (long)blockRows * columns, c = h + (long)blockRows * hidden, muted = c + (long)blockRows * hidden;
        long state = ((long)direction * batch + b) * hidden, bytes = (long)rows * hidden * sizeof(float);
        Begin(initialH, state, h, bytes);
        Begin(initialC, state, c, bytes);
        for (int i = 0; i < length; i += chunk)
        {
            int count = Math.Min(chunk, length - i), t = backwards ? length - i - count : i;
            InputProducts(direction, t, count, b, rows, ofX);
            for (int j = 0; j < count; j++)
            {
                int step = backwards ? count - 1 - j : j;
                Step(direction, ofX + (long)step * rows * columns, ofH, h, c, muted, rows);
                Buffer.MemoryCopy(h, all + (((long)(t + step) * directions + direction) * batch + b) * hidden, bytes, bytes);
            }
        }
        for (int t = length; t < steps; t++)
            new Span<float>(all + (((long)t * directions + direction) * batch + b) * hidden, rows * hidden).Clear();
        Buffer.MemoryCopy(h, lastH + state, bytes, bytes);
        if (lastC != null) Buffer.MemoryCopy(c, lastC + state, bytes, bytes);
    }

    private static void Begin(float* given, long at, float* state, long bytes)
    {
        if (given == null) new Span<byte>(state, (int)bytes).Clear();
        else Buffer.MemoryCopy(given + at, state, bytes, bytes);
    }

    /// <summary>Products of the input at some steps from <paramref name="t"/> on, a row for each step and sequence.</summary>
    private void InputProducts(int direction, int t, int count, int b, int rows, float* to)
    {
        GemmTile tile = Tile(width);
        if (rows == 1 || rows == batch)
        {
            tile.AStep = rows == 1 ? (nint)batch * width : width;
            tile.A = x + ((long)t * batch + b) * width;
            tile.Y = to;
            tile.YStep = columns;
            ofInput[direction].Multiply(ref tile, count * rows, 0, ofInput[direction].Count);
            return;
        }
        for (int i = 0; i < count; i++)
        {
            tile.AStep = width;
            tile.A = x + ((long)(t + i) * batch + b) * width;
            tile.Y = to + (long)i * rows * columns;
            tile.YStep = columns;
            ofInput[direction].Multiply(ref tile, rows, 0, ofInput[direction].Count);
        }
    }

    private void Step(int direction, float* ofX, float* ofH, float* h, float* c, float* muted, int rows)
    {
        RecurrentGates<L, V> own = gates[direction];
        StateProducts(ofState[direction], h, ofH, rows);
        bool gru = layer.Cell == RecurrentCell.Gru;
        if (gru && layer.LinearBeforeReset) StateProducts(ofCandidate[direction], h, ofH + 2 * hidden, rows);
        for (int row = 0; row < rows; row++, ofX += columns, ofH += columns)
        {
            switch (layer.Cell)
            {
                case RecurrentCell.Simple: own.Simple(ofX, ofH, h + row * hidden); break;
                case RecurrentCell.Lstm: own.Lstm(ofX, ofH, h + row * hidden, c + row * hidden); break;
                default:
                    own.GruGates(ofX, ofH);
                    float* candidate = ofH + 2 * hidden;
                    if (layer.LinearBeforeReset) own.Multiply(candidate, ofH + hidden, candidate);
                    else own.Multiply(ofH + hidden, h + row * hidden, muted + row * hidden);
                    break;
            }
        }
        if (!gru) return;
        ofX -= (long)rows * columns;
        ofH -= (long)rows * columns;
        if (!layer.LinearBeforeReset) StateProducts(ofCandidate[direction], muted, ofH + 2 * hidden, rows);
        for (int row = 0; row < rows; row++, ofX += columns, ofH += columns) own.GruState(ofX + 2 * hidden, ofH + 2 * hidden, ofH, h + row * hidden);
    }

    private void StateProducts(GemmPanels<L, V> panels, float* h, float* to, int rows)
    {
        GemmTile tile = Tile(hidden);
        tile.A = h;
        tile.AStep = hidden;
        tile.Y = to;
        tile.YStep = columns;
        panels.Multiply(ref tile, rows, 0, panels.Count);
    }

    private GemmTile Tile(int k) =>
        new() { Offsets = zeroOffset, Segments = 1, Length = k, Slope = 1, Low = float.NegativeInfinity, High = float.PositiveInfinity };
}

/// <summary>Binds recurrent layers of floats.</summary>
internal static class RecurrentMaker
{
    /// <summary>The kernel for a step; null when it is not one of floats.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (RecurrentLayer)binding.Operator;
        if (!CpuBinding.Are(DataType.F32, binding.Input(0), binding.Input(1), binding.Input(2)) || binding.Input(0).Shape.Count == 0) return null;
        foreach (int index in (ReadOnlySpan<int>)[RecurrentLayer.Bias, RecurrentLayer.InitialH, RecurrentLayer.InitialC, RecurrentLayer.Peepholes])
            if (!binding.Input(index).IsMissing && binding.Input(index).DataType != DataType.F32) return null;
        if (binding.Input(RecurrentLayer.Lengths) is { IsMissing: false, DataType: not (DataType.I32 or DataType.I64) }) return null;
        return LanesChoice.Widest(new Maker(binding, op), op.Hidden);
    }

    private sealed record Maker(CpuBinding Binding, RecurrentLayer Layer) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => RecurrentKernel<L, V>.Bind(Binding, Layer);
    }
}
