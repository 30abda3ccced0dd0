using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// The tiles of <see cref="DepthwiseTile"/> for windows 5 x 5. Up to two columns at either end may be outside; tiles at the ends look which ones are.
/// </summary>
internal static unsafe class DepthwiseWideTile
{
    /// <summary>One row, stride 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One1<L, V, E>(ref DepthwiseTile t) where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        // Lanes: channels. Tail: the last vector of channels overlaps the one before it.
        // Equals: y[j, c] = act(sum over ky, kx of x[ky][j + kx, c] * w[ky, kx, c] + bias[c]), j = 0 to 3, without columns that are outside.
        nint step = t.Step, last = step - L.Count, next5 = 5 * step, at = 0;
        Debug.Assert(last >= 0, "A vector is no wider than the channels.");
        float* y = t.Y;
        float* weights = t.Weights, biases = t.Bias;
        float slope = t.Slope;
        V low = L.All(t.Low), high = L.All(t.High);
        for (int tile = 0; tile < t.Count; tile++, at += 4 * step, y += 4 * step)
        {
            for (nint next = 0; next < step; next += L.Count)
            {
                nint c = Math.Min(next, last), from = at + c;
                V y0 = default, y1 = default, y2 = default, y3 = default;
                float* w = weights + c;
                Row1<L, V, E>(ref t, t.X0 + from, w, ref y0, ref y1, ref y2, ref y3);
                Row1<L, V, E>(ref t, t.X1 + from, w + next5, ref y0, ref y1, ref y2, ref y3);
                Row1<L, V, E>(ref t, t.X2 + from, w + 2 * next5, ref y0, ref y1, ref y2, ref y3);
                Row1<L, V, E>(ref t, t.X3 + from, w + 3 * next5, ref y0, ref y1, ref y2, ref y3);
                Row1<L, V, E>(ref t, t.X4 + from, w + 4 * next5, ref y0, ref y1, ref y2, ref y3);
                V bias = L.Load(biases + c);
                DepthwiseTile.Finish<L, V>(slope, low, high, step, y + c, bias, y0, y1, y2, y3);
            }
        }
    }

    /// <summary>Two rows, stride 1: the second row of windows begins in the second row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Two1<L, V, E>(ref DepthwiseTile t) where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        // Lanes: channels. Tail: the last vector of channels overlaps the one before it.
        // Equals: One1, of X0 to X4 and of X1 to X5.
        nint step = t.Step, last = step - L.Count, next5 = 5 * step, at = 0;
        Debug.Assert(last >= 0, "A vector is no wider than the channels.");
        float* y = t.Y;
        float* weights = t.Weights, biases = t.Bias;
        float slope = t.Slope;
        V low = L.All(t.Low), high = L.All(t.High);
        for (int tile = 0; tile < t.Count; tile++, at += 4 * step, y += 4 * step)
        {
            for (nint next = 0; next < step; next += L.Count)
            {
                nint c = Math.Min(next, last), from = at + c;
                V y0 = default, y1 = default, y2 = default, y3 = default, z0 = default, z1 = default, z2 = default, z3 = default;
                float* w = weights + c;
                Row1<L, V, E>(ref t, t.X0 + from, w, ref y0, ref y1, ref y2, ref y3);
                Rows1<L, V, E>(ref t, t.X1 + from, w + next5, w, ref y0, ref y1, ref y2, ref y3, ref z0, ref z1, ref z2, ref z3);
                Rows1<L, V, E>(ref t, t.X2 + from, w + 2 * next5, w + next5, ref y0, ref y1, ref y2, ref y3, ref z0, ref z1, ref z2, ref z3);
                Rows1<L, V, E>(ref t, t.X3 + from, w + 3 * next5, w + 2 * next5, ref y0, ref y1, ref y2, ref y3, ref z0, ref z1, ref z2, ref z3);
                Rows1<L, V, E>(ref t, t.X4 + from, w + 4 * next5, w + 3 * next5, ref y0, ref y1, ref y2, ref y3, ref z0, ref z1, ref z2, ref z3);
                Row1<L, V, E>(ref t, t.X5 + from, w + 4 * next5, ref z0, ref z1, ref z2, ref z3);
                V bias = L.Load(biases + c);
                DepthwiseTile.Finish<L, V>(slope, low, high, step, y + c, bias, y0, y1, y2, y3);
                DepthwiseTile.Finish<L, V>(slope, low, high, step, y + t.RowStep + c, bias, z0, z1, z2, z3);
            }
        }
    }

    /// <summary>One row, stride 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One2<L, V, E>(ref DepthwiseTile t) where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        // Lanes: channels. Tail: the last vector of channels overlaps the one before it.
        // Equals: y[j, c] = act(sum over ky, kx of x[ky][2 * j + kx, c] * w[ky, kx, c] + bias[c]), j = 0 to 3, without columns that are outside.
        nint step = t.Step, last = step - L.Count, next5 = 5 * step, at = 0;
        Debug.Assert(last >= 0, "A vector is no wider than the channels.");
        float* y = t.Y;
        float* weights = t.Weights, biases = t.Bias;
        float slope = t.Slope;
        V low = L.All(t.Low), high = L.All(t.High);
        for (int tile = 0; tile < t.Count; tile++, at += 8 * step, y += 4 * step)
        {
            for (nint next = 0; next < step; next += L.Count)
            {
                nint c = Math.Min(next, last), from = at + c;
                V y0 = default, y1 = default, y2 = default, y3 = default;
                float* w = weights + c;
                Row2<L, V, E>(ref t, t.X0 + from, w, ref y0, ref y1, ref y2, ref y3);
                Row2<L, V, E>(ref t, t.X1 + from, w + next5, ref y0, ref y1, ref y2, ref y3);
                Row2<L, V, E>(ref t, t.X2 + from, w + 2 * next5, ref y0, ref y1, ref y2, ref y3);
                Row2<L, V, E>(ref t, t.X3 + from, w + 3 * next5, ref y0, ref y1, ref y2, ref y3);
                Row2<L, V, E>(ref t, t.X4 + from, w + 4 * next5, ref y0, ref y1, ref y2, ref y3);
                V bias = L.Load(biases + c);
                DepthwiseTile.Finish<L, V>(slope, low, high, step, y + c, bias, y0, y1, y2, y3);
            }
        }
    }

    /// <summary>Two rows, stride 2: the second row of windows begins in the third row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Two2<L, V, E>(ref DepthwiseTile t) where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        // Lanes: channels. Tail: the last vector of channels overlaps the one before it.
        // Equals: One2, of X0 to X4 and of X2 to X6.
        nint step = t.Step, last = step - L.Count, next5 = 5 * step, at = 0;
        Debug.Assert(last >= 0, "A vector is no wider than the channels.");
        float* y = t.Y;
        float* weights = t.Weights, biases = t.Bias;
        float slope = t.Slope;
        V low = L.All(t.Low), high = L.All(t.High);
        for (int tile = 0; tile < t.Count; tile++, at += 8 * step, y += 4 * step)
        {
            for (nint next = 0; next < step; next += L.Count)
            {
                nint c = Math.Min(next, last), from = at + c;
                V y0 = default, y1 = default, y2 = default, y3 = default, z0 = default, z1 = default, z2 = default, z3 = default;
                float* w = weights + c;
                Row2<L, V, E>(ref t, t.X0 + from, w, ref y0, ref y1, ref y2, ref y3);
                Row2<L, V, E>(ref t, t.X1 + from, w + next5, ref y0, ref y1, ref y2, ref y3);
                Rows2<L, V, E>(ref t, t.X2 + from, w + 2 * next5, w, ref y0, ref y1, ref y2, ref y3, ref z0, ref z1, ref z2, ref z3);
                Rows2<L, V, E>(ref t, t.X3 + from, w + 3 * next5, w + next5, ref y0, ref y1, ref y2, ref y3, ref z0, ref z1, ref z2, ref z3);
                Rows2<L, V, E>(ref t, t.X4 + from, w + 4 * next5, w + 2 * next5, ref y0, ref y1, ref y2, ref y3, ref z0, ref z1, ref z2, ref z3);
                Row2<L, V, E>(ref t, t.X5 + from, w + 3 * next5, ref z0, ref z1, ref z2, ref z3);
                Row2<L, V, E>(ref t, t.X6 + from, w + 4 * next5, ref z0, ref z1, ref z2, ref z3);
                V bias = L.Load(biases + c);
                DepthwiseTile.Finish<L, V>(slope, low, high, step, y + c, bias, y0, y1, y2, y3);
                DepthwiseTile.Finish<L, V>(slope, low, high, step, y + t.RowStep + c, bias, z0, z1, z2, z3);
            }
        }
    }

    /// <summary>A row of inputs with stride 1: each is loaded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row1<L, V, E>(ref DepthwiseTile t, float* x, float* w, ref V y0, ref V y1, ref V y2, ref V y3)
        where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        nint step = t.Step;
        V w0 = L.Load(w), w1 = L.Load(w + step), w2 = L.Load(w + 2 * step), w3 = L.Load(w + 3 * step), w4 = L.Load(w + 4 * step);
        V v;
        if (!(E.Left || E.Right) || t.From <= 0)
        {
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w0, y0);
        }
        x += step;
        if (!(E.Left || E.Right) || t.From <= 1)
        {
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w1, y0);
            y1 = L.MultiplyAdd(v, w0, y1);
        }
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w2, y0);
        y1 = L.MultiplyAdd(v, w1, y1);
        y2 = L.MultiplyAdd(v, w0, y2);
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w3, y0);
        y1 = L.MultiplyAdd(v, w2, y1);
        y2 = L.MultiplyAdd(v, w1, y2);
        y3 = L.MultiplyAdd(v, w0, y3);
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w4, y0);
        y1 = L.MultiplyAdd(v, w3, y1);
        y2 = L.MultiplyAdd(v, w2, y2);
        y3 = L.MultiplyAdd(v, w1, y3);
        x += step;
        v = L.Load(x);
        y1 = L.MultiplyAdd(v, w4, y1);
        y2 = L.MultiplyAdd(v, w3, y2);
        y3 = L.MultiplyAdd(v, w2, y3);
        x += step;
        if (!(E.Left || E.Right) || t.To > 6)
        {
            v = L.Load(x);
            y2 = L.MultiplyAdd(v, w4, y2);
            y3 = L.MultiplyAdd(v, w3, y3);
        }
        x += step;
        if (!(E.Left || E.Right) || t.To > 7)
        {
            v = L.Load(x);
            y3 = L.MultiplyAdd(v, w4, y3);
        }
    }

    /// <summary>The same for two rows of windows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rows1<L, V, E>(ref DepthwiseTile t, float* x, float* w, float* u, ref V y0, ref V y1, ref V y2, ref V y3, ref V z0, ref V z1, ref V z2, ref V z3)
        where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        nint step = t.Step;
        V w0 = L.Load(w), w1 = L.Load(w + step), w2 = L.Load(w + 2 * step), w3 = L.Load(w + 3 * step), w4 = L.Load(w + 4 * step);
        V u0 = L.Load(u), u1 = L.Load(u + step), u2 = L.Load(u + 2 * step), u3 = L.Load(u + 3 * step), u4 = L.Load(u + 4 * step);
        V v;
        if (!(E.Left || E.Right) || t.From <= 0)
        {
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w0, y0);
            z0 = L.MultiplyAdd(v, u0, z0);
        }
        x += step;
        if (!(E.Left || E.Right) || t.From <= 1)
        {
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w1, y0);
            z0 = L.MultiplyAdd(v, u1, z0);
            y1 = L.MultiplyAdd(v, w0, y1);
            z1 = L.MultiplyAdd(v, u0, z1);
        }
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
        y0 = L.MultiplyAdd(v, w3, y0);
        z0 = L.MultiplyAdd(v, u3, z0);
        y1 = L.MultiplyAdd(v, w2, y1);
        z1 = L.MultiplyAdd(v, u2, z1);
        y2 = L.MultiplyAdd(v, w1, y2);
        z2 = L.MultiplyAdd(v, u1, z2);
        y3 = L.MultiplyAdd(v, w0, y3);
        z3 = L.MultiplyAdd(v, u0, z3);
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w4, y0);
        z0 = L.MultiplyAdd(v, u4, z0);
        y1 = L.MultiplyAdd(v, w3, y1);
        z1 = L.MultiplyAdd(v, u3, z1);
        y2 = L.MultiplyAdd(v, w2, y2);
        z2 = L.MultiplyAdd(v, u2, z2);
        y3 = L.MultiplyAdd(v, w1, y3);
        z3 = L.MultiplyAdd(v, u1, z3);
        x += step;
        v = L.Load(x);
        y1 = L.MultiplyAdd(v, w4, y1);
        z1 = L.MultiplyAdd(v, u4, z1);
        y2 = L.MultiplyAdd(v, w3, y2);
        z2 = L.MultiplyAdd(v, u3, z2);
        y3 = L.MultiplyAdd(v, w2, y3);
        z3 = L.MultiplyAdd(v, u2, z3);
        x += step;
        if (!(E.Left || E.Right) || t.To > 6)
        {
            v = L.Load(x);
            y2 = L.MultiplyAdd(v, w4, y2);
            z2 = L.MultiplyAdd(v, u4, z2);
            y3 = L.MultiplyAdd(v, w3, y3);
            z3 = L.MultiplyAdd(v, u3, z3);
        }
        x += step;
        if (!(E.Left || E.Right) || t.To > 7)
        {
            v = L.Load(x);
            y3 = L.MultiplyAdd(v, w4, y3);
            z3 = L.MultiplyAdd(v, u4, z3);
        }
    }

    /// <summary>A row of inputs with stride 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row2<L, V, E>(ref DepthwiseTile t, float* x, float* w, ref V y0, ref V y1, ref V y2, ref V y3)
        where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        nint step = t.Step;
        V w0 = L.Load(w), w1 = L.Load(w + step), w2 = L.Load(w + 2 * step), w3 = L.Load(w + 3 * step), w4 = L.Load(w + 4 * step);
        V v;
        if (!(E.Left || E.Right) || t.From <= 0)
        {
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w0, y0);
        }
        x += step;
        if (!(E.Left || E.Right) || t.From <= 1)
        {
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w1, y0);
        }
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w2, y0);
        y1 = L.MultiplyAdd(v, w0, y1);
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w3, y0);
        y1 = L.MultiplyAdd(v, w1, y1);
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w4, y0);
        y1 = L.MultiplyAdd(v, w2, y1);
        y2 = L.MultiplyAdd(v, w0, y2);
        x += step;
        v = L.Load(x);
        y1 = L.MultiplyAdd(v, w3, y1);
        y2 = L.MultiplyAdd(v, w1, y2);
        x += step;
        v = L.Load(x);
        y1 = L.MultiplyAdd(v, w4, y1);
        y2 = L.MultiplyAdd(v, w2, y2);
        y3 = L.MultiplyAdd(v, w0, y3);
        x += step;
        v = L.Load(x);
        y2 = L.MultiplyAdd(v, w3, y2);
        y3 = L.MultiplyAdd(v, w1, y3);
        x += step;
        v = L.Load(x);
        y2 = L.MultiplyAdd(v, w4, y2);
        y3 = L.MultiplyAdd(v, w2, y3);
        x += step;
        if (!(E.Left || E.Right) || t.To > 9)
        {
            v = L.Load(x);
            y3 = L.MultiplyAdd(v, w3, y3);
        }
        x += step;
        if (!(E.Left || E.Right) || t.To > 10)
        {
            v = L.Load(x);
            y3 = L.MultiplyAdd(v, w4, y3);
        }
    }

    /// <summary>The same for two rows of windows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rows2<L, V, E>(ref DepthwiseTile t, float* x, float* w, float* u, ref V y0, ref V y1, ref V y2, ref V y3, ref V z0, ref V z1, ref V z2, ref V z3)
        where L : struct, ILanes<V> where V : unmanaged where E : struct, IDepthwiseEdges
    {
        nint step = t.Step;
        V w0 = L.Load(w), w1 = L.Load(w + step), w2 = L.Load(w + 2 * step), w3 = L.Load(w + 3 * step), w4 = L.Load(w + 4 * step);
        V u0 = L.Load(u), u1 = L.Load(u + step), u2 = L.Load(u + 2 * step), u3 = L.Load(u + 3 * step), u4 = L.Load(u + 4 * step);
        V v;
        if (!(E.Left || E.Right) || t.From <= 0)
        {
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w0, y0);
            z0 = L.MultiplyAdd(v, u0, z0);
        }
        x += step;
        if (!(E.Left || E.Right) || t.From <= 1)
        {
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w1, y0);
            z0 = L.MultiplyAdd(v, u1, z0);
        }
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w2, y0);
        z0 = L.MultiplyAdd(v, u2, z0);
        y1 = L.MultiplyAdd(v, w0, y1);
        z1 = L.MultiplyAdd(v, u0, z1);
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w3, y0);
        z0 = L.MultiplyAdd(v, u3, z0);
        y1 = L.MultiplyAdd(v, w1, y1);
        z1 = L.MultiplyAdd(v, u1, z1);
        x += step;
        v = L.Load(x);
        y0 = L.MultiplyAdd(v, w4, y0);
        z0 = L.MultiplyAdd(v, u4, z0);
        y1 = L.MultiplyAdd(v, w2, y1);
        z1 = L.MultiplyAdd(v, u2, z1);
        y2 = L.MultiplyAdd(v, w0, y2);
        z2 = L.MultiplyAdd(v, u0, z2);
        x += step;
        v = L.Load(x);
        y1 = L.MultiplyAdd(v, w3, y1);
        z1 = L.MultiplyAdd(v, u3, z1);
        y2 = L.MultiplyAdd(v, w1, y2);
        z2 = L.MultiplyAdd(v, u1, z2);
        x += step;
        v = L.Load(x);
        y1 = L.MultiplyAdd(v, w4, y1);
        z1 = L.MultiplyAdd(v, u4, z1);
        y2 = L.MultiplyAdd(v, w2, y2);
        z2 = L.MultiplyAdd(v, u2, z2);
        y3 = L.MultiplyAdd(v, w0, y3);
        z3 = L.MultiplyAdd(v, u0, z3);
        x += step;
        v = L.Load(x);
        y2 = L.MultiplyAdd(v, w3, y2);
        z2 = L.MultiplyAdd(v, u3, z2);
        y3 = L.MultiplyAdd(v, w1, y3);
        z3 = L.MultiplyAdd(v, u1, z3);
        x += step;
        v = L.Load(x);
        y2 = L.MultiplyAdd(v, w4, y2);
        z2 = L.MultiplyAdd(v, u4, z2);
        y3 = L.MultiplyAdd(v, w2, y3);
        z3 = L.MultiplyAdd(v, u2, z3);
        x += step;
        if (!(E.Left || E.Right) || t.To > 9)
        {
            v = L.Load(x);
            y3 = L.MultiplyAdd(v, w3, y3);
            z3 = L.MultiplyAdd(v, u3, z3);
        }
        x += step;
        if (!(E.Left || E.Right) || t.To > 10)
        {
            v = L.Load(x);
            y3 = L.MultiplyAdd(v, w4, y3);
            z3 = L.MultiplyAdd(v, u4, z3);
        }
    }
}
