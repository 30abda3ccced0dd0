using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Constant 8-bit weights in panels of two vectors of columns, the last perhaps of one: for each quad of k, four bytes for each column. U8 becomes I8 by taking 128 away, from the zero points too. Columns beyond the last, and k beyond the last, are zeros. With them go
/// the sums of the columns, by which the zero point of the other operand counts.
/// </summary>
internal sealed unsafe class QuadPanels<L, V> where L : struct, IQuadLanes<V> where V : unmanaged
{
    private readonly sbyte* packed;

    /// <summary>Packs weights, input 1 of the step from <paramref name="offset"/> on, of which element (k, column) is at k·<paramref name="rowStep"/> + column·<paramref name="columnStep"/>.</summary>
    public QuadPanels(CpuBinding binding, long offset, int k, int columns, nint rowStep, nint columnStep)
    {
        Columns = columns;
        Quads = (int)((k + 3L) / 4);
        Count = (columns + Width - 1) / Width;
        HasNarrow = columns - (Count - 1) * Width <= L.Count;
        long padded = (long)Count * Width - (HasNarrow ? L.Count : 0), bytes = padded * Quads * 4;
        packed = (sbyte*)binding.Shared(1, $"quad panels {L.Count} {offset} {k}x{columns} {rowStep}", bytes + padded * sizeof(int), out bool isNew);
        ColumnSums = (int*)(packed + bytes);
        if (!isNew) return;
        byte* weights = (byte*)binding.Input(1).Data + offset;
        byte flip = binding.Input(1).DataType == DataType.I8 ? (byte)0 : (byte)128;
        for (int panel = 0; panel < Count; panel++)
        {
            int width = IsNarrow(panel) ? L.Count : Width, used = Math.Min(width, columns - panel * Width);
            for (int row = 0; row < k; row++)
            {
                byte* source = weights + row * rowStep + panel * Width * columnStep;
                sbyte* quad = Panel(panel) + (nint)(row / 4) * 4 * width + row % 4;
                for (int column = 0; column < used; column++)
                {
                    sbyte number = unchecked((sbyte)(source[column * columnStep] ^ flip));
                    quad[4 * column] = number;
                    ColumnSums[panel * Width + column] += number;
                }
            }
        }
    }

    /// <summary>Columns of a panel that is not narrow.</summary>
    public static int Width => 2 * L.Count;

    /// <summary>Number of panels.</summary>
    public int Count { get; }

    /// <summary>Columns that count.</summary>
    public int Columns { get; }

    /// <summary>Quads of k.</summary>
    public int Quads { get; }

    /// <summary>The sum of each column's weights.</summary>
    public int* ColumnSums { get; }

    /// <summary>True when the last panel is one vector wide.</summary>
    private bool HasNarrow { get; }

    /// <summary>True for a panel of one vector.</summary>
    public bool IsNarrow(int index) => HasNarrow && index == Count - 1;

    /// <summary>Where a panel begins.</summary>
    public sbyte* Panel(int index) => packed + (nint)index * Quads * 4 * Width;
}
