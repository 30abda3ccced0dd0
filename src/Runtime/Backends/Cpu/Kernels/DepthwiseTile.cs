using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Which outermost columns under a tile lie outside of the picture, known when code is compiled.</summary>
internal interface IDepthwiseEdges
{
    static abstract bool Left { get; }

    static abstract bool Right { get; }
}

/// <summary>
/// A block of depthwise outputs that stays in registers: four neighbouring columns of two rows, or of the last one, for all channels, of a window 3 x 3. Inputs that several outputs
/// share are loaded once, and windows of two rows share rows too; eight sums are enough to keep two units busy that take four cycles.
/// </summary>
internal unsafe struct DepthwiseTile
{
    /// <summary>Where the windows of the first column begin, in the rows of the first row of windows and the one or two more of the second one.</summary>
    public float* X0, X1, X2, X3, X4, X5, X6;

    /// <summary>Floats from a pixel to the next: the channels.</summary>
    public nint Step;

    /// <summary>A row of channels for each tap, and a bias for each channel.</summary>
    public float* Weights, Bias;

    /// <summary>First output, and floats from a row to the next.</summary>
    public float* Y;
    public nint RowStep;

    /// <summary>How many tiles there are side by side.</summary>
    public int Count;

    /// <summary>First column under a tile at an end of wide windows that is inside of the picture, and the one after the last.</summary>
    public int From, To;

    /// <summary>The activation: x &lt; 0 becomes Slope·x, then the result is clamped to Low and High.</summary>
    public float Slope, Low, High;

    /// <summary>One row, stride 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One1<L, V, E>(ref DepthwiseTile t) where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        // Lanes: channels. Tail: the last vector of channels overlaps the one before it.
        // Equals: y[j, c] = act(sum over ky, kx of x[ky][j + kx, c] * w[ky, kx, c] + bias[c]), j = 0 to 3, without columns that are outside.
        nint step = t.Step, last = step - L.Count;
        Debug.Assert(last >= 0, "A vector is no wider than the channels.");
        float* x0 = t.X0, x1 = t.X1, x2 = t.X2, y = t.Y;
        float* weights = t.Weights, biases = t.Bias;
        float slope = t.Slope;
        V low = L.All(t.Low), high = L.All(t.High);
        for (int tile = 0; tile < t.Count; tile++)
        {
            for (nint next = 0; next < step; next += L.Count)
            {
                nint c = Math.Min(next, last);
                V y0 = default, y1 = default, y2 = default, y3 = default;
                float* w = weights + c;
                Row1<L, V, E>(x0 + c, step, L.Load(w), L.Load(w + step), L.Load(w + 2 * step), ref y0, ref y1, ref y2, ref y3);
                w += 3 * step;
                Row1<L, V, E>(x1 + c, step, L.Load(w), L.Load(w + step), L.Load(w + 2 * step), ref y0, ref y1, ref y2, ref y3);
                w += 3 * step;
                Row1<L, V, E>(x2 + c, step, L.Load(w), L.Load(w + step), L.Load(w + 2 * step), ref y0, ref y1, ref y2, ref y3);
                Finish<L, V>(slope, low, high, step, y + c, L.Load(biases + c), y0, y1, y2, y3);
            }
            x0 += 4 * step;
            x1 += 4 * step;
            x2 += 4 * step;
            y += 4 * step;
        }
    }

    /// <summary>Two rows, stride 1: the second row of windows begins in the second row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Two1<L, V, E>(ref DepthwiseTile t) where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        // Lanes: channels. Tail: the last vector of channels overlaps the one before it. Equals: One1, of X0 to X2 and of X1 to X3.
        nint step = t.Step, last = step - L.Count;
        Debug.Assert(last >= 0, "A vector is no wider than the channels.");
        float* x0 = t.X0, x1 = t.X1, x2 = t.X2, x3 = t.X3, y = t.Y;
        float* weights = t.Weights, biases = t.Bias;
        float slope = t.Slope;
        V low = L.All(t.Low), high = L.All(t.High);
        for (int tile = 0; tile < t.Count; tile++)
        {
            for (nint next = 0; next < step; next += L.Count)
            {
                nint c = Math.Min(next, last);
                V y0 = default, y1 = default, y2 = default, y3 = default, z0 = default, z1 = default, z2 = default, z3 = default;
                float* w = weights + c;
                V a0 = L.Load(w), a1 = L.Load(w + step), a2 = L.Load(w + 2 * step);
                Row1<L, V, E>(x0 + c, step, a0, a1, a2, ref y0, ref y1, ref y2, ref y3);
                w += 3 * step;
                V b0 = L.Load(w), b1 = L.Load(w + step), b2 = L.Load(w + 2 * step);
                Rows1<L, V, E>(x1 + c, step, b0, b1, b2, a0, a1, a2, ref y0, ref y1, ref y2, ref y3, ref z0, ref z1, ref z2, ref z3);
                w += 3 * step;
                a0 = L.Load(w);
                a1 = L.Load(w + step);
                a2 = L.Load(w + 2 * step);
                Rows1<L, V, E>(x2 + c, step, a0, a1, a2, b0, b1, b2, ref y0, ref y1, ref y2, ref y3, ref z0, ref z1, ref z2, ref z3);
                Row1<L, V, E>(x3 + c, step, a0, a1, a2, ref z0, ref z1, ref z2, ref z3);
                V bias = L.Load(biases + c);
                Finish<L, V>(slope, low, high, step, y + c, bias, y0, y1, y2, y3);
                Finish<L, V>(slope, low, high, step, y + t.RowStep + c, bias, z0, z1, z2, z3);
            }
            x0 += 4 * step;
            x1 += 4 * step;
            x2 += 4 * step;
            x3 += 4 * step;
            y += 4 * step;
        }
    }

    /// <summary>One row, stride 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One2<L, V, E>(ref DepthwiseTile t) where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        // Lanes: channels. Tail: the last vector of channels overlaps the one before it.
        // Equals: y[j, c] = act(sum over ky, kx of x[ky][2 * j + kx, c] * w[ky, kx, c] + bias[c]), j = 0 to 3, without columns that are outside.
        nint step = t.Step, last = step - L.Count;
        Debug.Assert(last >= 0, "A vector is no wider than the channels.");
        float* x0 = t.X0, x1 = t.X1, x2 = t.X2, y = t.Y;
        float* weights = t.Weights, biases = t.Bias;
        float slope = t.Slope;
        V low = L.All(t.Low), high = L.All(t.High);
        for (int tile = 0; tile < t.Count; tile++)
        {
            for (nint next = 0; next < step; next += L.Count)
            {
                nint c = Math.Min(next, last);
                V y0 = default, y1 = default, y2 = default, y3 = default;
                float* w = weights + c;
                Row2<L, V, E>(x0 + c, step, L.Load(w), L.Load(w + step), L.Load(w + 2 * step), ref y0, ref y1, ref y2, ref y3);
                w += 3 * step;
                Row2<L, V, E>(x1 + c, step, L.Load(w), L.Load(w + step), L.Load(w + 2 * step), ref y0, ref y1, ref y2, ref y3);
                w += 3 * step;
                Row2<L, V, E>(x2 + c, step, L.Load(w), L.Load(w + step), L.Load(w + 2 * step), ref y0, ref y1, ref y2, ref y3);
                Finish<L, V>(slope, low, high, step, y + c, L.Load(biases + c), y0, y1, y2, y3);
            }
            x0 += 8 * step;
            x1 += 8 * step;
            x2 += 8 * step;
            y += 4 * step;
        }
    }

    /// <summary>Two rows, stride 2: the second row of windows begins in the third row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Two2<L, V, E>(ref DepthwiseTile t) where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        // Lanes: channels. Tail: the last vector of channels overlaps the one before it. Equals: One2, of X0 to X2 and of X2 to X4.
        nint step = t.Step, last = step - L.Count;
        Debug.Assert(last >= 0, "A vector is no wider than the channels.");
        float* x0 = t.X0, x1 = t.X1, x2 = t.X2, x3 = t.X3, x4 = t.X4, y = t.Y;
        float* weights = t.Weights, biases = t.Bias;
        float slope = t.Slope;
        V low = L.All(t.Low), high = L.All(t.High);
        for (int tile = 0; tile < t.Count; tile++)
        {
            for (nint next = 0; next < step; next += L.Count)
            {
                nint c = Math.Min(next, last);
                V y0 = default, y1 = default, y2 = default, y3 = default, z0 = default, z1 = default, z2 = default, z3 = default;
                float* w = weights + c;
                V a0 = L.Load(w), a1 = L.Load(w + step), a2 = L.Load(w + 2 * step);
                Row2<L, V, E>(x0 + c, step, a0, a1, a2, ref y0, ref y1, ref y2, ref y3);
                w += 3 * step;
                V b0 = L.Load(w), b1 = L.Load(w + step), b2 = L.Load(w + 2 * step);
                Row2<L, V, E>(x1 + c, step, b0, b1, b2, ref y0, ref y1, ref y2, ref y3);
                Row2<L, V, E>(x3 + c, step, b0, b1, b2, ref z0, ref z1, ref z2, ref z3);
                w += 3 * step;
                b0 = L.Load(w);
                b1 = L.Load(w + step);
                b2 = L.Load(w + 2 * step);
                Row2<L, V, E>(x4 + c, step, b0, b1, b2, ref z0, ref z1, ref z2, ref z3);
                Rows2<L, V, E>(x2 + c, step, b0, b1, b2, a0, a1, a2, ref y0, ref y1, ref y2, ref y3, ref z0, ref z1, ref z2, ref z3);
                V bias = L.Load(biases + c);
                Finish<L, V>(slope, low, high, step, y + c, bias, y0, y1, y2, y3);
                Finish<L, V>(slope, low, high, step, y + t.RowStep + c, bias, z0, z1, z2, z3);
            }
            x0 += 8 * step;
            x1 += 8 * step;
            x2 += 8 * step;
            x3 += 8 * step;
            x4 += 8 * step;
            y += 4 * step;
        }
    }

    /// <summary>A row of inputs with stride 1: each is loaded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row1<L, V, E>(float* x, nint step, V w0, V w1, V w2, ref V y0, ref V y1, ref V y2, ref V y3)
        where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        V v;
        if (!E.Left) y0 = L.MultiplyAdd(L.Load(x), w0, y0);
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w1, y0);
        y1 = L.MultiplyAdd(v, w0, y1);
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w2, y0);
        y1 = L.MultiplyAdd(v, w1, y1);
        y2 = L.MultiplyAdd(v, w0, y2);
        x += step;
        v = L.Load(x);
        y1 = L.MultiplyAdd(v, w2, y1);
        y2 = L.MultiplyAdd(v, w1, y2);
        y3 = L.MultiplyAdd(v, w0, y3);
        x += step;
        v = L.Load(x);
        y2 = L.MultiplyAdd(v, w2, y2);
        y3 = L.MultiplyAdd(v, w1, y3);
        if (!E.Right) y3 = L.MultiplyAdd(L.Load(x + step), w2, y3);
    }

    /// <summary>The same for two rows of windows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rows1<L, V, E>(float* x, nint step, V w0, V w1, V w2, V u0, V u1, V u2, ref V y0, ref V y1, ref V y2, ref V y3, ref V z0, ref V z1, ref V z2, ref V z3)
        where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        V v;
        if (!E.Left)
        {
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w0, y0);
            z0 = L.MultiplyAdd(v, u0, z0);
        }
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w1, y0);
        z0 = L.MultiplyAdd(v, u1, z0);
        y1 = L.MultiplyAdd(v, w0, y1);
        z1 = L.MultiplyAdd(v, u0, z1);
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w2, y0);
        z0 = L.MultiplyAdd(v, u2, z0);
        y1 = L.MultiplyAdd(v, w1, y1);
        z1 = L.MultiplyAdd(v, u1, z1);
        y2 = L.MultiplyAdd(v, w0, y2);
        z2 = L.MultiplyAdd(v, u0, z2);
        x += step;
        v = L.Load(x);
        y1 = L.MultiplyAdd(v, w2, y1);
        z1 = L.MultiplyAdd(v, u2, z1);
        y2 = L.MultiplyAdd(v, w1, y2);
        z2 = L.MultiplyAdd(v, u1, z2);
        y3 = L.MultiplyAdd(v, w0, y3);
        z3 = L.MultiplyAdd(v, u0, z3);
        x += step;
        v = L.Load(x);
        y2 = L.MultiplyAdd(v, w2, y2);
        z2 = L.MultiplyAdd(v, u2, z2);
        y3 = L.MultiplyAdd(v, w1, y3);
        z3 = L.MultiplyAdd(v, u1, z3);
        if (E.Right) return;
        v = L.Load(x + step);
        y3 = L.MultiplyAdd(v, w2, y3);
        z3 = L.MultiplyAdd(v, u2, z3);
    }

    /// <summary>A row of inputs with stride 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row2<L, V, E>(float* x, nint step, V w0, V w1, V w2, ref V y0, ref V y1, ref V y2, ref V y3)
        where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        V v;
        if (!E.Left) y0 = L.MultiplyAdd(L.Load(x), w0, y0);
        x += step;
        y0 = L.MultiplyAdd(L.Load(x), w1, y0);
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w2, y0);
        y1 = L.MultiplyAdd(v, w0, y1);
        x += step;
        y1 = L.MultiplyAdd(L.Load(x), w1, y1);
        x += step;
        v = L.Load(x);
        y1 = L.MultiplyAdd(v, w2, y1);
        y2 = L.MultiplyAdd(v, w0, y2);
        x += step;
        y2 = L.MultiplyAdd(L.Load(x), w1, y2);
        x += step;
        v = L.Load(x);
        y2 = L.MultiplyAdd(v, w2, y2);
        y3 = L.MultiplyAdd(v, w0, y3);
        x += step;
        y3 = L.MultiplyAdd(L.Load(x), w1, y3);
        if (!E.Right) y3 = L.MultiplyAdd(L.Load(x + step), w2, y3);
    }

    /// <summary>The same for two rows of windows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rows2<L, V, E>(float* x, nint step, V w0, V w1, V w2, V u0, V u1, V u2, ref V y0, ref V y1, ref V y2, ref V y3, ref V z0, ref V z1, ref V z2, ref V z3)
        where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        V v;
        if (!E.Left)
        {
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w0, y0);
            z0 = L.MultiplyAdd(v, u0, z0);
        }
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w1, y0);
        z0 = L.MultiplyAdd(v, u1, z0);
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w2, y0);
        z0 = L.MultiplyAdd(v, u2, z0);
        y1 = L.MultiplyAdd(v, w0, y1);
        z1 = L.MultiplyAdd(v, u0, z1);
        x += step;
        v = L.Load(x);
        y1 = L.MultiplyAdd(v, w1, y1);
        z1 = L.MultiplyAdd(v, u1, z1);
        x += step;
        v = L.Load(x);
        y1 = L.MultiplyAdd(v, w2, y1);
        z1 = L.MultiplyAdd(v, u2, z1);
        y2 = L.MultiplyAdd(v, w0, y2);
        z2 = L.MultiplyAdd(v, u0, z2);
        x += step;
        v = L.Load(x);
        y2 = L.MultiplyAdd(v, w1, y2);
        z2 = L.MultiplyAdd(v, u1, z2);
        x += step;
        v = L.Load(x);
        y2 = L.MultiplyAdd(v, w2, y2);
        z2 = L.MultiplyAdd(v, u2, z2);
        y3 = L.MultiplyAdd(v, w0, y3);
        z3 = L.MultiplyAdd(v, u0, z3);
        x += step;
        v = L.Load(x);
        y3 = L.MultiplyAdd(v, w1, y3);
        z3 = L.MultiplyAdd(v, u1, z3);
        if (E.Right) return;
        v = L.Load(x + step);
        y3 = L.MultiplyAdd(v, w2, y3);
        z3 = L.MultiplyAdd(v, u2, z3);
    }

    /// <summary>Adds the bias, applies the activation and writes four outputs of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish<L, V>(float slope, V low, V high, nint step, float* y, V bias, V y0, V y1, V y2, V y3) where L : struct, ILanes<V> where V : unmanaged
    {
        y0 = L.Add(y0, bias);
        y1 = L.Add(y1, bias);
        y2 = L.Add(y2, bias);
        y3 = L.Add(y3, bias);
        if (slope != 1)
        {
            V factor = L.All(slope);
            y0 = L.Select(L.Less(y0, default), L.Mul(y0, factor), y0);
            y1 = L.Select(L.Less(y1, default), L.Mul(y1, factor), y1);
            y2 = L.Select(L.Less(y2, default), L.Mul(y2, factor), y2);
            y3 = L.Select(L.Less(y3, default), L.Mul(y3, factor), y3);
        }
        L.Store(L.Min(high, L.Max(low, y0)), y);
        L.Store(L.Min(high, L.Max(low, y1)), y + step);
        L.Store(L.Min(high, L.Max(low, y2)), y + 2 * step);
        L.Store(L.Min(high, L.Max(low, y3)), y + 3 * step);
    }
}
