using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A shape as [outer, taken, inner], where the axes that are taken together are neighbours.</summary>
internal sealed record AxisBlock(long Outer, long Taken, long Inner)
{
    /// <summary>The block of the given axes; null when others lie between them. Axes of size 1 belong to whatever is beside them.</summary>
    public static AxisBlock? Of(in Shape shape, ReadOnlySpan<int> axes)
    {
        int rank = shape.Rank, first = rank, last = -1;
        for (int i = 0; i < rank; i++)
        {
            if (shape[i] == 1 || !Contains(axes, i, rank)) continue;
            first = Math.Min(first, i);
            last = i;
        }
        if (last < 0) (first, last) = (rank, rank - 1);
        for (int i = first; i <= last; i++)
            if (shape[i] > 1 && !Contains(axes, i, rank)) return null;
        return new AxisBlock(shape.Product(0, first), shape.Product(first, last + 1), shape.Product(last + 1, rank));
    }

    private static bool Contains(ReadOnlySpan<int> axes, int axis, int rank) => axes.Contains(axis) || axes.Contains(axis - rank);
}
