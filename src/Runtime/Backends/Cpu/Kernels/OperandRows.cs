using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// A result walked row by row, with where each row begins in up to three operands that broadcast to it. Axes through which all operands step as through one
/// are joined; the innermost that is left is the row.
/// </summary>
internal sealed class OperandRows
{
    private readonly List<(long Size, long A, long B, long C)> outer = [];

    public OperandRows(in Shape result, in Shape a, in Shape b, in Shape c)
    {
        Span<long> stridesA = stackalloc long[Shape.MaxRank], stridesB = stackalloc long[Shape.MaxRank], stridesC = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(a, result, stridesA);
        Broadcast.Strides(b, result, stridesB);
        Broadcast.Strides(c, result, stridesC);
        for (int i = 0; i < result.Rank; i++)
        {
            long size = result[i];
            if (size == 1) continue;
            if (outer.Count > 0 && outer[^1].A == stridesA[i] * size && outer[^1].B == stridesB[i] * size && outer[^1].C == stridesC[i] * size)
                outer[^1] = (outer[^1].Size * size, stridesA[i], stridesB[i], stridesC[i]);
            else outer.Add((size, stridesA[i], stridesB[i], stridesC[i]));
        }
        if (outer.Count > 0)
        {
            (Length, StepA, StepB, StepC) = outer[^1];
            outer.RemoveAt(outer.Count - 1);
        }
        foreach ((long size, _, _, _) in outer) Count *= size;
    }

    /// <summary>Elements in a row.</summary>
    public long Length { get; } = 1;

    /// <summary>Number of rows.</summary>
    public long Count { get; } = 1;

    /// <summary>Elements from one of a row to the next in each operand: 1, or 0 where it repeats, or more.</summary>
    public long StepA { get; }

    public long StepB { get; }

    public long StepC { get; }

    /// <summary>Where a row begins in each operand.</summary>
    public (long A, long B, long C) Row(long row)
    {
        long a = 0, b = 0, c = 0;
        for (int i = outer.Count - 1; i >= 0; i--)
        {
            (long size, long strideA, long strideB, long strideC) = outer[i];
            (row, long index) = Math.DivRem(row, size);
            a += index * strideA;
            b += index * strideB;
            c += index * strideC;
        }
        return (a, b, c);
    }
}
