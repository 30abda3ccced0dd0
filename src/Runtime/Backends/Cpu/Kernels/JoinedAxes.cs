using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// The axes of a result with the strides of two operands, neighbouring axes joined where both operands step through them as
/// through one. Axes of size 1 are left out.
/// </summary>
internal sealed class JoinedAxes
{
    private readonly List<(long Size, long StrideA, long StrideB)> axes = [];

    /// <summary>Joins what can be joined; with <paramref name="splitLast"/>, the last axis stays by itself.</summary>
    public JoinedAxes(Shape shape, ReadOnlySpan<long> stridesA, ReadOnlySpan<long> stridesB, bool splitLast = false)
    {
        for (int i = 0; i < shape.Rank; i++)
        {
            (long size, long a, long b) = (shape[i], stridesA[i], stridesB[i]);
            if (size == 1) continue;
            if (axes.Count > 0 && !(splitLast && i == shape.Rank - 1) && axes[^1].StrideA == a * size && axes[^1].StrideB == b * size) axes[^1] = (axes[^1].Size * size, a, b);
            else axes.Add((size, a, b));
        }
    }

    /// <summary>Number of indices of the axes that are left.</summary>
    public long Count
    {
        get
        {
            long count = 1;
            foreach ((long size, _, _) in axes) count *= size;
            return count;
        }
    }

    /// <summary>How many axes are left.</summary>
    public int Rank => axes.Count;

    /// <summary>Takes the innermost axis away: its size and strides.</summary>
    public (long Size, nint StrideA, nint StrideB) TakeLast()
    {
        if (axes.Count == 0) return (1, 0, 0);
        (long size, long a, long b) = axes[^1];
        axes.RemoveAt(axes.Count - 1);
        return (size, (nint)a, (nint)b);
    }

    /// <summary>Takes the first axis that <paramref name="select"/> finds away.</summary>
    public (long Size, nint StrideA, nint StrideB)? Take(Predicate<(long Size, long StrideA, long StrideB)> select)
    {
        int index = axes.FindIndex(select);
        if (index < 0) return null;
        (long size, long a, long b) = axes[index];
        axes.RemoveAt(index);
        return (size, (nint)a, (nint)b);
    }

    /// <summary>Where the operands begin at the index with number <paramref name="at"/>, counted row-major.</summary>
    public void Offsets(long at, out long offsetA, out long offsetB)
    {
        offsetA = offsetB = 0;
        for (int i = axes.Count - 1; i >= 0; i--)
        {
            (long size, long a, long b) = axes[i];
            (long rest, long index) = Math.DivRem(at, size);
            offsetA += index * a;
            offsetB += index * b;
            at = rest;
        }
    }
}
