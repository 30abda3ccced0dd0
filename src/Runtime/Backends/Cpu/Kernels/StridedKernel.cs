using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Fills a tensor of any element type, in order, from elements of another that lie apart by strides: transposing, slicing, expanding. Where the
/// innermost axis is without gaps on both sides, runs of it are copied. Else, if some other axis has none in the input, the two are
/// swapped in blocks, so that both sides use whole cache lines.
/// </summary>
internal sealed unsafe class StridedKernel<T> : CpuKernel where T : unmanaged
{
    private const int Block = 16, LongBlock = 2048, TileElements = 8 * 1024;

    private readonly T* x, y;
    private readonly JoinedAxes outer;
    private readonly long columns, rows, runs;
    private readonly nint columnStep, rowStep, runStep, runTargetStep;
    private readonly long outerCount;
    private readonly int outerPerTile, rowTiles, rowBlock;

    private StridedKernel(string name, T* x, T* y, Shape walked, ReadOnlySpan<long> strides)
    {
        this.x = x;
        this.y = y;
        Span<long> target = stackalloc long[Shape.MaxRank];
        Operators.Broadcast.Strides(walked, target);
        outer = new JoinedAxes(walked, strides, target);

        // The innermost axis of the output: its elements are columnStep apart in the input.
        (columns, columnStep, _) = outer.TakeLast();
        bool swaps = columnStep is not (0 or 1) && columns > 1;
        (rows, _, rowStep) = swaps ? outer.Take(axis => axis.StrideA == 1) ?? (1, 0, 0) : (1, 0, 0);
        (runs, runStep, runTargetStep) = outer.TakeLast();
        outerCount = outer.Count * runs;
        rowBlock = columns <= Block ? LongBlock : Block;
        rowTiles = (int)((rows + rowBlock - 1) / rowBlock);
        outerPerTile = (int)Math.Clamp(TileElements / (columns * Math.Min(rows, rowBlock)), 1, outerCount * rowTiles);
        Tiles = (int)((outerCount * rowTiles + outerPerTile - 1) / outerPerTile);
        Name = $"{name}_{8 * sizeof(T)}{(rows > 1 ? "_swap" : "")}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(string name, void* x, void* y, Shape walked, ReadOnlySpan<long> strides, long first) =>
        new StridedKernel<T>(name, (T*)x + first, (T*)y, walked, strides);

    public override void Run(int first, int last, int worker)
    {
        long end = Math.Min((long)last * outerPerTile, outerCount * rowTiles);
        for (long at = (long)first * outerPerTile; at < end;)
        {
            (long index, long rowTile) = rowTiles == 1 ? (at, 0) : Math.DivRem(at, rowTiles);
            (long block, long run) = Math.DivRem(index, runs);
            outer.Offsets(block, out long source, out long target);
            T* from = x + source + run * runStep, to = y + target + run * runTargetStep;
            if (rowTiles > 1)
            {
                Swap(from, to, rowTile * rowBlock, Math.Min(rows, (rowTile + 1) * rowBlock));
                at++;
                continue;
            }
            // All that follow along the innermost axis that is left, without looking for each again.
            long count = Math.Min(end - at, runs - run);
            at += count;
            for (; count > 0; count--, from += runStep, to += runTargetStep)
            {
                if (columnStep == 1 && columns * sizeof(T) is 4 or 8 or >= 16 and <= 256) Piece.Copy((byte*)from, (byte*)to, columns * sizeof(T));
                else if (columnStep == 1) new ReadOnlySpan<T>(from, (int)columns).CopyTo(new Span<T>(to, (int)columns));
                else if (columnStep == 0) new Span<T>(to, (int)columns).Fill(*from);
                else Swap(from, to, 0, rows);
            }
        }
    }

    /// <summary>target[row · rowStep + column] = source[row + column · columnStep] for some rows, in blocks of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Swap(T* source, T* target, long firstRow, long lastRow)
    {
        if (lastRow - firstRow == 1 && columnStep == 2 && sizeof(T) == 4)
        {
            WordMoves.Every2nd((uint*)(source + firstRow), (uint*)(target + firstRow * rowStep), columns);
            return;
        }
        if (lastRow - firstRow == 1 && columnStep == 2 && sizeof(T) == 1)
        {
            ByteMoves.Every2nd((byte*)(source + firstRow), (byte*)(target + firstRow * rowStep), columns);
            return;
        }
        if (columns == 2)
        {
            // Halves of channels that are shuffled.
            T* even = source, odd = even + columnStep, to = target + firstRow * rowStep;
            if (sizeof(T) == 4 && rowStep == 2)
            {
                WordMoves.Interleave2((uint*)(even + firstRow), (uint*)(odd + firstRow), (uint*)to, lastRow - firstRow);
                return;
            }
            if (sizeof(T) == 1 && rowStep == 2)
            {
                ByteMoves.Interleave2((byte*)(even + firstRow), (byte*)(odd + firstRow), (byte*)to, lastRow - firstRow);
                return;
            }
            for (long row = firstRow; row < lastRow; row++, to += rowStep)
            {
                to[0] = even[row];
                to[1] = odd[row];
            }
            return;
        }
        if (columns == 3)
        {
            // Planes of a picture to pixels.
            T* red = source, green = red + columnStep, blue = green + columnStep, to = target + firstRow * rowStep;
            if (sizeof(T) == 1 && rowStep == 3 && Vector128.IsHardwareAccelerated)
                for (; firstRow + 16 <= lastRow; firstRow += 16, to += 48)
                    Pixels(Vector128.Load((byte*)(red + firstRow)), Vector128.Load((byte*)(green + firstRow)), Vector128.Load((byte*)(blue + firstRow)), (byte*)to);
            if (sizeof(T) == 4 && rowStep == 3)
            {
                WordMoves.Interleave3((uint*)(red + firstRow), (uint*)(green + firstRow), (uint*)(blue + firstRow), (uint*)to, lastRow - firstRow);
                return;
            }
            for (long row = firstRow; row < lastRow; row++, to += rowStep)
            {
                to[0] = red[row];
                to[1] = green[row];
                to[2] = blue[row];
            }
            return;
        }
        for (long left = 0; left < columns; left += Block)
        {
            long right = Math.Min(columns, left + Block);
            if (sizeof(T) == 4 && right - left == Block && lastRow - firstRow >= 4)
            {
                for (long row = firstRow; row < lastRow; row += 4)
                {
                    // The last four rows overlap those before them.
                    long at = Math.Min(row, lastRow - 4);
                    for (long column = left; column < right; column += 4)
                        WordMoves.Transpose4((uint*)(source + at + column * columnStep), columnStep, (uint*)(target + at * rowStep + column), rowStep);
                }
                continue;
            }
            for (long row = firstRow; row < lastRow; row++)
            {
                T* to = target + row * rowStep, from = source + row + left * columnStep;
                for (long column = left; column < right; column++, from += columnStep) to[column] = *from;
            }
        }
    }

    /// <summary>Sixteen bytes of each of three planes as pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pixels(Vector128<byte> red, Vector128<byte> green, Vector128<byte> blue, byte* to)
    {
        // Numbers beyond 15 look up zero, so the planes are joined.
        const byte n = 255;
        (Vector128.Shuffle(red, Vector128.Create(0, n, n, 1, n, n, 2, n, n, 3, n, n, 4, n, n, 5)) | Vector128.Shuffle(green, Vector128.Create(n, 0, n, n, 1, n, n, 2, n, n, 3, n, n, 4, n, n))
            | Vector128.Shuffle(blue, Vector128.Create(n, n, 0, n, n, 1, n, n, 2, n, n, 3, n, n, 4, n))).Store(to);
        (Vector128.Shuffle(red, Vector128.Create(n, n, 6, n, n, 7, n, n, 8, n, n, 9, n, n, 10, n)) | Vector128.Shuffle(green, Vector128.Create(5, n, n, 6, n, n, 7, n, n, 8, n, n, 9, n, n, 10))
            | Vector128.Shuffle(blue, Vector128.Create(n, 5, n, n, 6, n, n, 7, n, n, 8, n, n, 9, n, n))).Store(to + 16);
        (Vector128.Shuffle(red, Vector128.Create(n, 11, n, n, 12, n, n, 13, n, n, 14, n, n, 15, n, n)) | Vector128.Shuffle(green, Vector128.Create(n, n, 11, n, n, 12, n, n, 13, n, n, 14, n, n, 15, n))
            | Vector128.Shuffle(blue, Vector128.Create(10, n, n, 11, n, n, 12, n, n, 13, n, n, 14, n, n, 15))).Store(to + 32);
    }
}
