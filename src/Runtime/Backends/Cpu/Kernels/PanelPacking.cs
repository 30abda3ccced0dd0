using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Copies elements into the order in which products read them: rows of a certain width, of which columns that are missing are zeros.</summary>
internal static unsafe class PanelPacking
{
    /// <summary>Rows that are taken together: some cache lines of each column, and of all columns of a panel together less than the first-level cache.</summary>
    private const int BlockRows = 64;

    /// <summary>target[row · width + column] = source[row · rowStep + column · columnStep] · scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(float* source, nint rowStep, nint columnStep, int rows, int columns, float* target, int width, float scale = 1)
    {
        if (columnStep == 1) Copy(source, rowStep, rows, columns, target, width, scale);
        else if (rowStep == 1 && Vector128.IsHardwareAccelerated) Turn(source, columnStep, rows, columns, target, width, scale);
        else
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < columns; column++) target[(nint)row * width + column] = source[row * rowStep + column * columnStep] * scale;
        for (int row = 0; row < rows && columns < width; row++) new Span<float>(target + (nint)row * width + columns, width - columns).Clear();
    }

    private static void Copy(float* source, nint rowStep, int rows, int columns, float* target, int width, float scale)
    {
        for (int row = 0; row < rows; row++, source += rowStep, target += width)
        {
            if (scale == 1)
            {
                new ReadOnlySpan<float>(source, columns).CopyTo(new Span<float>(target, columns));
                continue;
            }
            int column = 0;
            for (; column <= columns - 4; column += 4) (Vector128.Load(source + column) * scale).Store(target + column);
            for (; column < columns; column++) target[column] = source[column] * scale;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn(float* source, nint columnStep, int rows, int columns, float* target, int width, float scale)
    {
        Vector128<float> factor = Vector128.Create(scale);
        for (int from = 0; from < rows; from += BlockRows)
        {
            int to = Math.Min(from + BlockRows, rows), column = 0;
            for (; column <= columns - 4; column += 4)
            {
                float* read = source + column * columnStep + from, write = target + (nint)from * width + column;
                int row = from;
                for (; row <= to - 4; row += 4, read += 4, write += 4 * (nint)width)
                {
                    WordMoves.Transpose4((uint*)read, columnStep, (uint*)write, width);
                    if (scale == 1) continue;
                    for (int i = 0; i < 4; i++) (Vector128.Load(write + i * (nint)width) * factor).Store(write + i * (nint)width);
                }
                for (; row < to; row++, read++, write += width)
                    for (int i = 0; i < 4; i++) write[i] = read[i * columnStep] * scale;
            }
            for (; column < columns; column++)
                for (int row = from; row < to; row++) target[(nint)row * width + column] = source[column * columnStep + row] * scale;
        }
    }
}
