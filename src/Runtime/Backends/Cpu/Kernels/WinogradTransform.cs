using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Winograd's transforms of 3x3 windows. F(2x2, 3x3) uses the points 0, 1, -1 and infinity. F(4x4, 3x3) uses 0, ±√½, ±√2 and infinity: the usual 0, ±1, ±2 lose two
/// to six times more precision. Errors against exact arithmetic, in units of float's epsilon times the sum of |x|·|w|, for uniformly random operands and 12 to 128
/// channels: at most 3 for F(2x2) and 8 for F(4x4), where plain sums of products have 4.
/// </summary>
internal static unsafe class WinogradTransform
{
    // The points a and b of F(4x4), and their third powers.
    private const float A = 0.70710678f, B = 1.41421356f, A3 = 0.35355339f, B3 = 2.82842712f;

    /// <summary>G·g·G' of a 3x3 window, in the order of rows.</summary>
    /// <param name="window">Nine numbers in the order of rows.</param>
    /// <param name="result">16 numbers for 2 outputs a side, 36 for 4.</param>
    /// <param name="side">Outputs a side.</param>
    public static void Weights(ReadOnlySpan<double> window, Span<double> result, int side)
    {
        int span = side + 2;
        Span<double> half = stackalloc double[18];
        for (int column = 0; column < 3; column++) Line(window[column], window[3 + column], window[6 + column], half[column..], 3, side);
        for (int row = 0; row < span; row++) Line(half[row * 3], half[row * 3 + 1], half[row * 3 + 2], result[(row * span)..], 1, side);
    }

    /// <summary>The same for four channels at a time, with the same bits, rounded to floats.</summary>
    /// <param name="window">The first of four numbers of the first tap.</param>
    /// <param name="tapStep">Floats from a tap to the next, in the order of rows.</param>
    /// <param name="target">Where the four numbers of the first place go.</param>
    /// <param name="placeStep">Floats from a place to the next.</param>
    /// <param name="side">Outputs a side.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weights(float* window, nint tapStep, float* target, nint placeStep, int side)
    {
        int span = side + 2;
        double* half = stackalloc double[18 * 4], line = stackalloc double[6 * 4];
        for (int column = 0; column < 3; column++)
            Line(Wide(window + column * tapStep), Wide(window + (3 + column) * tapStep), Wide(window + (6 + column) * tapStep), half + 4 * column, 12, side);
        for (int row = 0; row < span; row++)
        {
            double* from = half + 12 * row;
            Line(Vector256.Load(from), Vector256.Load(from + 4), Vector256.Load(from + 8), line, 4, side);
            for (int i = 0; i < span; i++, target += placeStep)
                Vector128.Narrow(Vector128.Load(line + 4 * i), Vector128.Load(line + 4 * i + 2)).Store(target);
        }
    }

    /// <summary>B'·d·B for a patch of 6x6 pixels and one vector of their channels.</summary>
    /// <param name="source">The first pixel.</param>
    /// <param name="rowStep">Floats from a row of pixels to the next.</param>
    /// <param name="step">Floats from a pixel to the next.</param>
    /// <param name="target">Where the first of the 36 results goes.</param>
    /// <param name="placeStep">Floats from a result to the next.</param>
    /// <param name="temporary">Room for 36 vectors.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input4<L, V>(float* source, nint rowStep, nint step, float* target, nint placeStep, float* temporary) where L : struct, ILanes<V> where V : unmanaged
    {
        // Lanes: channels. Equals: the products of each line with (d0 - 2.5 d2 + d4), (d4 - 2 d2) ± a (d3 - 2 d1), (d4 - d2/2) ± b (d3 - d1/2), (d1 - 2.5 d3 + d5).
        V a = L.All(A), b = L.All(B), middle = L.All(-2.5f), two = L.All(-2), half = L.All(-0.5f), minusA = L.All(-A), minusB = L.All(-B);
        float* t = temporary;
        for (int i = 0; i < 6; i++, source += step, t += L.Count)
        {
            V d0 = L.Load(source), d1 = L.Load(source + rowStep), d2 = L.Load(source + 2 * rowStep);
            V d3 = L.Load(source + 3 * rowStep), d4 = L.Load(source + 4 * rowStep), d5 = L.Load(source + 5 * rowStep);
            V even = L.MultiplyAdd(d2, two, d4), odd = L.MultiplyAdd(d1, two, d3), even2 = L.MultiplyAdd(d2, half, d4), odd2 = L.MultiplyAdd(d1, half, d3);
            L.Store(L.Add(L.MultiplyAdd(d2, middle, d0), d4), t);
            L.Store(L.MultiplyAdd(odd, a, even), t + 6 * L.Count);
            L.Store(L.MultiplyAdd(odd, minusA, even), t + 12 * L.Count);
            L.Store(L.MultiplyAdd(odd2, b, even2), t + 18 * L.Count);
            L.Store(L.MultiplyAdd(odd2, minusB, even2), t + 24 * L.Count);
            L.Store(L.Add(L.MultiplyAdd(d3, middle, d1), d5), t + 30 * L.Count);
        }
        t = temporary;
        for (int i = 0; i < 6; i++, t += 6 * L.Count)
        {
            V d0 = L.Load(t), d1 = L.Load(t + L.Count), d2 = L.Load(t + 2 * L.Count), d3 = L.Load(t + 3 * L.Count), d4 = L.Load(t + 4 * L.Count), d5 = L.Load(t + 5 * L.Count);
            V even = L.MultiplyAdd(d2, two, d4), odd = L.MultiplyAdd(d1, two, d3), even2 = L.MultiplyAdd(d2, half, d4), odd2 = L.MultiplyAdd(d1, half, d3);
            L.Store(L.Add(L.MultiplyAdd(d2, middle, d0), d4), target);
            target += placeStep;
            L.Store(L.MultiplyAdd(odd, a, even), target);
            target += placeStep;
            L.Store(L.MultiplyAdd(odd, minusA, even), target);
            target += placeStep;
            L.Store(L.MultiplyAdd(odd2, b, even2), target);
            target += placeStep;
            L.Store(L.MultiplyAdd(odd2, minusB, even2), target);
            target += placeStep;
            L.Store(L.Add(L.MultiplyAdd(d3, middle, d1), d5), target);
            target += placeStep;
        }
    }

    /// <summary>B'·d·B for a patch of 4x4 pixels and one vector of their channels; see <see cref="Input4"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input2<L, V>(float* source, nint rowStep, nint step, float* target, nint placeStep, float* temporary) where L : struct, ILanes<V> where V : unmanaged
    {
        // Lanes: channels. Equals: the products of each line with d0 - d2, d1 + d2, d2 - d1, d3 - d1.
        float* t = temporary;
        for (int i = 0; i < 4; i++, source += step, t += L.Count)
        {
            V d0 = L.Load(source), d1 = L.Load(source + rowStep), d2 = L.Load(source + 2 * rowStep), d3 = L.Load(source + 3 * rowStep);
            L.Store(L.Sub(d0, d2), t);
            L.Store(L.Add(d1, d2), t + 4 * L.Count);
            L.Store(L.Sub(d2, d1), t + 8 * L.Count);
            L.Store(L.Sub(d3, d1), t + 12 * L.Count);
        }
        t = temporary;
        for (int i = 0; i < 4; i++, t += 4 * L.Count)
        {
            V d0 = L.Load(t), d1 = L.Load(t + L.Count), d2 = L.Load(t + 2 * L.Count), d3 = L.Load(t + 3 * L.Count);
            L.Store(L.Sub(d0, d2), target);
            target += placeStep;
            L.Store(L.Add(d1, d2), target);
            target += placeStep;
            L.Store(L.Sub(d2, d1), target);
            target += placeStep;
            L.Store(L.Sub(d3, d1), target);
            target += placeStep;
        }
    }

    /// <summary>A'·m·A of 36 products and one vector of their outputs, finished and written as up to 4x4 pixels.</summary>
    /// <param name="source">The first product.</param>
    /// <param name="placeStep">Floats from a product to the next.</param>
    /// <param name="tile">Says how to finish a line of pixels; its pointers move on by lines.</param>
    /// <param name="lines">Lines to write.</param>
    /// <param name="pixels">Pixels of a line to write.</param>
    /// <param name="lineStep">Floats from a line of the result to the next.</param>
    /// <param name="residualStep">Floats from a line of the residual to the next.</param>
    /// <param name="temporary">Room for 24 vectors.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output4<L, V>(float* source, nint placeStep, ref GemmTile tile, int lines, int pixels, nint lineStep, nint residualStep, float* temporary)
        where L : struct, ILanes<V> where V : unmanaged
    {
        // Lanes: outputs. Equals: the products of each line with m0 + s1 + s2, a d1 + b d2, s1/2 + 2 s2, a³ d1 + b³ d2 + m5, where s and d are sums and differences of pairs.
        V a = L.All(A), b = L.All(B), a3 = L.All(A3), b3 = L.All(B3), half = L.All(0.5f), two = L.All(2);
        float* t = temporary;
        nint down = 6 * placeStep;
        for (int i = 0; i < 6; i++, source += placeStep, t += L.Count)
        {
            float* m = source;
            V m0 = L.Load(m), m1 = L.Load(m + down), m2 = L.Load(m + 2 * down), m3 = L.Load(m + 3 * down), m4 = L.Load(m + 4 * down), m5 = L.Load(m + 5 * down);
            V s1 = L.Add(m1, m2), d1 = L.Sub(m1, m2), s2 = L.Add(m3, m4), d2 = L.Sub(m3, m4);
            L.Store(L.Add(L.Add(m0, s1), s2), t);
            L.Store(L.MultiplyAdd(d2, b, L.Mul(d1, a)), t + 6 * L.Count);
            L.Store(L.MultiplyAdd(s2, two, L.Mul(s1, half)), t + 12 * L.Count);
            L.Store(L.MultiplyAdd(d2, b3, L.MultiplyAdd(d1, a3, m5)), t + 18 * L.Count);
        }
        t = temporary;
        for (int i = 0; i < lines; i++, t += 6 * L.Count)
        {
            V m0 = L.Load(t), m1 = L.Load(t + L.Count), m2 = L.Load(t + 2 * L.Count), m3 = L.Load(t + 3 * L.Count), m4 = L.Load(t + 4 * L.Count), m5 = L.Load(t + 5 * L.Count);
            V s1 = L.Add(m1, m2), d1 = L.Sub(m1, m2), s2 = L.Add(m3, m4), d2 = L.Sub(m3, m4);
            GemmTile.Finish<L, V>(ref tile, 0, L.Add(L.Add(m0, s1), s2));
            if (pixels > 1) GemmTile.Finish<L, V>(ref tile, 1, L.MultiplyAdd(d2, b, L.Mul(d1, a)));
            if (pixels > 2) GemmTile.Finish<L, V>(ref tile, 2, L.MultiplyAdd(s2, two, L.Mul(s1, half)));
            if (pixels > 3) GemmTile.Finish<L, V>(ref tile, 3, L.MultiplyAdd(d2, b3, L.MultiplyAdd(d1, a3, m5)));
            tile.Y += lineStep;
            if (tile.Residual != null) tile.Residual += residualStep;
        }
    }

    /// <summary>A'·m·A of 16 products and one vector of their outputs, finished and written as up to 2x2 pixels; see <see cref="Output4"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output2<L, V>(float* source, nint placeStep, ref GemmTile tile, int lines, int pixels, nint lineStep, nint residualStep, float* temporary)
        where L : struct, ILanes<V> where V : unmanaged
    {
        // Lanes: outputs. Equals: the products of each line with m0 + m1 + m2 and m1 - m2 + m3.
        float* t = temporary;
        nint down = 4 * placeStep;
        for (int i = 0; i < 4; i++, source += placeStep, t += L.Count)
        {
            V m0 = L.Load(source), m1 = L.Load(source + down), m2 = L.Load(source + 2 * down), m3 = L.Load(source + 3 * down);
            L.Store(L.Add(m0, L.Add(m1, m2)), t);
            L.Store(L.Add(L.Sub(m1, m2), m3), t + 4 * L.Count);
        }
        t = temporary;
        for (int i = 0; i < lines; i++, t += 4 * L.Count)
        {
            V m0 = L.Load(t), m1 = L.Load(t + L.Count), m2 = L.Load(t + 2 * L.Count), m3 = L.Load(t + 3 * L.Count);
            GemmTile.Finish<L, V>(ref tile, 0, L.Add(m0, L.Add(m1, m2)));
            if (pixels > 1) GemmTile.Finish<L, V>(ref tile, 1, L.Add(L.Sub(m1, m2), m3));
            tile.Y += lineStep;
            if (tile.Residual != null) tile.Residual += residualStep;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Wide(float* source)
    {
        (Vector128<double> low, Vector128<double> high) = Vector128.Widen(Vector128.Load(source));
        return Vector256.Create(low, high);
    }

    /// <summary>G times three numbers for each of four channels, the results <paramref name="step"/> doubles apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Line(Vector256<double> a, Vector256<double> b, Vector256<double> c, double* to, int step, int side)
    {
        a.Store(to);
        if (side == 2)
        {
            ((a + b + c) * 0.5).Store(to + step);
            ((a - b + c) * 0.5).Store(to + 2 * step);
            c.Store(to + 3 * step);
            return;
        }
        Vector256<double> near = b * 0.70710678118654752, far = near * 2.0, evenNear = a + c * 0.5, evenFar = a + c * 2.0;
        ((evenNear + near) * (-2 / 3.0)).Store(to + step);
        ((evenNear - near) * (-2 / 3.0)).Store(to + 2 * step);
        ((evenFar + far) * (1 / 6.0)).Store(to + 3 * step);
        ((evenFar - far) * (1 / 6.0)).Store(to + 4 * step);
        c.Store(to + 5 * step);
    }

    /// <summary>G times three numbers, <paramref name="step"/> apart.</summary>
    private static void Line(double a, double b, double c, Span<double> to, int step, int side)
    {
        to[0] = a;
        if (side == 2)
        {
            to[step] = (a + b + c) / 2;
            to[2 * step] = (a - b + c) / 2;
            to[3 * step] = c;
            return;
        }
        double near = 0.70710678118654752 * b, far = 2 * near, evenNear = a + c / 2, evenFar = a + 2 * c;
        to[step] = (evenNear + near) * (-2 / 3.0);
        to[2 * step] = (evenNear - near) * (-2 / 3.0);
        to[3 * step] = (evenFar + far) * (1 / 6.0);
        to[4 * step] = (evenFar - far) * (1 / 6.0);
        to[5 * step] = c;
    }
}
