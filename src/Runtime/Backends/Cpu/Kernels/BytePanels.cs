using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Constant 8-bit weights in panels of two vectors of columns, still 8-bit: for each pair of k, a pair of bytes for each column. U8 becomes I8 by taking 128 away, from the zero points too. Columns
/// beyond the last, and a k beyond the last, are zeros.
/// </summary>
internal sealed unsafe class BytePanels<L, V> where L : struct, IShortLanes<V> where V : unmanaged
{
    private readonly sbyte* packed;

    /// <summary>Packs weights, input 1 of the step from <paramref name="offset"/> on, of which element (k, column) is at k·<paramref name="rowStep"/> + column·<paramref name="columnStep"/>.</summary>
    public BytePanels(CpuBinding binding, long offset, int k, int columns, nint rowStep, nint columnStep)
    {
        Columns = columns;
        Pairs = (k + 1) / 2;
        Count = (columns + Width - 1) / Width;
        packed = (sbyte*)binding.Shared(1, $"byte panels {Width} {offset} {k}x{columns} {rowStep}", (long)Count * Pairs * 2 * Width, out bool isNew);
        if (!isNew) return;
        byte* weights = (byte*)binding.Input(1).Data + offset;
        new Span<sbyte>(packed, checked(Count * Pairs * 2 * Width)).Clear();
        byte flip = binding.Input(1).DataType == DataType.I8 ? (byte)0 : (byte)128;
        for (int panel = 0; panel < Count; panel++)
        {
            sbyte* target = Panel(panel);
            int width = Math.Min(Width, columns - panel * Width);
            for (int row = 0; row < k; row++)
            {
                byte* source = weights + row * rowStep + panel * Width * columnStep;
                sbyte* pair = target + (nint)(row / 2) * 2 * Width + row % 2;
                for (int column = 0; column < width; column++) pair[2 * column] = (sbyte)(source[column * columnStep] ^ flip);
            }
        }
    }

    /// <summary>Columns of a panel.</summary>
    public static int Width => 2 * L.Count;

    /// <summary>Number of panels.</summary>
    public int Count { get; }

    /// <summary>Columns that count.</summary>
    public int Columns { get; }

    /// <summary>Pairs of k.</summary>
    public int Pairs { get; }

    /// <summary>Where a panel begins.</summary>
    public sbyte* Panel(int index) => packed + (nint)index * Pairs * 2 * Width;
}
