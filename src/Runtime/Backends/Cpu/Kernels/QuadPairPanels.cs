namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Constant I8 weights within <see cref="Operators.PairBound"/> in panels of two vectors of columns, the last perhaps of one, for products that add two quads in 16 bits: for each two quads of k, four bytes of the first for each column,
/// four of the second, and room for two numbers of 16 bits by which sums are shifted. A last quad that has no other is alone.
/// </summary>
/// <remarks>
/// Of four weights in two pairs the positive ones and the negative ones together are at most 256, so that a sum of their products with U8 numbers is one of at most 65,281 consecutive integers: whichever they are, shifted
/// they are within 16 bits. Sums in 16 bits wrap around, and so the shifted one is exact. What the shifts of a column come to is known ahead. Most quads find another with which no column of the panel needs a shift; these come first.
/// </remarks>
internal sealed unsafe class QuadPairPanels<L, V> where L : struct, IQuadLanes<V> where V : unmanaged
{
    /// <summary>How many of the quads that follow are looked at for one that goes with a quad.</summary>
    private const int Candidates = 64;

    private readonly sbyte* packed;
    private readonly int* orders;
    private readonly int unit;

    /// <summary>Packs weights, input 1 of the step from <paramref name="offset"/> on, of which element (k, column) is at k·<paramref name="rowStep"/> + column·<paramref name="columnStep"/>.</summary>
    public QuadPairPanels(CpuBinding binding, long offset, int k, int columns, nint rowStep, nint columnStep)
    {
        Columns = columns;
        int quads = (int)((k + 3L) / 4);
        Quads = quads;
        (Pairs, HasOdd) = (quads / 2, quads % 2 == 1);
        unit = checked((12 * Pairs + (HasOdd ? 4 : 0)) * L.Count);
        Count = (columns + Width - 1) / Width;
        HasNarrow = columns - (Count - 1) * Width <= L.Count;
        int vectors = 2 * Count - (HasNarrow ? 1 : 0), padded = vectors * L.Count;
        long bytes = (long)vectors * unit;
        packed = (sbyte*)binding.Shared(1, $"quad pair panels {L.Count} {offset} {k}x{columns} {rowStep}", bytes + (2L * padded + (long)Count * (quads + 1)) * sizeof(int), out bool isNew);
        ColumnSums = (int*)(packed + bytes);
        Shifts = ColumnSums + padded;
        orders = Shifts + padded;
        if (!isNew) return;
        sbyte* weights = (sbyte*)binding.Input(1).Data + offset;
        for (int panel = 0; panel < Count; panel++)
        {
            int width = IsNarrow(panel) ? L.Count : Width, used = Math.Min(width, columns - panel * Width);
            var numbers = new sbyte[quads * used * 4];
            for (int row = 0; row < k; row++)
                for (int lane = 0; lane < used; lane++)
                {
                    sbyte number = weights[row * rowStep + (panel * Width + lane) * columnStep];
                    numbers[(row / 4 * used + lane) * 4 + row % 4] = number;
                    ColumnSums[panel * Width + lane] += number;
                }
            int* order = orders + (nint)panel * (quads + 1);
            *order = Match(numbers, used * 4, quads, new Span<int>(order + 1, quads));
            for (int place = 0; place < quads; place++)
                for (int lane = 0; lane < used; lane++)
                {
                    int at = (order[1 + place] * used + lane) * 4;
                    sbyte* to = Panel(panel) + 4 * lane + (nint)(place / 2) * 12 * width + place % 2 * 4 * width;
                    for (int i = 0; i < 4; i++) to[i] = numbers[at + i];
                    if (place % 2 == 0 || place / 2 < *order) continue;
                    int other = (order[place] * used + lane) * 4;
                    short* shifts = (short*)(to + 4 * width);
                    for (int half = 0; half < 4; half += 2)
                    {
                        int shift = Shift(numbers[other + half], numbers[other + half + 1], numbers[at + half], numbers[at + half + 1]);
                        shifts[half / 2] = (short)shift;
                        Shifts[panel * Width + lane] += shift;
                    }
                }
            // From numbers of quads to bytes of a row.
            for (int place = 1; place <= quads; place++) order[place] *= 4;
        }
    }

    /// <summary>Columns of a panel that is not narrow.</summary>
    public static int Width => 2 * L.Count;

    /// <summary>Number of panels.</summary>
    public int Count { get; }

    /// <summary>Columns that count.</summary>
    public int Columns { get; }

    /// <summary>For a panel, how many pairs of quads need no shift, and then where in a row the quads are, pair by pair.</summary>
    public int* Order(int index) => orders + (nint)index * (Quads + 1);

    /// <summary>Quads of k.</summary>
    private int Quads { get; }

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

    /// <summary>Puts the numbers of quads in order, first pairs that need no shift, and counts these pairs.</summary>
    private static int Match(ReadOnlySpan<sbyte> numbers, int step, int quads, Span<int> order)
    {
        var taken = new bool[quads];
        int found = 0;
        for (int quad = 0; quad < quads; quad++)
            for (int other = quad + 1; other < Math.Min(quads, quad + Candidates) && !taken[quad]; other++)
            {
                if (taken[other] || !Fit(numbers.Slice(quad * step, step), numbers.Slice(other * step, step))) continue;
                (order[found], order[found + 1], taken[quad], taken[other]) = (quad, other, true, true);
                found += 2;
            }
        for (int quad = 0, at = found; quad < quads; quad++)
            if (!taken[quad]) order[at++] = quad;
        return found / 2;
    }

    /// <summary>True when no sum of two pairs of products of these weights leaves 16 bits.</summary>
    private static bool Fit(ReadOnlySpan<sbyte> left, ReadOnlySpan<sbyte> right)
    {
        for (int i = 0; i < left.Length; i += 2)
            if (Shift(left[i], left[i + 1], right[i], right[i + 1]) != 0) return false;
        return true;
    }

    /// <summary>The number, nearest to zero, with which sums of products of U8 numbers and these weights fit 16 bits.</summary>
    private static int Shift(int a, int b, int c, int d)
    {
        int most = byte.MaxValue * (Math.Max(a, 0) + Math.Max(b, 0) + Math.Max(c, 0) + Math.Max(d, 0));
        int least = byte.MaxValue * (Math.Min(a, 0) + Math.Min(b, 0) + Math.Min(c, 0) + Math.Min(d, 0));
        return most > short.MaxValue ? short.MaxValue - most : least < short.MinValue ? short.MinValue - least : 0;
    }
}
