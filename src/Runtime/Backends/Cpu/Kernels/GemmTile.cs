using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// A block of a matrix product that stays in registers: some rows of A, given as pointers to their pixels, by one panel of B.
/// The same tile serves 1x1 convolution (one segment a row), k x k convolution (a segment for each kernel row or tap) and products.
/// </summary>
internal unsafe ref struct GemmTile
{
    /// <summary>First row of A, floats from a row to the next, and how many rows there are.</summary>
    public float* A;
    public nint AStep;
    public int Rows;

    /// <summary>Where the segments of a row begin, relative to the row; each is <see cref="Length"/> floats.</summary>
    public nint* Offsets;
    public int Segments;
    public nint Length;

    /// <summary>The panel, and floats from one of its rows to the next.</summary>
    public float* B;
    public nint BStep;

    /// <summary>
    /// What is added to the finished sums, one for each column of the panel. Not what they start from: each step of a sum that starts from a
    /// large bias would be rounded to the bias' last place. Null for sums that are written as they are, without residual and activation.
    /// </summary>
    public float* Bias;

    /// <summary>First element written, and floats from a row to the next.</summary>
    public float* Y;
    public nint YStep;

    /// <summary>What is added to the sums, or null; its columns count where <see cref="Mask"/> has bits. Only so many vectors of it are read.</summary>
    public float* Residual;
    public int ResidualVectors;
    public nint ResidualStep;
    public float* Mask;

    /// <summary>True where there is a bias, no slope, and a residual for all columns or for none, so that finishing takes no case for each row.</summary>
    public bool IsPlain;

    /// <summary>The activation: x &lt; 0 becomes Slope·x, then the result is clamped to Low and High.</summary>
    public float Slope, Low, High;

    /// <summary>6 rows by two vectors of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run6x2<L, V>(ref GemmTile t) where L : struct, ILanes<V> where V : unmanaged
    {
        // Lanes: columns; 12 sums stay in registers. Tails: missing columns are zeros and not copied, missing rows repeat the last one.
        // Equals: y[m, n] = act(sum over s, k of a[m][offset[s] + k] * b[s * length + k, n] + bias[n] + r[m, n]).
        int last = t.Rows - 1;
        Debug.Assert(last >= 0 && t.Segments > 0 && t.Length > 0, "A tile has rows and segments.");
        float* a0 = t.A;
        float* a1 = last < 1 ? a0 : a0 + t.AStep;
        float* a2 = last < 2 ? a1 : a1 + t.AStep;
        float* a3 = last < 3 ? a2 : a2 + t.AStep;
        float* a4 = last < 4 ? a3 : a3 + t.AStep;
        float* a5 = last < 5 ? a4 : a4 + t.AStep;
        float* b = t.B;
        V c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        V c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        nint length = t.Length, bStep = t.BStep;
        for (int s = 0; s < t.Segments; s++)
        {
            nint k = t.Offsets[s], end = k + length;
            do
            {
                V b0 = L.Load(b), b1 = L.Load(b + L.Count);
                b += bStep;
                V x0 = L.All(a0[k]);
                c00 = L.MultiplyAdd(x0, b0, c00);
                c01 = L.MultiplyAdd(x0, b1, c01);
                V x1 = L.All(a1[k]);
                c10 = L.MultiplyAdd(x1, b0, c10);
                c11 = L.MultiplyAdd(x1, b1, c11);
                V x2 = L.All(a2[k]);
                c20 = L.MultiplyAdd(x2, b0, c20);
                c21 = L.MultiplyAdd(x2, b1, c21);
                V x3 = L.All(a3[k]);
                c30 = L.MultiplyAdd(x3, b0, c30);
                c31 = L.MultiplyAdd(x3, b1, c31);
                V x4 = L.All(a4[k]);
                c40 = L.MultiplyAdd(x4, b0, c40);
                c41 = L.MultiplyAdd(x4, b1, c41);
                V x5 = L.All(a5[k]);
                c50 = L.MultiplyAdd(x5, b0, c50);
                c51 = L.MultiplyAdd(x5, b1, c51);
            }
            while (++k < end);
        }
        if (t.IsPlain)
        {
            V low = L.All(t.Low), high = L.All(t.High), d0 = L.Load(t.Bias), d1 = L.Load(t.Bias + L.Count);
            float* y = t.Y, r = t.Residual;
            nint yStep = t.YStep, rStep = t.ResidualStep;
            if (r == null)
            {
                L.Store(L.Min(high, L.Max(low, L.Add(c00, d0))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(c01, d1))), y + L.Count);
                if (last >= 1) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c10, d0))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(c11, d1))), y + L.Count);
                if (last >= 2) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c20, d0))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(c21, d1))), y + L.Count);
                if (last >= 3) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c30, d0))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(c31, d1))), y + L.Count);
                if (last >= 4) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c40, d0))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(c41, d1))), y + L.Count);
                if (last >= 5) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c50, d0))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(c51, d1))), y + L.Count);
            }
            else
            {
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c00, d0), L.Load(r)))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c01, d1), L.Load(r + L.Count)))), y + L.Count);
                if (last >= 1)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c10, d0), L.Load(r)))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c11, d1), L.Load(r + L.Count)))), y + L.Count);
                if (last >= 2)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c20, d0), L.Load(r)))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c21, d1), L.Load(r + L.Count)))), y + L.Count);
                if (last >= 3)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c30, d0), L.Load(r)))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c31, d1), L.Load(r + L.Count)))), y + L.Count);
                if (last >= 4)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c40, d0), L.Load(r)))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c41, d1), L.Load(r + L.Count)))), y + L.Count);
                if (last >= 5)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c50, d0), L.Load(r)))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c51, d1), L.Load(r + L.Count)))), y + L.Count);
            }
            return;
        }
        Finish<L, V>(ref t, 0, c00, c01);
        Finish<L, V>(ref t, Math.Min(1, last), c10, c11);
        Finish<L, V>(ref t, Math.Min(2, last), c20, c21);
        Finish<L, V>(ref t, Math.Min(3, last), c30, c31);
        Finish<L, V>(ref t, Math.Min(4, last), c40, c41);
        Finish<L, V>(ref t, Math.Min(5, last), c50, c51);
    }

    /// <summary>4 rows by two vectors of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run4x2<L, V>(ref GemmTile t) where L : struct, ILanes<V> where V : unmanaged
    {
        // Lanes: columns; 8 sums stay in registers. Tails: missing columns are zeros and not copied, missing rows repeat the last one.
        // Equals: y[m, n] = act(sum over s, k of a[m][offset[s] + k] * b[s * length + k, n] + bias[n] + r[m, n]).
        int last = t.Rows - 1;
        Debug.Assert(last >= 0 && t.Segments > 0 && t.Length > 0, "A tile has rows and segments.");
        float* a0 = t.A;
        float* a1 = last < 1 ? a0 : a0 + t.AStep;
        float* a2 = last < 2 ? a1 : a1 + t.AStep;
        float* a3 = last < 3 ? a2 : a2 + t.AStep;
        float* b = t.B;
        V c00 = default, c01 = default, c10 = default, c11 = default;
        V c20 = default, c21 = default, c30 = default, c31 = default;
        nint length = t.Length, bStep = t.BStep;
        for (int s = 0; s < t.Segments; s++)
        {
            nint k = t.Offsets[s], end = k + length;
            do
            {
                V b0 = L.Load(b), b1 = L.Load(b + L.Count);
                b += bStep;
                V x0 = L.All(a0[k]);
                c00 = L.MultiplyAdd(x0, b0, c00);
                c01 = L.MultiplyAdd(x0, b1, c01);
                V x1 = L.All(a1[k]);
                c10 = L.MultiplyAdd(x1, b0, c10);
                c11 = L.MultiplyAdd(x1, b1, c11);
                V x2 = L.All(a2[k]);
                c20 = L.MultiplyAdd(x2, b0, c20);
                c21 = L.MultiplyAdd(x2, b1, c21);
                V x3 = L.All(a3[k]);
                c30 = L.MultiplyAdd(x3, b0, c30);
                c31 = L.MultiplyAdd(x3, b1, c31);
            }
            while (++k < end);
        }
        if (t.IsPlain)
        {
            V low = L.All(t.Low), high = L.All(t.High), d0 = L.Load(t.Bias), d1 = L.Load(t.Bias + L.Count);
            float* y = t.Y, r = t.Residual;
            nint yStep = t.YStep, rStep = t.ResidualStep;
            if (r == null)
            {
                L.Store(L.Min(high, L.Max(low, L.Add(c00, d0))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(c01, d1))), y + L.Count);
                if (last >= 1) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c10, d0))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(c11, d1))), y + L.Count);
                if (last >= 2) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c20, d0))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(c21, d1))), y + L.Count);
                if (last >= 3) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c30, d0))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(c31, d1))), y + L.Count);
            }
            else
            {
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c00, d0), L.Load(r)))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c01, d1), L.Load(r + L.Count)))), y + L.Count);
                if (last >= 1)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c10, d0), L.Load(r)))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c11, d1), L.Load(r + L.Count)))), y + L.Count);
                if (last >= 2)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c20, d0), L.Load(r)))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c21, d1), L.Load(r + L.Count)))), y + L.Count);
                if (last >= 3)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c30, d0), L.Load(r)))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c31, d1), L.Load(r + L.Count)))), y + L.Count);
            }
            return;
        }
        Finish<L, V>(ref t, 0, c00, c01);
        Finish<L, V>(ref t, Math.Min(1, last), c10, c11);
        Finish<L, V>(ref t, Math.Min(2, last), c20, c21);
        Finish<L, V>(ref t, Math.Min(3, last), c30, c31);
    }

    /// <summary>8 rows by one vector of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run8x1<L, V>(ref GemmTile t) where L : struct, ILanes<V> where V : unmanaged
    {
        // Lanes: columns; 8 sums stay in registers. Tails: missing columns are zeros and not copied, missing rows repeat the last one.
        // Equals: y[m, n] = act(sum over s, k of a[m][offset[s] + k] * b[s * length + k, n] + bias[n] + r[m, n]).
        int last = t.Rows - 1;
        Debug.Assert(last >= 0 && t.Segments > 0 && t.Length > 0, "A tile has rows and segments.");
        float* a0 = t.A;
        float* a1 = last < 1 ? a0 : a0 + t.AStep;
        float* a2 = last < 2 ? a1 : a1 + t.AStep;
        float* a3 = last < 3 ? a2 : a2 + t.AStep;
        float* a4 = last < 4 ? a3 : a3 + t.AStep;
        float* a5 = last < 5 ? a4 : a4 + t.AStep;
        float* a6 = last < 6 ? a5 : a5 + t.AStep;
        float* a7 = last < 7 ? a6 : a6 + t.AStep;
        float* b = t.B;
        V c00 = default, c10 = default, c20 = default, c30 = default;
        V c40 = default, c50 = default, c60 = default, c70 = default;
        nint length = t.Length, bStep = t.BStep;
        for (int s = 0; s < t.Segments; s++)
        {
            nint k = t.Offsets[s], end = k + length;
            do
            {
                V b0 = L.Load(b);
                b += bStep;
                c00 = L.MultiplyAdd(L.All(a0[k]), b0, c00);
                c10 = L.MultiplyAdd(L.All(a1[k]), b0, c10);
                c20 = L.MultiplyAdd(L.All(a2[k]), b0, c20);
                c30 = L.MultiplyAdd(L.All(a3[k]), b0, c30);
                c40 = L.MultiplyAdd(L.All(a4[k]), b0, c40);
                c50 = L.MultiplyAdd(L.All(a5[k]), b0, c50);
                c60 = L.MultiplyAdd(L.All(a6[k]), b0, c60);
                c70 = L.MultiplyAdd(L.All(a7[k]), b0, c70);
            }
            while (++k < end);
        }
        if (t.IsPlain)
        {
            V low = L.All(t.Low), high = L.All(t.High), d0 = L.Load(t.Bias);
            float* y = t.Y, r = t.Residual;
            nint yStep = t.YStep, rStep = t.ResidualStep;
            if (r == null)
            {
                L.Store(L.Min(high, L.Max(low, L.Add(c00, d0))), y);
                if (last >= 1) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c10, d0))), y);
                if (last >= 2) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c20, d0))), y);
                if (last >= 3) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c30, d0))), y);
                if (last >= 4) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c40, d0))), y);
                if (last >= 5) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c50, d0))), y);
                if (last >= 6) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c60, d0))), y);
                if (last >= 7) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c70, d0))), y);
            }
            else
            {
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c00, d0), L.Load(r)))), y);
                if (last >= 1)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c10, d0), L.Load(r)))), y);
                if (last >= 2)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c20, d0), L.Load(r)))), y);
                if (last >= 3)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c30, d0), L.Load(r)))), y);
                if (last >= 4)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c40, d0), L.Load(r)))), y);
                if (last >= 5)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c50, d0), L.Load(r)))), y);
                if (last >= 6)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c60, d0), L.Load(r)))), y);
                if (last >= 7)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c70, d0), L.Load(r)))), y);
            }
            return;
        }
        Finish<L, V>(ref t, 0, c00);
        Finish<L, V>(ref t, Math.Min(1, last), c10);
        Finish<L, V>(ref t, Math.Min(2, last), c20);
        Finish<L, V>(ref t, Math.Min(3, last), c30);
        Finish<L, V>(ref t, Math.Min(4, last), c40);
        Finish<L, V>(ref t, Math.Min(5, last), c50);
        Finish<L, V>(ref t, Math.Min(6, last), c60);
        Finish<L, V>(ref t, Math.Min(7, last), c70);
    }

    /// <summary>12 rows by one vector of columns; all rows are there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run12x1<L, V>(ref GemmTile t) where L : struct, ILanes<V> where V : unmanaged
    {
        // Lanes: columns; 12 sums stay in registers, and every third row has a pointer. Equals: y[m, n] = act(sum over s, k of a[m][offset[s] + k] * b[s * length + k, n] + bias[n] + r[m, n]).
        Debug.Assert(t.Rows == 12 && t.Segments > 0 && t.Length > 0, "A tile has all of its rows and segments.");
        nint step = t.AStep, bStep = t.BStep;
        float* b = t.B;
        V c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default;
        V c6 = default, c7 = default, c8 = default, c9 = default, c10 = default, c11 = default;
        for (int s = 0; s < t.Segments; s++)
        {
            float* a0 = t.A + t.Offsets[s];
            float* end = a0 + t.Length;
            float* a3 = a0 + 3 * step;
            float* a6 = a3 + 3 * step;
            float* a9 = a6 + 3 * step;
            do
            {
                V b0 = L.Load(b);
                b += bStep;
                c0 = L.MultiplyAdd(L.All(a0[0]), b0, c0);
                c1 = L.MultiplyAdd(L.All(a0[step]), b0, c1);
                c2 = L.MultiplyAdd(L.All(a0[2 * step]), b0, c2);
                c3 = L.MultiplyAdd(L.All(a3[0]), b0, c3);
                c4 = L.MultiplyAdd(L.All(a3[step]), b0, c4);
                c5 = L.MultiplyAdd(L.All(a3[2 * step]), b0, c5);
                c6 = L.MultiplyAdd(L.All(a6[0]), b0, c6);
                c7 = L.MultiplyAdd(L.All(a6[step]), b0, c7);
                c8 = L.MultiplyAdd(L.All(a6[2 * step]), b0, c8);
                c9 = L.MultiplyAdd(L.All(a9[0]), b0, c9);
                c10 = L.MultiplyAdd(L.All(a9[step]), b0, c10);
                c11 = L.MultiplyAdd(L.All(a9[2 * step]), b0, c11);
                a3++;
                a6++;
                a9++;
            }
            while (++a0 < end);
        }
        if (t.IsPlain)
        {
            V low = L.All(t.Low), high = L.All(t.High), d0 = L.Load(t.Bias);
            float* y = t.Y, r = t.Residual;
            nint yStep = t.YStep, rStep = t.ResidualStep;
            if (r == null)
            {
                L.Store(L.Min(high, L.Max(low, L.Add(c0, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c1, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c2, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c3, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c4, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c5, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c6, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c7, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c8, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c9, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c10, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c11, d0))), y);
            }
            else
            {
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c0, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c1, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c2, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c3, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c4, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c5, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c6, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c7, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c8, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c9, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c10, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c11, d0), L.Load(r)))), y);
            }
            return;
        }
        Finish<L, V>(ref t, 0, c0);
        Finish<L, V>(ref t, 1, c1);
        Finish<L, V>(ref t, 2, c2);
        Finish<L, V>(ref t, 3, c3);
        Finish<L, V>(ref t, 4, c4);
        Finish<L, V>(ref t, 5, c5);
        Finish<L, V>(ref t, 6, c6);
        Finish<L, V>(ref t, 7, c7);
        Finish<L, V>(ref t, 8, c8);
        Finish<L, V>(ref t, 9, c9);
        Finish<L, V>(ref t, 10, c10);
        Finish<L, V>(ref t, 11, c11);
    }

    /// <summary>12 rows by one vector of columns, for segments of one element: the taps of a picture of planes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run12x1Taps<L, V>(ref GemmTile t) where L : struct, ILanes<V> where V : unmanaged
    {
        // Lanes: columns; 12 sums stay in registers, and every third row has a pointer. Equals: y[m, n] = act(sum over s of a[m][offset[s]] * b[s, n] + bias[n] + r[m, n]).
        Debug.Assert(t.Rows == 12 && t.Segments > 0 && t.Length == 1, "A tile has all of its rows, and segments of one element.");
        nint step = t.AStep, bStep = t.BStep;
        float* b = t.B;
        V c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default;
        V c6 = default, c7 = default, c8 = default, c9 = default, c10 = default, c11 = default;
        float* a = t.A;
        nint step2 = 2 * step, step3 = 3 * step;
        nint* end = t.Offsets + t.Segments;
        for (nint* offset = t.Offsets; offset < end; offset++, b += bStep)
        {
            float* a0 = a + *offset;
            V b0 = L.Load(b);
            c0 = L.MultiplyAdd(L.All(a0[0]), b0, c0);
            c1 = L.MultiplyAdd(L.All(a0[step]), b0, c1);
            c2 = L.MultiplyAdd(L.All(a0[step2]), b0, c2);
            float* a3 = a0 + step3;
            c3 = L.MultiplyAdd(L.All(a3[0]), b0, c3);
            c4 = L.MultiplyAdd(L.All(a3[step]), b0, c4);
            c5 = L.MultiplyAdd(L.All(a3[step2]), b0, c5);
            float* a6 = a3 + step3;
            c6 = L.MultiplyAdd(L.All(a6[0]), b0, c6);
            c7 = L.MultiplyAdd(L.All(a6[step]), b0, c7);
            c8 = L.MultiplyAdd(L.All(a6[step2]), b0, c8);
            float* a9 = a6 + step3;
            c9 = L.MultiplyAdd(L.All(a9[0]), b0, c9);
            c10 = L.MultiplyAdd(L.All(a9[step]), b0, c10);
            c11 = L.MultiplyAdd(L.All(a9[step2]), b0, c11);
        }
        if (t.IsPlain)
        {
            V low = L.All(t.Low), high = L.All(t.High), d0 = L.Load(t.Bias);
            float* y = t.Y, r = t.Residual;
            nint yStep = t.YStep, rStep = t.ResidualStep;
            if (r == null)
            {
                L.Store(L.Min(high, L.Max(low, L.Add(c0, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c1, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c2, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c3, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c4, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c5, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c6, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c7, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c8, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c9, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c10, d0))), y);
                y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c11, d0))), y);
            }
            else
            {
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c0, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c1, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c2, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c3, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c4, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c5, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c6, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c7, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c8, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c9, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c10, d0), L.Load(r)))), y);
                y += yStep;
                r += rStep;
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c11, d0), L.Load(r)))), y);
            }
            return;
        }
        Finish<L, V>(ref t, 0, c0);
        Finish<L, V>(ref t, 1, c1);
        Finish<L, V>(ref t, 2, c2);
        Finish<L, V>(ref t, 3, c3);
        Finish<L, V>(ref t, 4, c4);
        Finish<L, V>(ref t, 5, c5);
        Finish<L, V>(ref t, 6, c6);
        Finish<L, V>(ref t, 7, c7);
        Finish<L, V>(ref t, 8, c8);
        Finish<L, V>(ref t, 9, c9);
        Finish<L, V>(ref t, 10, c10);
        Finish<L, V>(ref t, 11, c11);
    }

    /// <summary>4 rows by three vectors of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run4x3<L, V>(ref GemmTile t) where L : struct, ILanes<V> where V : unmanaged
    {
        // Lanes: columns; 12 sums stay in registers. Tails: missing columns are zeros and not copied, missing rows repeat the last one.
        // Equals: y[m, n] = act(sum over s, k of a[m][offset[s] + k] * b[s * length + k, n] + bias[n] + r[m, n]).
        int last = t.Rows - 1;
        Debug.Assert(last >= 0 && t.Segments > 0 && t.Length > 0, "A tile has rows and segments.");
        float* a0 = t.A;
        float* a1 = last < 1 ? a0 : a0 + t.AStep;
        float* a2 = last < 2 ? a1 : a1 + t.AStep;
        float* a3 = last < 3 ? a2 : a2 + t.AStep;
        float* b = t.B;
        V c00 = default, c01 = default, c02 = default, c10 = default, c11 = default, c12 = default;
        V c20 = default, c21 = default, c22 = default, c30 = default, c31 = default, c32 = default;
        nint length = t.Length, bStep = t.BStep;
        for (int s = 0; s < t.Segments; s++)
        {
            nint k = t.Offsets[s], end = k + length;
            do
            {
                V b0 = L.Load(b), b1 = L.Load(b + L.Count), b2 = L.Load(b + 2 * L.Count);
                b += bStep;
                V x0 = L.All(a0[k]);
                c00 = L.MultiplyAdd(x0, b0, c00);
                c01 = L.MultiplyAdd(x0, b1, c01);
                c02 = L.MultiplyAdd(x0, b2, c02);
                V x1 = L.All(a1[k]);
                c10 = L.MultiplyAdd(x1, b0, c10);
                c11 = L.MultiplyAdd(x1, b1, c11);
                c12 = L.MultiplyAdd(x1, b2, c12);
                V x2 = L.All(a2[k]);
                c20 = L.MultiplyAdd(x2, b0, c20);
                c21 = L.MultiplyAdd(x2, b1, c21);
                c22 = L.MultiplyAdd(x2, b2, c22);
                V x3 = L.All(a3[k]);
                c30 = L.MultiplyAdd(x3, b0, c30);
                c31 = L.MultiplyAdd(x3, b1, c31);
                c32 = L.MultiplyAdd(x3, b2, c32);
            }
            while (++k < end);
        }
        if (t.IsPlain)
        {
            V low = L.All(t.Low), high = L.All(t.High), d0 = L.Load(t.Bias), d1 = L.Load(t.Bias + L.Count), d2 = L.Load(t.Bias + 2 * L.Count);
            float* y = t.Y, r = t.Residual;
            nint yStep = t.YStep, rStep = t.ResidualStep;
            if (r == null)
            {
                L.Store(L.Min(high, L.Max(low, L.Add(c00, d0))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(c01, d1))), y + L.Count);
                L.Store(L.Min(high, L.Max(low, L.Add(c02, d2))), y + 2 * L.Count);
                if (last >= 1) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c10, d0))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(c11, d1))), y + L.Count);
                L.Store(L.Min(high, L.Max(low, L.Add(c12, d2))), y + 2 * L.Count);
                if (last >= 2) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c20, d0))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(c21, d1))), y + L.Count);
                L.Store(L.Min(high, L.Max(low, L.Add(c22, d2))), y + 2 * L.Count);
                if (last >= 3) y += yStep;
                L.Store(L.Min(high, L.Max(low, L.Add(c30, d0))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(c31, d1))), y + L.Count);
                L.Store(L.Min(high, L.Max(low, L.Add(c32, d2))), y + 2 * L.Count);
            }
            else
            {
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c00, d0), L.Load(r)))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c01, d1), L.Load(r + L.Count)))), y + L.Count);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c02, d2), L.Load(r + 2 * L.Count)))), y + 2 * L.Count);
                if (last >= 1)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c10, d0), L.Load(r)))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c11, d1), L.Load(r + L.Count)))), y + L.Count);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c12, d2), L.Load(r + 2 * L.Count)))), y + 2 * L.Count);
                if (last >= 2)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c20, d0), L.Load(r)))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c21, d1), L.Load(r + L.Count)))), y + L.Count);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c22, d2), L.Load(r + 2 * L.Count)))), y + 2 * L.Count);
                if (last >= 3)
                {
                    y += yStep;
                    r += rStep;
                }
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c30, d0), L.Load(r)))), y);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c31, d1), L.Load(r + L.Count)))), y + L.Count);
                L.Store(L.Min(high, L.Max(low, L.Add(L.Add(c32, d2), L.Load(r + 2 * L.Count)))), y + 2 * L.Count);
            }
            return;
        }
        Finish<L, V>(ref t, 0, c00, c01, c02);
        Finish<L, V>(ref t, Math.Min(1, last), c10, c11, c12);
        Finish<L, V>(ref t, Math.Min(2, last), c20, c21, c22);
        Finish<L, V>(ref t, Math.Min(3, last), c30, c31, c32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Finish<L, V>(ref GemmTile t, nint row, V c0, V c1, V c2) where L : struct, ILanes<V> where V : unmanaged
    {
        Finish<L, V>(ref t, row, c0, c1);
        if (t.Bias == null)
        {
            L.Store(c2, t.Y + row * t.YStep + 2 * L.Count);
            return;
        }
        c2 = L.Add(c2, L.Load(t.Bias + 2 * L.Count));
        if (t.Residual != null && t.ResidualVectors > 2)
            c2 = L.Add(c2, L.And(L.Load(t.Residual + row * t.ResidualStep + 2 * L.Count), L.Load(t.Mask + 2 * L.Count)));
        if (t.Slope != 1) c2 = L.Select(L.Less(c2, default), L.Mul(c2, L.All(t.Slope)), c2);
        L.Store(L.Min(L.All(t.High), L.Max(L.All(t.Low), c2)), t.Y + row * t.YStep + 2 * L.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Finish<L, V>(ref GemmTile t, nint row, V c0, V c1) where L : struct, ILanes<V> where V : unmanaged
    {
        if (t.Bias == null)
        {
            L.Store(c0, t.Y + row * t.YStep);
            L.Store(c1, t.Y + row * t.YStep + L.Count);
            return;
        }
        c0 = L.Add(c0, L.Load(t.Bias));
        c1 = L.Add(c1, L.Load(t.Bias + L.Count));
        if (t.Residual != null)
        {
            float* r = t.Residual + row * t.ResidualStep;
            c0 = L.Add(c0, L.And(L.Load(r), L.Load(t.Mask)));
            if (t.ResidualVectors > 1) c1 = L.Add(c1, L.And(L.Load(r + L.Count), L.Load(t.Mask + L.Count)));
        }
        if (t.Slope != 1)
        {
            c0 = L.Select(L.Less(c0, default), L.Mul(c0, L.All(t.Slope)), c0);
            c1 = L.Select(L.Less(c1, default), L.Mul(c1, L.All(t.Slope)), c1);
        }
        V low = L.All(t.Low), high = L.All(t.High);
        float* y = t.Y + row * t.YStep;
        L.Store(L.Min(high, L.Max(low, c0)), y);
        L.Store(L.Min(high, L.Max(low, c1)), y + L.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Finish<L, V>(ref GemmTile t, nint row, V c0) where L : struct, ILanes<V> where V : unmanaged
    {
        if (t.Bias == null)
        {
            L.Store(c0, t.Y + row * t.YStep);
            return;
        }
        c0 = L.Add(c0, L.Load(t.Bias));
        if (t.Residual != null) c0 = L.Add(c0, L.And(L.Load(t.Residual + row * t.ResidualStep), L.Load(t.Mask)));
        if (t.Slope != 1) c0 = L.Select(L.Less(c0, default), L.Mul(c0, L.All(t.Slope)), c0);
        L.Store(L.Min(L.All(t.High), L.Max(L.All(t.Low), c0)), t.Y + row * t.YStep);
    }
}
