using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// The tile for a single row of A, as in a product with a vector or the last row of a matrix: bound by reading B, so that four
/// elements of the row in flight, each with sums of its own, matter more than how often an element is used.
/// </summary>
internal static unsafe class GemmRow
{
    /// <summary>One row by one, two or three vectors of columns.</summary>
    public static void Run<L, V>(ref GemmTile t, int vectors) where L : struct, ILanes<V> where V : unmanaged
    {
        if (vectors == 1) Run1<L, V>(ref t);
        else if (vectors == 2) Run2<L, V>(ref t);
        else Run3<L, V>(ref t);
    }

    // Lanes: columns. The sums of every fourth element are added in the same order whatever the number of vectors, so that columns
    // in two panels are the same in both. Equals: y[n] = act(sum over s, k of a[offset[s] + k] * b[s * length + k, n] + bias[n] + r[n]).

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run1<L, V>(ref GemmTile t) where L : struct, ILanes<V> where V : unmanaged
    {
        Debug.Assert(t.Rows == 1 && t.Segments > 0 && t.Length > 0, "A tile has a row and segments.");
        float* b = t.B;
        V c0 = default, c1 = default, c2 = default, c3 = default;
        nint step = t.BStep;
        for (int s = 0; s < t.Segments; s++)
        {
            float* a = t.A + t.Offsets[s];
            nint k = 0;
            for (; k <= t.Length - 4; k += 4, b += 4 * step)
            {
                c0 = L.MultiplyAdd(L.All(a[k]), L.Load(b), c0);
                c1 = L.MultiplyAdd(L.All(a[k + 1]), L.Load(b + step), c1);
                c2 = L.MultiplyAdd(L.All(a[k + 2]), L.Load(b + 2 * step), c2);
                c3 = L.MultiplyAdd(L.All(a[k + 3]), L.Load(b + 3 * step), c3);
            }
            for (; k < t.Length; k++, b += step) c0 = L.MultiplyAdd(L.All(a[k]), L.Load(b), c0);
        }
        GemmTile.Finish<L, V>(ref t, 0, L.Add(L.Add(c0, c1), L.Add(c2, c3)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run2<L, V>(ref GemmTile t) where L : struct, ILanes<V> where V : unmanaged
    {
        Debug.Assert(t.Rows == 1 && t.Segments > 0 && t.Length > 0, "A tile has a row and segments.");
        float* b = t.B;
        V c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        nint step = t.BStep;
        for (int s = 0; s < t.Segments; s++)
        {
            float* a = t.A + t.Offsets[s];
            nint k = 0;
            for (; k <= t.Length - 4; k += 4, b += 4 * step)
            {
                V x = L.All(a[k]);
                c0 = L.MultiplyAdd(x, L.Load(b), c0);
                d0 = L.MultiplyAdd(x, L.Load(b + L.Count), d0);
                x = L.All(a[k + 1]);
                c1 = L.MultiplyAdd(x, L.Load(b + step), c1);
                d1 = L.MultiplyAdd(x, L.Load(b + step + L.Count), d1);
                x = L.All(a[k + 2]);
                c2 = L.MultiplyAdd(x, L.Load(b + 2 * step), c2);
                d2 = L.MultiplyAdd(x, L.Load(b + 2 * step + L.Count), d2);
                x = L.All(a[k + 3]);
                c3 = L.MultiplyAdd(x, L.Load(b + 3 * step), c3);
                d3 = L.MultiplyAdd(x, L.Load(b + 3 * step + L.Count), d3);
            }
            for (; k < t.Length; k++, b += step)
            {
                V x = L.All(a[k]);
                c0 = L.MultiplyAdd(x, L.Load(b), c0);
                d0 = L.MultiplyAdd(x, L.Load(b + L.Count), d0);
            }
        }
        GemmTile.Finish<L, V>(ref t, 0, L.Add(L.Add(c0, c1), L.Add(c2, c3)), L.Add(L.Add(d0, d1), L.Add(d2, d3)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run3<L, V>(ref GemmTile t) where L : struct, ILanes<V> where V : unmanaged
    {
        Debug.Assert(t.Rows == 1 && t.Segments > 0 && t.Length > 0, "A tile has a row and segments.");
        float* b = t.B;
        V c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        V e0 = default, e1 = default, e2 = default, e3 = default;
        nint step = t.BStep;
        for (int s = 0; s < t.Segments; s++)
        {
            float* a = t.A + t.Offsets[s];
            nint k = 0;
            for (; k <= t.Length - 4; k += 4)
            {
                V x = L.All(a[k]);
                c0 = L.MultiplyAdd(x, L.Load(b), c0);
                d0 = L.MultiplyAdd(x, L.Load(b + L.Count), d0);
                e0 = L.MultiplyAdd(x, L.Load(b + 2 * L.Count), e0);
                b += step;
                x = L.All(a[k + 1]);
                c1 = L.MultiplyAdd(x, L.Load(b), c1);
                d1 = L.MultiplyAdd(x, L.Load(b + L.Count), d1);
                e1 = L.MultiplyAdd(x, L.Load(b + 2 * L.Count), e1);
                b += step;
                x = L.All(a[k + 2]);
                c2 = L.MultiplyAdd(x, L.Load(b), c2);
                d2 = L.MultiplyAdd(x, L.Load(b + L.Count), d2);
                e2 = L.MultiplyAdd(x, L.Load(b + 2 * L.Count), e2);
                b += step;
                x = L.All(a[k + 3]);
                c3 = L.MultiplyAdd(x, L.Load(b), c3);
                d3 = L.MultiplyAdd(x, L.Load(b + L.Count), d3);
                e3 = L.MultiplyAdd(x, L.Load(b + 2 * L.Count), e3);
                b += step;
            }
            for (; k < t.Length; k++, b += step)
            {
                V x = L.All(a[k]);
                c0 = L.MultiplyAdd(x, L.Load(b), c0);
                d0 = L.MultiplyAdd(x, L.Load(b + L.Count), d0);
                e0 = L.MultiplyAdd(x, L.Load(b + 2 * L.Count), e0);
            }
        }
        GemmTile.Finish<L, V>(ref t, 0, L.Add(L.Add(c0, c1), L.Add(c2, c3)), L.Add(L.Add(d0, d1), L.Add(d2, d3)), L.Add(L.Add(e0, e1), L.Add(e2, e3)));
    }
}
