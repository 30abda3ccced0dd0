using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Normalisation of floats along neighbouring axes, [outer, taken, inner]: mean, then variance, then the elements. Lanes are inner elements, or where
/// the innermost axis is taken, elements of the row.
/// </summary>
internal sealed unsafe class NormalizeKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    private const int TileElements = 4 * 1024;

    private readonly bool center;
    private readonly float epsilon;
    private readonly float* x, y;
    private readonly long taken, inner, pieces;
    private readonly long perTile;

    private NormalizeKernel(CpuBinding binding, bool center, float epsilon, long outer, long taken, long inner)
    {
        (this.center, this.epsilon) = (center, epsilon);
        (this.taken, this.inner) = (taken, inner);
        x = (float*)binding.Input(0).Data;
        y = (float*)binding.Output(0).Data;
        // A piece is a row, or as many columns as a vector has lanes.
        pieces = outer * Columns;
        perTile = Math.Clamp(TileElements / taken, 1, pieces);
        Tiles = (int)((pieces + perTile - 1) / perTile);
        Name = $"normalize_f32{(inner == 1 ? "" : "_columns")}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    private long Columns => inner == 1 ? 1 : (inner + L.Count - 1) / L.Count;

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, bool center, float epsilon, AxisBlock block) =>
        new NormalizeKernel<L, V>(binding, center, epsilon, block.Outer, block.Taken, block.Inner);

    public override void Run(int first, int last, int worker)
    {
        long end = Math.Min(last * perTile, pieces);
        for (long piece = first * perTile; piece < end; piece++)
        {
            long start = piece / Columns * taken * inner;
            if (inner == 1)
            {
                Row(x + start, y + start);
                continue;
            }
            long column = Math.Min(piece % Columns * L.Count, inner - L.Count);
            Column(x + start + column, y + start + column);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row(float* from, float* to)
    {
        // Lanes: elements of the row. Tail: one element at a time. Equals: to[i] = (from[i] - mean) / sqrt(mean of (from[j] - mean)^2 + epsilon).
        float mean = 0;
        long i;
        if (center)
        {
            V even = default, odd = default;
            for (i = 0; i <= taken - 2 * L.Count; i += 2 * L.Count)
            {
                even = L.Add(even, L.Load(from + i));
                odd = L.Add(odd, L.Load(from + i + L.Count));
            }
            float sum = L.Sum(L.Add(even, odd));
            for (; i < taken; i++) sum += from[i];
            mean = sum / taken;
        }
        V means = L.All(mean), evenSquares = default, oddSquares = default;
        for (i = 0; i <= taken - 2 * L.Count; i += 2 * L.Count)
        {
            V a = L.Sub(L.Load(from + i), means), b = L.Sub(L.Load(from + i + L.Count), means);
            evenSquares = L.MultiplyAdd(a, a, evenSquares);
            oddSquares = L.MultiplyAdd(b, b, oddSquares);
        }
        float squares = L.Sum(L.Add(evenSquares, oddSquares));
        for (; i < taken; i++) squares += (from[i] - mean) * (from[i] - mean);
        float factor = 1 / MathF.Sqrt(squares / taken + epsilon);
        V factors = L.All(factor);
        for (i = 0; i <= taken - L.Count; i += L.Count) L.Store(L.Mul(L.Sub(L.Load(from + i), means), factors), to + i);
        for (; i < taken; i++) to[i] = (from[i] - mean) * factor;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Column(float* from, float* to)
    {
        // Lanes: neighbouring columns. Tail: the caller lets the last vector overlap the one before it; another worker that writes these columns
        // writes the same. Equals: the same for each column, its elements inner apart.
        V mean = default, share = L.All(1f / taken);
        if (center)
        {
            V even = default, odd = default;
            long i = 0;
            for (; i + 1 < taken; i += 2)
            {
                even = L.Add(even, L.Load(from + i * inner));
                odd = L.Add(odd, L.Load(from + (i + 1) * inner));
            }
            if (i < taken) even = L.Add(even, L.Load(from + i * inner));
            mean = L.Mul(L.Add(even, odd), share);
        }
        V squares = default;
        for (long i = 0; i < taken; i++)
        {
            V distance = L.Sub(L.Load(from + i * inner), mean);
            squares = L.MultiplyAdd(distance, distance, squares);
        }
        V factor = L.Div(L.All(1), L.Sqrt(L.MultiplyAdd(squares, share, L.All(epsilon))));
        for (long i = 0; i < taken; i++) L.Store(L.Mul(L.Sub(L.Load(from + i * inner), mean), factor), to + i * inner);
    }
}

/// <summary>Binds normalisations of floats.</summary>
internal static class NormalizeMaker
{
    /// <summary>The kernel for a step; null when the axes are not neighbours.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Normalize)binding.Operator;
        TensorView x = binding.Input(0);
        if (!CpuBinding.Are(DataType.F32, x, binding.Output(0)) || x.Shape.Count == 0) return null;
        return AxisBlock.Of(x.Shape, op.Axes) is { } block ? Make(binding, op.Center, op.Epsilon, block) : null;
    }

    /// <summary>A kernel that normalises what a block takes together.</summary>
    public static CpuKernel Make(CpuBinding binding, bool center, float epsilon, AxisBlock block) =>
        LanesChoice.Widest(new Maker(binding, center, epsilon, block), (int)Math.Min(block.Inner == 1 ? block.Taken : block.Inner, int.MaxValue));

    private sealed record Maker(CpuBinding Binding, bool Center, float Epsilon, AxisBlock Block) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => NormalizeKernel<L, V>.Bind(Binding, Center, Epsilon, Block);
    }
}
