using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// A permutation of axes of any element type. Where the innermost axis stays, runs of it are copied. Else the axis that is
/// innermost in the input and the one that is innermost in the output are swapped in blocks, so that both sides use whole cache lines.
/// </summary>
internal sealed unsafe class TransposeKernel<T> : CpuKernel where T : unmanaged
{
    private const int Block = 16, TileElements = 8 * 1024;

    private readonly T* x, y;
    private readonly JoinedAxes outer;
    private readonly long columns, rows;
    private readonly nint columnStep, rowStep;
    private readonly long outerCount;
    private readonly int outerPerTile, rowTiles;
    private readonly bool copies;

    private TransposeKernel(CpuBinding binding, Transpose op)
    {
        x = (T*)binding.Input(0).Data;
        y = (T*)binding.Output(0).Data;
        Shape from = binding.Input(0).Shape, to = binding.Output(0).Shape;
        int[] permutation = op.For(from.Rank);
        Span<long> own = stackalloc long[Shape.MaxRank], permuted = stackalloc long[Shape.MaxRank], target = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(from, own);
        Broadcast.Strides(to, target);
        for (int i = 0; i < permutation.Length; i++) permuted[i] = own[permutation[i]];
        outer = new JoinedAxes(to, permuted, target);

        // The innermost axis of the output: its elements are columnStep apart in the input.
        (columns, columnStep, _) = outer.TakeLast();
        copies = columnStep == 1 || columns == 1;
        (rows, _, rowStep) = copies ? (1, 0, 0) : outer.Take(axis => axis.StrideA == 1) ?? (1, 0, 0);
        outerCount = outer.Count;
        rowTiles = (int)((rows + Block - 1) / Block);
        outerPerTile = (int)Math.Clamp(TileElements / Math.Max(1, columns * Math.Min(rows, Block)), 1, Math.Max(1, outerCount * rowTiles));
        Tiles = (int)((outerCount * rowTiles + outerPerTile - 1) / outerPerTile);
        Name = copies ? $"transpose_copy_{sizeof(T)}" : $"transpose_{sizeof(T)}_16x16";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding) => new TransposeKernel<T>(binding, (Transpose)binding.Operator);

    public override void Run(int first, int last, int worker)
    {
        long end = Math.Min((long)last * outerPerTile, outerCount * rowTiles);
        for (long at = (long)first * outerPerTile; at < end; at++)
        {
            (long index, long rowTile) = Math.DivRem(at, rowTiles);
            outer.Offsets(index, out long source, out long target);
            if (copies) new ReadOnlySpan<T>(x + source, (int)columns).CopyTo(new Span<T>(y + target, (int)columns));
            else Swap(x + source, y + target, rowTile * Block, Math.Min(rows, (rowTile + 1) * Block));
        }
    }

    /// <summary>target[row · rowStep + column] = source[row + column · columnStep] for some rows, in blocks of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Swap(T* source, T* target, long firstRow, long lastRow)
    {
        for (long left = 0; left < columns; left += Block)
        {
            long right = Math.Min(columns, left + Block);
            for (long row = firstRow; row < lastRow; row++)
            {
                T* to = target + row * rowStep, from = source + row + left * columnStep;
                for (long column = left; column < right; column++, from += columnStep) to[column] = *from;
            }
        }
    }
}

/// <summary>Binds transpositions by the size of their elements.</summary>
internal static class TransposeMaker
{
    /// <summary>The kernel for a step; null for an empty tensor.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        if (binding.Output(0).Shape.Count == 0) return null;
        return binding.Output(0).DataType.Size() switch
        {
            1 => TransposeKernel<byte>.Bind(binding),
            2 => TransposeKernel<ushort>.Bind(binding),
            4 => TransposeKernel<uint>.Bind(binding),
            _ => TransposeKernel<ulong>.Bind(binding),
        };
    }
}
