using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A reduction as three axes: what lies before those that are taken together, these as one, and what lies behind them.</summary>
internal sealed record ReduceAxes(long Outer, long Reduced, long Inner)
{
    /// <summary>The axes of a step; null when those that are taken together are not neighbours or not known ahead.</summary>
    public static ReduceAxes? Of(CpuBinding binding)
    {
        var op = (Reduce)binding.Operator;
        TensorView x = binding.Input(0), given = binding.Input(1);
        if (x.Shape.Count == 0 || (!given.IsMissing && !binding.IsConstant(1))) return null;
        long[] axes = given.IsMissing ? op.Axes : new Operand(given.Type, given).Integers() ?? [];
        if (axes.Length == 0 && op.NoopWithEmptyAxes) return null;

        // Axes of size 1 belong to whatever is beside them.
        int rank = x.Shape.Rank, first = rank, last = -1;
        for (int i = 0; i < rank; i++)
        {
            bool isReduced = axes.Length == 0 || Array.Exists(axes, a => a == i || a + rank == i);
            if (!isReduced || x.Shape[i] == 1) continue;
            first = Math.Min(first, i);
            last = i;
        }
        if (last < 0) (first, last) = (0, -1);
        for (int i = first; i <= last; i++)
            if (x.Shape[i] > 1 && axes.Length > 0 && !Array.Exists(axes, a => a == i || a + rank == i)) return null;
        long outer = x.Shape.Product(0, first), reduced = x.Shape.Product(first, last + 1), inner = x.Shape.Product(last + 1, rank);
        return outer > int.MaxValue ? null : new ReduceAxes(outer, reduced, inner);
    }
}
