using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>One panel of B: one, two or three vectors of columns.</summary>
/// <param name="Start">First column.</param>
/// <param name="Columns">How many columns it has: fewer than its vectors have lanes where B ends.</param>
/// <param name="Vectors">Width in vectors.</param>
/// <param name="B">Its elements, a row of columns for each k; null when they are not packed.</param>
/// <param name="Bias">What is added to the sums.</param>
/// <param name="Mask">Bits of the columns to which the residual adds; null when to none.</param>
/// <param name="ResidualVectors">How many vectors of the residual are read.</param>
internal readonly unsafe struct GemmPanel(int Start, int Columns, int Vectors, float* B, float* Bias, float* Mask, int ResidualVectors)
{
    public readonly int Start = Start, Columns = Columns, Vectors = Vectors, ResidualVectors = ResidualVectors;
    public readonly float* B = B, Bias = Bias, Mask = Mask;
}

/// <summary>
/// The columns of B cut into panels that tiles multiply by. Where the number of columns is not a multiple of the vector, tiles of the last panel
/// are computed with columns of zeros, and what counts of them is copied.
/// </summary>
internal sealed unsafe class GemmPanels<L, V> where L : struct, ILanes<V> where V : unmanaged
{
    /// <summary>Elements of the largest tile, and of a row of the widest.</summary>
    private static int TileFloats => 12 * L.Count + 3 * L.Count;

    private readonly GemmPanel[] panels;
    private readonly int k, n, residualColumns;
    private readonly nint matrixFloats;
    private bool isPacked;

    /// <summary>Cuts <paramref name="n"/> columns.</summary>
    /// <param name="binding">Takes the memory.</param>
    /// <param name="k">Rows of B.</param>
    /// <param name="n">Columns of B.</param>
    /// <param name="bias">A number for each column, or null for zeros. It is read on each run.</param>
    /// <param name="residualColumns">Columns of the residual, 0 when there is none.</param>
    /// <param name="packed">True to make room for packed elements; see <see cref="Pack"/>.</param>
    /// <param name="input">The input whose elements alone are packed, when they are constant: those that another plan packed alike are taken. -1 for elements of this plan's own.</param>
    /// <param name="layout">What of that input is packed, and how.</param>
    /// <param name="matrices">How many matrices B there are; with more than one, nothing is added to the sums, and no activation applied.</param>
    public GemmPanels(CpuBinding binding, int k, int n, float* bias, int residualColumns, bool packed, int input = -1, string layout = "", int matrices = 1)
    {
        Debug.Assert(n > 0, "There are columns.");
        this.k = k;
        this.n = n;
        this.residualColumns = residualColumns;
        if (bias == null && matrices == 1) bias = (float*)binding.Allocate(n * sizeof(float));
        var list = new List<GemmPanel>();
        float* begin = packed ? Room(binding, input, layout, matrices) : null, room = begin;
        for (int start = 0; start < n;)
        {
            // An odd number of vectors begins with a panel of three, so that none is left alone.
            int left = n - start, whole = (left + L.Count - 1) / L.Count, vectors = whole % 2 == 0 ? 2 : whole == 1 ? 1 : 3;
            list.Add(new GemmPanel(start, Math.Min(left, vectors * L.Count), vectors, room, bias == null ? null : bias + start, Mask(binding, start, vectors),
                Math.Min(vectors, (residualColumns - start + L.Count - 1) / L.Count)));
            start += vectors * L.Count;
            if (packed) room += (long)k * vectors * L.Count;
        }
        panels = [.. list];
        matrixFloats = (nint)(room - begin);
    }

    /// <summary>True when another plan has packed the same elements.</summary>
    public bool IsPacked => isPacked;

    /// <summary>Number of panels.</summary>
    public int Count => panels.Length;

    /// <summary>Rows and columns of the tile that most work is done in.</summary>
    public string Tile => $"{(panels[^1].Vectors == 1 ? 12 : Height(panels[^1].Vectors))}x{panels[^1].Vectors * L.Count}";

    /// <summary>Copies B into the panels: element (row, column) is at row·<paramref name="rowStep"/> + column·<paramref name="columnStep"/>.</summary>
    public void Pack(float* source, nint rowStep, nint columnStep, float scale = 1, int matrix = 0)
    {
        if (isPacked) return;
        foreach (GemmPanel panel in panels)
            PackPanel(panel, panel.B + matrix * matrixFloats, source, rowStep, columnStep, scale);
    }

    /// <summary>Copies the columns of one panel to <paramref name="target"/>.</summary>
    public void PackPanel(int panel, float* target, float* source, nint rowStep, nint columnStep, float scale) =>
        PackPanel(panels[panel], target, source, rowStep, columnStep, scale);

    private void PackPanel(in GemmPanel panel, float* target, float* source, nint rowStep, nint columnStep, float scale) =>
        PanelPacking.Pack(source + panel.Start * columnStep, rowStep, columnStep, k, panel.Columns, target, panel.Vectors * L.Count, scale);

    /// <summary>Floats from a matrix to the next.</summary>
    public nint MatrixFloats => matrixFloats;

    /// <summary>Where the elements of a panel are, of the first matrix, for who packs them otherwise.</summary>
    /// <param name="index">The panel.</param>
    /// <param name="start">Its first column.</param>
    /// <param name="columns">How many columns count.</param>
    /// <param name="width">How many it has.</param>
    public float* Room(int index, out int start, out int columns, out int width)
    {
        ref readonly GemmPanel panel = ref panels[index];
        (start, columns, width) = (panel.Start, panel.Columns, panel.Vectors * L.Count);
        return panel.B;
    }

    /// <summary>Multiplies rows of A by panels from <paramref name="first"/> up to <paramref name="last"/>; the tile says where A, Y and the residual begin.</summary>
    /// <param name="block">First row of A and Y, steps, segments, activation; changed on the way.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="first">First panel.</param>
    /// <param name="last">End of the panels.</param>
    /// <param name="direct">B itself when it is not packed, with <see cref="GemmTile.BStep"/> floats a row; else null.</param>
    /// <param name="scratch">The one panel when it was packed just now; else null.</param>
    /// <param name="matrix">Which of the matrices B.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Multiply(ref GemmTile block, int rows, int first, int last, float* direct = null, float* scratch = null, int matrix = 0)
    {
        float* a = block.A, y = block.Y, residual = block.Residual, room = stackalloc float[TileFloats];
        nint yStep = block.YStep;
        for (int index = first; index < last; index++)
        {
            ref readonly GemmPanel panel = ref panels[index];
            block.Bias = panel.Bias;
            block.Mask = panel.Mask;
            block.ResidualVectors = panel.ResidualVectors;
            bool adds = residual != null && panel.Mask != null;
            block.IsPlain = panel.Bias != null && block.Slope == 1 && (!adds || residualColumns >= panel.Start + panel.Vectors * L.Count);
            if (direct == null) block.BStep = panel.Vectors * L.Count;
            int height = Height(panel.Vectors), width = panel.Vectors * L.Count;
            bool ends = panel.Columns < width;
            if (ends)
            {
                // The bias may end where B does.
                if (panel.Bias != null) block.Bias = Copy(panel.Bias, room + 12 * L.Count, panel.Columns);
                block.YStep = width;
            }
            for (int row = 0; row < rows;)
            {
                int left = rows - row;
                // Eight rows are two tiles of four, not one of six and one that repeats four of them.
                bool four = panel.Vectors == 2 && (left <= 4 || left == 8);
                bool twelve = panel.Vectors == 1 && left >= 12 && left != 16;
                int count = Math.Min(four ? 4 : twelve ? 12 : height, left);
                block.Rows = count;
                block.A = a + row * block.AStep;
                block.B = direct != null ? direct + panel.Start : scratch != null ? scratch : panel.B + matrix * matrixFloats;
                block.Y = ends ? room : y + row * yStep + panel.Start;
                block.Residual = adds ? residual + row * block.ResidualStep + panel.Start : null;
                if (count == 1) GemmRow.Run<L, V>(ref block, panel.Vectors);
                else if (four) GemmTile.Run4x2<L, V>(ref block);
                else if (panel.Vectors == 2) GemmTile.Run6x2<L, V>(ref block);
                else if (panel.Vectors == 3) GemmTile.Run4x3<L, V>(ref block);
                else if (twelve && block.Length == 1) GemmTile.Run12x1Taps<L, V>(ref block);
                else if (twelve) GemmTile.Run12x1<L, V>(ref block);
                else GemmTile.Run8x1<L, V>(ref block);
                for (int i = 0; ends && i < count; i++) Copy(room + i * width, y + (row + i) * yStep + panel.Start, panel.Columns);
                row += count;
            }
            block.YStep = yStep;
        }
        block.A = a;
        block.Y = y;
        block.Residual = residual;
    }

    /// <summary>Copies less than a row of a tile.</summary>
    private static float* Copy(float* from, float* to, int count)
    {
        int i = 0;
        for (; i <= count - 4; i += 4) Vector128.Store(Vector128.Load(from + i), to + i);
        for (; i < count; i++) to[i] = from[i];
        return to;
    }

    /// <summary>Memory for all panels, which together are less than a vector wider than B.</summary>
    private float* Room(CpuBinding binding, int input, string layout, int matrices)
    {
        long bytes = (long)matrices * k * (n + 3 * L.Count) * sizeof(float);
        if (input < 0) return (float*)binding.Allocate(bytes);
        float* room = (float*)binding.Shared(input, $"{layout} {k}x{n} by {L.Count}", bytes, out bool isNew, isZeroed: false);
        isPacked = !isNew;
        return room;
    }

    private static int Height(int vectors) => vectors switch { 1 => 8, 2 => 6, _ => 4 };

    /// <summary>Bits for the columns below the residual's width; null when there are none.</summary>
    private float* Mask(CpuBinding binding, int start, int vectors)
    {
        if (residualColumns <= start) return null;
        int width = vectors * L.Count;
        int* mask = (int*)binding.Allocate(width * sizeof(int));
        for (int i = 0; i < width; i++) mask[i] = start + i < residualColumns ? -1 : 0;
        return (float*)mask;
    }
}
