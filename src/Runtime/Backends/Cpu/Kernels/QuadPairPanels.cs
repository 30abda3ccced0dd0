namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Constant I8 weights within <see cref="Operators.PairBound"/> in panels of two vectors of columns, the last perhaps of one, for products that add two quads in 16 bits: for each two quads of k, four bytes of the first for each column,
/// four of the second, and two numbers of 16 bits by which sums are shifted. A last quad that has no other is alone.
/// </summary>
/// <remarks>
/// Of four weights in two pairs the positive ones and the negative ones together are at most 256, so that a sum of their products with U8 numbers is one of at most 65,281 consecutive integers: whichever they are, shifted
/// they are within 16 bits. Sums in 16 bits wrap around, and so the shifted one is exact. What the shifts of a column come to is known ahead.
/// </remarks>
internal sealed unsafe class QuadPairPanels<L, V> where L : struct, IQuadLanes<V> where V : unmanaged
{
    private readonly sbyte* packed;
    private readonly int unit;

    /// <summary>Packs weights, input 1 of the step from <paramref name="offset"/> on, of which element (k, column) is at k·<paramref name="rowStep"/> + column·<paramref name="columnStep"/>.</summary>
    public QuadPairPanels(CpuBinding binding, long offset, int k, int columns, nint rowStep, nint columnStep)
    {
        Columns = columns;
        int quads = (int)((k + 3L) / 4);
        (Pairs, HasOdd) = (quads / 2, quads % 2 == 1);
        unit = checked((12 * Pairs + (HasOdd ? 4 : 0)) * L.Count);
        Count = (columns + Width - 1) / Width;
        HasNarrow = columns - (Count - 1) * Width <= L.Count;
        int vectors = 2 * Count - (HasNarrow ? 1 : 0), padded = vectors * L.Count;
        long bytes = (long)vectors * unit;
        packed = (sbyte*)binding.Shared(1, $"quad pair panels {L.Count} {offset} {k}x{columns} {rowStep}", bytes + 2L * padded * sizeof(int), out bool isNew);
        ColumnSums = (int*)(packed + bytes);
        Shifts = ColumnSums + padded;
        if (!isNew) return;
        sbyte* weights = (sbyte*)binding.Input(1).Data + offset;
        int* four = stackalloc int[8];
        for (int column = 0; column < columns; column++)
        {
            int panel = column / Width, lane = column % Width, width = IsNarrow(panel) ? L.Count : Width;
            sbyte* to = Panel(panel) + 4 * lane;
            for (int quad = 0; quad < quads; quad++)
            {
                sbyte* bytesOfQuad = to + (nint)(quad / 2) * 12 * width + quad % 2 * 4 * width;
                for (int i = 0; i < 4; i++)
                {
                    int row = 4 * quad + i, number = row < k ? weights[row * rowStep + column * columnStep] : 0;
                    four[quad % 2 * 4 + i] = number;
                    bytesOfQuad[i] = (sbyte)number;
                    ColumnSums[column] += number;
                }
                if (quad % 2 == 0) continue;
                short* shifts = (short*)(bytesOfQuad + 4 * width);
                for (int half = 0; half < 2; half++)
                {
                    int shift = Shift(four[2 * half], four[2 * half + 1], four[4 + 2 * half], four[5 + 2 * half]);
                    shifts[half] = (short)shift;
                    Shifts[column] += shift;
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

    /// <summary>Pairs of quads of k.</summary>
    public int Pairs { get; }

    /// <summary>True when a quad is left over.</summary>
    public bool HasOdd { get; }

    /// <summary>The sum of each column's weights.</summary>
    public int* ColumnSums { get; }

    /// <summary>The sum of each column's shifts.</summary>
    public int* Shifts { get; }

    /// <summary>True when the last panel is one vector wide.</summary>
    private bool HasNarrow { get; }

    /// <summary>True for a panel of one vector.</summary>
    public bool IsNarrow(int index) => HasNarrow && index == Count - 1;

    /// <summary>Where a panel begins.</summary>
    public sbyte* Panel(int index) => packed + (nint)index * 2 * unit;

    /// <summary>The number, nearest to zero, with which sums of products of U8 numbers and these weights fit 16 bits.</summary>
    private static int Shift(int a, int b, int c, int d)
    {
        int most = byte.MaxValue * (Math.Max(a, 0) + Math.Max(b, 0) + Math.Max(c, 0) + Math.Max(d, 0));
        int least = byte.MaxValue * (Math.Min(a, 0) + Math.Min(b, 0) + Math.Min(c, 0) + Math.Min(d, 0));
        return most > short.MaxValue ? short.MaxValue - most : least < short.MinValue ? short.MinValue - least : 0;
    }
}
