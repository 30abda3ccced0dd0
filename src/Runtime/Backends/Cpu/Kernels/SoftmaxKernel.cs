using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Softmax of floats. Along the last axis lanes are elements of a row, along another one they are rows beside each other. Rows that are shorter than a vector are turned, some at a time.
/// </summary>
internal sealed unsafe class SoftmaxKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    private const long TileElements = 4 * 1024;

    /// <summary>The longest row that is turned.</summary>
    public const int Short = 8;

    private readonly float* x, y;
    private readonly bool logarithm, turns;
    private readonly long length, inner, outer, perTile;

    private SoftmaxKernel(CpuBinding binding, bool logarithm, int axis)
    {
        this.logarithm = logarithm;
        Shape shape = binding.Output(0).Shape;
        x = (float*)binding.Input(0).Data;
        y = (float*)binding.Output(0).Data;
        length = shape[axis];
        inner = shape.Product(axis + 1, shape.Rank);
        outer = shape.Product(0, axis);
        turns = inner == 1 && length <= Short && outer >= L.Count;
        perTile = Math.Clamp(TileElements / (length * inner), 1, outer);
        Tiles = (int)((outer + perTile - 1) / perTile);
        Name = turns ? "softmax_f32_short" : inner == 1 ? "softmax_f32" : "softmax_f32_columns";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, bool logarithm, int axis) => new SoftmaxKernel<L, V>(binding, logarithm, axis);

    public override void Run(int first, int last, int worker)
    {
        long end = Math.Min(last * perTile, outer);
        if (turns)
        {
            for (long at = first * perTile; at < end; at += L.Count) Turned(Math.Min(at, outer - L.Count) * length);
            return;
        }
        for (long at = first * perTile; at < end; at++)
        {
            long start = at * length * inner;
            if (inner == 1)
            {
                Row(x + start, y + start);
                continue;
            }
            for (long column = 0; column < inner; column += L.Count)
            {
                long c = Math.Min(column, inner - L.Count);
                Columns(x + start + c, y + start + c, (nint)inner);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row(float* from, float* to)
    {
        // Lanes: elements of the row. Tail: the last vector overlaps; when summing, one element at a time.
        // Equals: to[i] = exp(from[i] - max) / sum of exp(from[j] - max).
        V most = L.Load(from);
        for (long i = L.Count; i < length; i += L.Count) most = L.Max(most, L.Load(from + Math.Min(i, length - L.Count)));
        float* lanes = (float*)&most;
        float max = lanes[0];
        for (int i = 1; i < L.Count; i++) max = Math.Max(max, lanes[i]);

        V shift = L.All(max), sums = default;
        long at = 0;
        for (; at <= length - L.Count; at += L.Count)
        {
            V shifted = L.Sub(L.Load(from + at), shift), e = VectorFunctions.Exp<L, V>(shifted);
            sums = L.Add(sums, e);
            L.Store(logarithm ? shifted : e, to + at);
        }
        float sum = L.Sum(sums);
        for (; at < length; at++)
        {
            float shifted = from[at] - max, e = VectorFunctions.Exp<Lanes1, float>(shifted);
            sum += e;
            to[at] = logarithm ? shifted : e;
        }
        float factor = logarithm ? MathF.Log(sum) : 1 / sum;
        V factors = L.All(factor);
        for (at = 0; at <= length - L.Count; at += L.Count)
        {
            V value = L.Load(to + at);
            L.Store(logarithm ? L.Sub(value, factors) : L.Mul(value, factors), to + at);
        }
        for (; at < length; at++) to[at] = logarithm ? to[at] - factor : to[at] * factor;
    }

    /// <summary>As many short rows as a vector has lanes. The last of all overlap those before them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Turned(long start)
    {
        V* columns = stackalloc V[Short];
        float* block = (float*)columns, from = x + start, to = y + start;
        int count = (int)length;
        for (int row = 0; row < L.Count; row++)
            for (int i = 0; i < count; i++) block[i * L.Count + row] = *from++;
        Columns(block, block, L.Count);
        for (int row = 0; row < L.Count; row++)
            for (int i = 0; i < count; i++) *to++ = block[i * L.Count + row];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Columns(float* from, float* to, nint step)
    {
        // Lanes: neighbouring columns. Tail: the caller lets the last vector overlap the one before it.
        // Equals: the same for each column, its elements step apart.
        V most = L.Load(from), sum = default;
        for (long i = 1; i < length; i++) most = L.Max(most, L.Load(from + (nint)i * step));
        for (long i = 0; i < length; i++)
        {
            V shifted = L.Sub(L.Load(from + (nint)i * step), most), e = VectorFunctions.Exp<L, V>(shifted);
            sum = L.Add(sum, e);
            L.Store(logarithm ? shifted : e, to + (nint)i * step);
        }
        if (logarithm)
        {
            float* lanes = (float*)&sum;
            for (int i = 0; i < L.Count; i++) lanes[i] = MathF.Log(lanes[i]);
            for (long i = 0; i < length; i++) L.Store(L.Sub(L.Load(to + (nint)i * step), sum), to + (nint)i * step);
            return;
        }
        V factor = L.Div(L.All(1), sum);
        for (long i = 0; i < length; i++) L.Store(L.Mul(L.Load(to + (nint)i * step), factor), to + (nint)i * step);
    }
}

/// <summary>Binds softmax of floats.</summary>
internal static class SoftmaxMaker
{
    /// <summary>The kernel for a step; null when it is not one of floats.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Softmax)binding.Operator;
        Shape shape = binding.Output(0).Shape;
        if (!CpuBinding.Are(DataType.F32, binding.Input(0), binding.Output(0)) || shape.Count == 0 || shape.Rank == 0) return null;
        int axis = op.Axis < 0 ? op.Axis + shape.Rank : op.Axis;
        long inner = shape.Product(axis + 1, shape.Rank);
        return LanesChoice.Widest(new Maker(binding, op.Logarithm, axis), inner > 1 ? (int)Math.Min(inner, int.MaxValue)
            : shape[axis] <= SoftmaxKernel<Lanes1, float>.Short ? (int)Math.Max(shape[axis], shape.Product(0, axis)) : shape[axis]);
    }

    private sealed record Maker(CpuBinding Binding, bool Logarithm, int Axis) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => SoftmaxKernel<L, V>.Bind(Binding, Logarithm, Axis);
    }
}
