using System.Runtime.CompilerServices;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// A block of a product of bytes that stays in registers: some rows by a panel of one or two vectors of columns, in quads along the inner dimension.
/// </summary>
internal static unsafe class QuadTile
{
    /// <summary>Rows of the largest tile.</summary>
    public const int Rows = 6;

    /// <summary>Up to 6 rows by one or two vectors of columns; a row of sums is as wide as two.</summary>
    /// <param name="a">First row.</param>
    /// <param name="step">Bytes from a row to the next.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="b">The panel: for each quad of k, four bytes for each column.</param>
    /// <param name="quads">Quads of k.</param>
    /// <param name="narrow">True for a panel of one vector.</param>
    /// <param name="sums">The sums.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<L, V>(byte* a, nint step, int rows, sbyte* b, nint quads, bool narrow, int* sums) where L : struct, IQuadLanes<V> where V : unmanaged
    {
        if (narrow)
        {
            if (rows > 1) Narrow6<L, V>(a, step, rows, b, quads, sums);
            else Narrow1<L, V>(a, b, quads, sums);
        }
        else if (rows > 3) Run6<L, V>(a, step, rows, b, quads, sums);
        else if (rows > 1) Run3<L, V>(a, step, rows, b, quads, sums);
        else Run1<L, V>(a, b, quads, sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run6<L, V>(byte* a, nint step, int rows, sbyte* b, nint quads, int* sums) where L : struct, IQuadLanes<V> where V : unmanaged
    {
        // Lanes: columns; 12 sums stay in registers. Missing rows repeat the last one, and are stored over each other before the one that counts.
        // Equals: sums[m, n] = sum over k of a[m, k] * b[k, n].
        int last = rows - 1;
        byte* a0 = a, a1 = a + Math.Min(1, last) * step, a2 = a + Math.Min(2, last) * step, a3 = a + Math.Min(3, last) * step, a4 = a + Math.Min(4, last) * step, a5 = a + Math.Min(5, last) * step;
        V c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        for (nint k = 0; k < 4 * quads; k += 4)
        {
            V b0 = L.Load(b), b1 = L.Load(b + 4 * L.Count);
            b += 8 * L.Count;
            V x0 = L.All(a0 + k);
            c00 = L.MultiplyAdd(x0, b0, c00);
            c01 = L.MultiplyAdd(x0, b1, c01);
            V x1 = L.All(a1 + k);
            c10 = L.MultiplyAdd(x1, b0, c10);
            c11 = L.MultiplyAdd(x1, b1, c11);
            V x2 = L.All(a2 + k);
            c20 = L.MultiplyAdd(x2, b0, c20);
            c21 = L.MultiplyAdd(x2, b1, c21);
            V x3 = L.All(a3 + k);
            c30 = L.MultiplyAdd(x3, b0, c30);
            c31 = L.MultiplyAdd(x3, b1, c31);
            V x4 = L.All(a4 + k);
            c40 = L.MultiplyAdd(x4, b0, c40);
            c41 = L.MultiplyAdd(x4, b1, c41);
            V x5 = L.All(a5 + k);
            c50 = L.MultiplyAdd(x5, b0, c50);
            c51 = L.MultiplyAdd(x5, b1, c51);
        }
        Store<L, V>(c50, c51, sums, Math.Min(5, last));
        Store<L, V>(c40, c41, sums, Math.Min(4, last));
        Store<L, V>(c30, c31, sums, Math.Min(3, last));
        Store<L, V>(c20, c21, sums, 2);
        Store<L, V>(c10, c11, sums, 1);
        Store<L, V>(c00, c01, sums, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run3<L, V>(byte* a, nint step, int rows, sbyte* b, nint quads, int* sums) where L : struct, IQuadLanes<V> where V : unmanaged
    {
        int last = rows - 1;
        byte* a0 = a, a1 = a + step, a2 = a + Math.Min(2, last) * step;
        V c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        for (nint k = 0; k < 4 * quads; k += 4)
        {
            V b0 = L.Load(b), b1 = L.Load(b + 4 * L.Count);
            b += 8 * L.Count;
            V x0 = L.All(a0 + k);
            c00 = L.MultiplyAdd(x0, b0, c00);
            c01 = L.MultiplyAdd(x0, b1, c01);
            V x1 = L.All(a1 + k);
            c10 = L.MultiplyAdd(x1, b0, c10);
            c11 = L.MultiplyAdd(x1, b1, c11);
            V x2 = L.All(a2 + k);
            c20 = L.MultiplyAdd(x2, b0, c20);
            c21 = L.MultiplyAdd(x2, b1, c21);
        }
        Store<L, V>(c20, c21, sums, Math.Min(2, last));
        Store<L, V>(c10, c11, sums, 1);
        Store<L, V>(c00, c01, sums, 0);
    }

    /// <summary>One row, as in the products of a decoder: B is read once, and reading it is what takes the time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run1<L, V>(byte* a, sbyte* b, nint quads, int* sums) where L : struct, IQuadLanes<V> where V : unmanaged
    {
        V c0 = default, c1 = default;
        for (nint k = 0; k < 4 * quads; k += 4, b += 8 * L.Count)
        {
            V x = L.All(a + k);
            c0 = L.MultiplyAdd(x, L.Load(b), c0);
            c1 = L.MultiplyAdd(x, L.Load(b + 4 * L.Count), c1);
        }
        Store<L, V>(c0, c1, sums, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow6<L, V>(byte* a, nint step, int rows, sbyte* b, nint quads, int* sums) where L : struct, IQuadLanes<V> where V : unmanaged
    {
        int last = rows - 1;
        byte* a0 = a, a1 = a + Math.Min(1, last) * step, a2 = a + Math.Min(2, last) * step, a3 = a + Math.Min(3, last) * step, a4 = a + Math.Min(4, last) * step, a5 = a + Math.Min(5, last) * step;
        V c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default;
        for (nint k = 0; k < 4 * quads; k += 4, b += 4 * L.Count)
        {
            V weights = L.Load(b);
            c0 = L.MultiplyAdd(L.All(a0 + k), weights, c0);
            c1 = L.MultiplyAdd(L.All(a1 + k), weights, c1);
            c2 = L.MultiplyAdd(L.All(a2 + k), weights, c2);
            c3 = L.MultiplyAdd(L.All(a3 + k), weights, c3);
            c4 = L.MultiplyAdd(L.All(a4 + k), weights, c4);
            c5 = L.MultiplyAdd(L.All(a5 + k), weights, c5);
        }
        int width = 2 * L.Count;
        L.Store(c5, sums + Math.Min(5, last) * width);
        L.Store(c4, sums + Math.Min(4, last) * width);
        L.Store(c3, sums + Math.Min(3, last) * width);
        L.Store(c2, sums + Math.Min(2, last) * width);
        L.Store(c1, sums + width);
        L.Store(c0, sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow1<L, V>(byte* a, sbyte* b, nint quads, int* sums) where L : struct, IQuadLanes<V> where V : unmanaged
    {
        V c = default;
        for (nint k = 0; k < 4 * quads; k += 4, b += 4 * L.Count) c = L.MultiplyAdd(L.All(a + k), L.Load(b), c);
        L.Store(c, sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<L, V>(V left, V right, int* sums, int row) where L : struct, IQuadLanes<V> where V : unmanaged
    {
        L.Store(left, sums + row * 2 * L.Count);
        L.Store(right, sums + (row * 2 + 1) * L.Count);
    }
}
