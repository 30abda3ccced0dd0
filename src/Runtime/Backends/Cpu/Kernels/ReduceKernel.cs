using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Sums, means and extremes of floats along neighbouring axes: [outer, reduced, inner] to [outer, inner]. Lanes are inner elements, or
/// where the innermost axis is reduced, elements of the row.
/// </summary>
internal sealed unsafe class ReduceKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    private readonly ReduceFunction function;
    private readonly float* x, y;
    private readonly long outer, reduced, inner;

    private ReduceKernel(CpuBinding binding, ReduceFunction function, long outer, long reduced, long inner)
    {
        this.function = function;
        (this.outer, this.reduced, this.inner) = (outer, reduced, inner);
        x = (float*)binding.Input(0).Data;
        y = (float*)binding.Output(0).Data;
        Name = $"reduce{function.ToString().ToLowerInvariant()}_f32{(inner == 1 ? "" : "_columns")}";
    }

    public override string Name { get; }

    public override int Tiles => (int)outer;

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, ReduceFunction function, long outer, long reduced, long inner) =>
        new ReduceKernel<L, V>(binding, function, outer, reduced, inner);

    public override void Run(int first, int last, int worker)
    {
        for (long at = first; at < last; at++)
        {
            float* from = x + at * reduced * inner, to = y + at * inner;
            if (inner == 1)
            {
                *to = Row(from);
                continue;
            }
            for (long column = 0; column < inner; column += L.Count)
            {
                long c = Math.Min(column, inner - L.Count);
                Columns(from + c, to + c);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Columns(float* from, float* to)
    {
        // Lanes: neighbouring results. Tail: the caller lets the last vector overlap the one before it.
        // Equals: to[c] = f(to[c], from[i, c]) over i. Two sums, so that one addition need not wait for the one before.
        V even = First(L.Load(from)), odd = reduced > 1 ? First(L.Load(from + inner)) : default;
        long i = 2;
        for (; i + 1 < reduced; i += 2)
        {
            even = Next(even, L.Load(from + i * inner));
            odd = Next(odd, L.Load(from + (i + 1) * inner));
        }
        if (i < reduced) even = Next(even, L.Load(from + i * inner));
        if (reduced > 1) even = Join(even, odd);
        L.Store(function == ReduceFunction.Mean ? L.Mul(even, L.All(1f / reduced)) : even, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float Row(float* from)
    {
        // Lanes: elements of the row. Tail: one element at a time. Equals: f over from[i].
        V all = First(L.Load(from));
        long i = L.Count;
        for (; i <= reduced - L.Count; i += L.Count) all = Next(all, L.Load(from + i));
        float* lanes = (float*)&all;
        float result = lanes[0];
        for (int lane = 1; lane < L.Count; lane++) result = ReduceFunctions.Join<Lanes1, float>(function, result, lanes[lane]);
        for (; i < reduced; i++) result = ReduceFunctions.Next<Lanes1, float>(function, result, from[i]);
        return function == ReduceFunction.Mean ? result / reduced : result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V First(V value) => function == ReduceFunction.SumSquare ? L.Mul(value, value) : value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Next(V sum, V value) => ReduceFunctions.Next<L, V>(function, sum, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Join(V a, V b) => ReduceFunctions.Join<L, V>(function, a, b);
}

/// <summary>The functions that reductions of floats are made of.</summary>
internal static class ReduceFunctions
{
    /// <summary>One element more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Next<L, V>(ReduceFunction function, V sum, V value) where L : struct, ILanes<V> where V : unmanaged =>
        function == ReduceFunction.SumSquare ? L.MultiplyAdd(value, value, sum) : Join<L, V>(function, sum, value);

    /// <summary>Two parts together. Once NaN, extremes stay NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Join<L, V>(ReduceFunction function, V a, V b) where L : struct, ILanes<V> where V : unmanaged => function switch
    {
        ReduceFunction.Max => L.Select(L.Equal(b, b), L.Max(b, a), b),
        ReduceFunction.Min => L.Select(L.Equal(b, b), L.Min(b, a), b),
        _ => L.Add(a, b),
    };
}

/// <summary>Binds reductions of floats.</summary>
internal static class ReduceMaker
{
    /// <summary>The kernel for a step; null when the axes are not neighbours or not known ahead.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Reduce)binding.Operator;
        TensorView x = binding.Input(0);
        if (op.Function is not (ReduceFunction.Sum or ReduceFunction.Mean or ReduceFunction.Max or ReduceFunction.Min or ReduceFunction.SumSquare)) return null;
        if (!CpuBinding.Are(DataType.F32, x, binding.Output(0)) || x.Shape.Count == 0) return null;
        return ReduceAxes.Of(binding) is { } axes ? LanesChoice.Widest(new Maker(binding, op.Function, axes.Outer, axes.Reduced, axes.Inner), (int)Math.Min(axes.Inner == 1 ? axes.Reduced : axes.Inner, int.MaxValue)) : null;
    }

    private sealed record Maker(CpuBinding Binding, ReduceFunction Function, long Outer, long Reduced, long Inner) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => ReduceKernel<L, V>.Bind(Binding, Function, Outer, Reduced, Inner);
    }
}
