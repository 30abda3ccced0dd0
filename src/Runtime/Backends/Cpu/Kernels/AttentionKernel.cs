using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Attention of floats, block by block: some queries of a head against some keys at a time, with the running maximum and sum of each query, so that
/// the scores never leave the cache. Heads and blocks of queries are the tiles.
/// </summary>
internal sealed unsafe class AttentionKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    private const int MostRows = 48, MostKeys = 128;

    /// <summary>So few queries that packing keys for them would take longer than their products.</summary>
    private const int FewRows = 4;

    private readonly AttentionOperands o;
    private readonly AttentionMask mask;
    private readonly float scale;
    private readonly int blockRows, rowBlocks, size, valueSize, keys;
    private readonly GemmPanels<L, V> keyPanels, valuePanels;
    private readonly GemmPanels<L, V>? lastKeyPanels;
    private readonly nint* zeroOffset;
    private readonly float* scratch;
    private readonly long scratchFloats;

    private AttentionKernel(CpuBinding binding, Attention op)
    {
        o = new AttentionOperands(binding, op);
        mask = new AttentionMask(binding, op, o);
        scale = op.Scale;
        (size, valueSize, keys) = (o.Size, o.ValueSize, o.Keys);
        // Enough tiles for all workers, and all rows of a block used.
        long heads = (long)o.Batch * o.Heads;
        int wanted = (int)Math.Clamp((2L * binding.Workers + heads - 1) / heads, 1, Math.Max(1, o.Length / 12));
        blockRows = Math.Min(MostRows, (o.Length + wanted - 1) / wanted);
        rowBlocks = (o.Length + blockRows - 1) / blockRows;
        zeroOffset = (nint*)binding.Allocate(sizeof(nint));
        keyPanels = new GemmPanels<L, V>(binding, size, MostKeys, null, 0, packed: false);
        int tail = keys % MostKeys;
        lastKeyPanels = tail >= L.Count ? new GemmPanels<L, V>(binding, size, tail, null, 0, packed: false) : null;
        valuePanels = new GemmPanels<L, V>(binding, MostKeys, valueSize, null, 0, packed: false);
        // Scores, mixed values of a block, sums and maxima, one panel of keys.
        scratchFloats = ((long)blockRows * (MostKeys + 2 * valueSize + 2) + 3L * L.Count * size + 15) / 16 * 16;
        scratch = (float*)binding.Scratch(scratchFloats * binding.Workers * sizeof(float));
        Name = $"attention_f32_{valuePanels.Tile}";
    }

    public override string Name { get; }

    public override int Tiles => o.Batch * o.Heads * rowBlocks;

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, Attention op) => new AttentionKernel<L, V>(binding, op);

    public override void Run(int first, int last, int worker)
    {
        for (int tile = first; tile < last; tile++)
        {
            int block = tile % rowBlocks, head = tile / rowBlocks % o.Heads, batch = tile / rowBlocks / o.Heads;
            int row = block * blockRows;
            Block(batch, head, row, Math.Min(blockRows, o.Length - row), scratch + worker * scratchFloats);
        }
    }

    private void Block(int batch, int head, int firstRow, int rows, float* free)
    {
        float* scores = free, mixed = scores + (long)blockRows * MostKeys, sum = mixed + (long)blockRows * valueSize;
        float* totals = sum + (long)blockRows * valueSize, most = totals + blockRows, packed = most + blockRows;
        new Span<float>(totals, rows).Clear();
        new Span<float>(most, rows).Fill(float.NegativeInfinity);
        float* q = o.Query(batch, head, firstRow), k = o.Key(batch, head), v = o.Value(batch, head);
        int visible = mask.Visible(firstRow + rows - 1);
        if (visible <= MostKeys)
        {
            // All keys at once: what is mixed is the result, but for the sums of the shares.
            int count = Math.Min(MostKeys, keys);
            Products(q, k, rows, count, scores, packed);
            mask.Apply<L, V>(batch, head, firstRow, rows, 0, count, scores, MostKeys);
            for (int row = 0; row < rows; row++) Shares(scores + row * MostKeys, count, ref most[row], ref totals[row]);
            Mix(scores, v, rows, count, mixed);
            Finish(batch, head, firstRow, rows, mixed, totals);
            return;
        }
        new Span<float>(sum, rows * valueSize).Clear();
        for (int start = 0; start < visible; start += MostKeys)
        {
            int count = Math.Min(MostKeys, keys - start);
            Products(q, k + start * o.KeyStep, rows, count, scores, packed);
            mask.Apply<L, V>(batch, head, firstRow, rows, start, count, scores, MostKeys);
            for (int row = 0; row < rows; row++)
            {
                float factor = Shares(scores + row * MostKeys, count, ref most[row], ref totals[row]);
                if (factor != 1) Scale(sum + (long)row * valueSize, factor);
            }
            Mix(scores, v + start * o.ValueStep, rows, count, mixed);
            Add(mixed, sum, (long)rows * valueSize);
        }
        Finish(batch, head, firstRow, rows, sum, totals);
    }

    /// <summary>The results of some queries: what is mixed over the sum of its shares.</summary>
    private void Finish(int batch, int head, int firstRow, int rows, float* from, float* totals)
    {
        for (int row = 0; row < rows; row++, from += valueSize)
        {
            float* y = o.Result(batch, head, firstRow + row);
            float factor = 1 / totals[row];
            int i = 0;
            for (; i <= valueSize - L.Count; i += L.Count) L.Store(L.Mul(L.Load(from + i), L.All(factor)), y + i);
            for (; i < valueSize; i++) y[i] = from[i] * factor;
        }
    }

    /// <summary>Scores of some queries and keys, a row for each query.</summary>
    private void Products(float* q, float* k, int rows, int count, float* scores, float* packed)
    {
        GemmPanels<L, V>? panels = count == MostKeys ? keyPanels : lastKeyPanels;
        if (rows <= FewRows || panels is null)
        {
            for (int row = 0; row < rows; row++)
                for (int j = 0; j < count; j++) scores[row * MostKeys + j] = scale * Dot(q + row * o.QueryStep, k + j * o.KeyStep);
            return;
        }
        GemmTile tile = Tile(q, o.QueryStep, size, scores, MostKeys);
        for (int panel = 0; panel < panels.Count; panel++)
        {
            panels.PackPanel(panel, packed, k, 1, o.KeyStep, scale);
            panels.Multiply(ref tile, rows, panel, panel + 1, scratch: packed);
        }
    }

    private void Mix(float* shares, float* v, int rows, int count, float* mixed)
    {
        GemmTile tile = Tile(shares, MostKeys, count, mixed, valueSize);
        tile.BStep = o.ValueStep;
        valuePanels.Multiply(ref tile, rows, 0, valuePanels.Count, direct: v);
    }

    private GemmTile Tile(float* a, nint step, int k, float* y, nint yStep) => new()
    {
        A = a, AStep = step, Offsets = zeroOffset, Segments = 1, Length = k, Y = y, YStep = yStep,
        Slope = 1, Low = float.NegativeInfinity, High = float.PositiveInfinity,
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float Dot(float* a, float* b)
    {
        // Lanes: elements. Tail: one at a time. Equals: sum of a[i] * b[i].
        V even = default, odd = default;
        int i = 0;
        for (; i <= size - 2 * L.Count; i += 2 * L.Count)
        {
            even = L.MultiplyAdd(L.Load(a + i), L.Load(b + i), even);
            odd = L.MultiplyAdd(L.Load(a + i + L.Count), L.Load(b + i + L.Count), odd);
        }
        if (i <= size - L.Count)
        {
            even = L.MultiplyAdd(L.Load(a + i), L.Load(b + i), even);
            i += L.Count;
        }
        float sum = L.Sum(L.Add(even, odd));
        for (; i < size; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Scores become exponentials below the largest so far; returns what the sums so far are to be multiplied by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Shares(float* scores, int count, ref float most, ref float total)
    {
        // Lanes: scores. Tail: one at a time. Equals: s[j] = exp(s[j] - max), total = total * exp(before - max) + sum of s[j].
        float before = most, max = before;
        int j = 0;
        if (count >= L.Count)
        {
            V largest = L.Load(scores);
            for (j = L.Count; j <= count - L.Count; j += L.Count) largest = Larger(largest, L.Load(scores + j));
            float* lanes = (float*)&largest;
            for (int lane = 0; lane < L.Count; lane++) max = Larger(max, lanes[lane]);
        }
        for (; j < count; j++) max = Larger(max, scores[j]);
        if (float.IsNegativeInfinity(max))
        {
            // Nothing is visible yet.
            new Span<float>(scores, count).Clear();
            return 1;
        }
        V shift = L.All(max), sums = default;
        for (j = 0; j <= count - L.Count; j += L.Count)
        {
            V e = VectorFunctions.Exp<L, V>(L.Sub(L.Load(scores + j), shift));
            sums = L.Add(sums, e);
            L.Store(e, scores + j);
        }
        float sum = L.Sum(sums);
        for (; j < count; j++) sum += scores[j] = VectorFunctions.Exp<Lanes1, float>(scores[j] - max);
        float factor = before == max ? 1 : float.IsNegativeInfinity(before) ? 0 : MathF.Exp(before - max);
        total = total * factor + sum;
        most = max;
        return factor;
    }

    /// <summary>The larger; NaN once either is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Larger(V a, V b) => L.Select(L.Equal(b, b), L.Max(b, a), b);

    /// <summary>The same of numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Larger(float a, float b) => b > a || float.IsNaN(b) ? b : a;

    private void Scale(float* row, float factor)
    {
        int i = 0;
        for (; i <= valueSize - L.Count; i += L.Count) L.Store(L.Mul(L.Load(row + i), L.All(factor)), row + i);
        for (; i < valueSize; i++) row[i] *= factor;
    }

    private static void Add(float* from, float* to, long count)
    {
        long i = 0;
        for (; i <= count - L.Count; i += L.Count) L.Store(L.Add(L.Load(to + i), L.Load(from + i)), to + i);
        for (; i < count; i++) to[i] += from[i];
    }
}

/// <summary>Binds attention of floats.</summary>
internal static class AttentionMaker
{
    /// <summary>The kernel for a step; null when it is not one of floats, or has nothing to compute.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Attention)binding.Operator;
        TensorView added = binding.Input(Attention.Added);
        if (!CpuBinding.Are(DataType.F32, binding.Input(0), binding.Input(1), binding.Input(2), binding.Output(0)) || (!added.IsMissing && added.DataType != DataType.F32)) return null;
        if (binding.Output(0).Shape.Count == 0 || binding.Input(0).Shape.Count == 0 || binding.Input(1).Shape.Count == 0) return null;
        return LanesChoice.Widest(new Maker(binding, op), binding.Output(0).Shape[-1]);
    }

    private sealed record Maker(CpuBinding Binding, Attention Op) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => AttentionKernel<L, V>.Bind(Binding, Op);
    }
}
