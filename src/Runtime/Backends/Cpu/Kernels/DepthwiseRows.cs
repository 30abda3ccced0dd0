using System.Diagnostics;
using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Rows of depthwise convolution, each channel by itself. Windows 3 x 3 and 5 x 5 with stride 1 or 2, by far the most frequent ones, go through <see cref="DepthwiseTile"/> and
/// <see cref="DepthwiseWideTile"/>; of others four neighbouring outputs share weights and inputs in registers where their windows lie inside the picture along x. Rows above and below the picture are read from a row of zeros.
/// The bias is added to finished sums, see <see cref="GemmTile.Bias"/>.
/// </summary>
internal sealed unsafe class DepthwiseRows<L, V> where L : struct, ILanes<V> where V : unmanaged
{
    private readonly ConvGeometry g;
    private readonly FastActivation activation;
    private readonly UnaryPass? afterResidual;
    private readonly float* x, residual, bias, weights, zeros;
    private readonly float*[] windowRows;
    private readonly int channels, residualChannels, rowsPerWindow, insideFirst, insideLast;
    private readonly bool tiled, paired;

    /// <summary>Binds to the inputs of a convolution that <see cref="ConvMaker.Depthwise"/> accepts.</summary>
    public DepthwiseRows(CpuBinding binding, Conv op, ConvGeometry geometry)
    {
        g = geometry;
        channels = g.Channels;
        TensorView added = binding.Input(Conv.Residual), givenBias = binding.Input(Conv.Bias);
        x = (float*)binding.Input(0).Data;
        residual = added.IsMissing ? null : (float*)added.Data;
        residualChannels = added.IsMissing ? 0 : added.Shape[-1];
        // A residual comes between sums and activation; it is too rare here to be worth registers.
        activation = new FastActivation(residual == null ? op.Activation : default);
        if (residual != null && !op.Activation.IsNone) afterResidual = UnaryPass.For(op.Activation.Function, op.Activation.Alpha, op.Activation.Beta);

        bias = givenBias.IsMissing ? (float*)binding.Allocate(channels * sizeof(float)) : (float*)givenBias.Data;
        int taps = g.KernelZ * g.KernelY * g.KernelX;
        weights = (float*)binding.Shared(1, $"depthwise {taps}x{channels}", (long)taps * channels * sizeof(float), out bool isNew, isZeroed: false);
        if (isNew) PanelPacking.Pack((float*)binding.Input(1).Data, 1, taps, taps, channels, weights, channels);
        zeros = (float*)binding.Allocate((long)g.SizeX * channels * sizeof(float));
        rowsPerWindow = g.KernelZ * g.KernelY;
        // A second row of windows brings as many again.
        windowRows = new float*[binding.Workers * 2 * rowsPerWindow];

        (insideFirst, insideLast) = g.InsideX();
        int around = g.KernelX / 2, beyond = (g.OutX - 1) * g.StrideX - g.PadX + g.KernelX - g.SizeX;
        tiled = g.KernelZ == 1 && g.KernelY == g.KernelX && g.KernelX is 3 or 5 && g.StrideX <= 2 && g.DilationX == 1 && g.OutX >= 4 && g.PadX <= around && beyond <= around;
        paired = tiled && g.StrideY == g.StrideX && g.DilationY == 1;
        Name = $"{(g.KernelZ > 1 ? $"{g.KernelZ}x" : "")}{g.KernelY}x{g.KernelX}";
    }

    /// <summary>The window, as part of a kernel's name.</summary>
    public string Name { get; }

    /// <summary>Computes rows of one plane of outputs.</summary>
    /// <param name="plane">Which plane of which image.</param>
    /// <param name="first">First row.</param>
    /// <param name="last">End of the rows.</param>
    /// <param name="target">Where the first of them goes; the others follow it.</param>
    /// <param name="worker">Number of the worker thread.</param>
    public void Run(int plane, int first, int last, float* target, int worker)
    {
        fixed (float** rows = &windowRows[worker * 2 * rowsPerWindow])
        {
            nint rowStep = (nint)g.OutX * channels;
            for (int row = first; row < last;)
            {
                int count = paired && row + 1 < last ? 2 : 1;
                FindRows(plane, row, rows);
                if (count == 2) FindRows(plane, row + 1, rows + rowsPerWindow);
                if (tiled) Tiled(rows, count, target);
                else Untiled(rows, target);
                if (residual != null) AddResidual(target, residual + ((long)plane * g.OutY + row) * g.OutX * residualChannels, count);
                activation.Rest?.Apply(target, target, count * rowStep);
                row += count;
                target += count * rowStep;
            }
        }
    }

    /// <summary>Where the rows under a row of windows begin.</summary>
    private void FindRows(int plane, int row, float** rows)
    {
        int image = plane / g.OutZ, z = plane % g.OutZ * g.StrideZ - g.PadZ, top = row * g.StrideY - g.PadY;
        for (int kz = 0; kz < g.KernelZ; kz++)
            for (int ky = 0; ky < g.KernelY; ky++)
            {
                int atZ = z + kz * g.DilationZ, atY = top + ky * g.DilationY;
                bool inside = atZ >= 0 && atZ < g.SizeZ && atY >= 0 && atY < g.SizeY;
                rows[kz * g.KernelY + ky] = inside ? x + (((long)image * g.SizeZ + atZ) * g.SizeY + atY) * g.SizeX * channels : zeros;
            }
    }

    /// <summary>One or two rows in tiles of four columns, the last one overlapping the one before it.</summary>
    private void Tiled(float** rows, int count, float* target)
    {
        DepthwiseTile tile = default;
        tile.Step = channels;
        tile.Weights = weights;
        tile.Bias = bias;
        tile.RowStep = (nint)g.OutX * channels;
        tile.Slope = activation.Slope;
        tile.Low = activation.Low;
        tile.High = activation.High;
        bool five = g.KernelX == 5;
        // Tiles of which a column is outside begin at the left, or end at the right: all others are computed in one go.
        int inner = 0;
        for (int column = 0; column < g.OutX; column += 4 * Math.Max(inner, 1))
        {
            int at = Math.Min(column, g.OutX - 4);
            bool atLeft = at * g.StrideX < g.PadX;
            inner = atLeft ? 0 : Math.Max(0, (insideLast - at) / 4);
            nint left = (nint)(at * g.StrideX - g.PadX) * channels;
            tile.X0 = rows[0] + left;
            tile.X1 = rows[1] + left;
            tile.X2 = rows[2] + left;
            if (five)
            {
                tile.X3 = rows[3] + left;
                tile.X4 = rows[4] + left;
            }
            // With stride 1 the second row of windows ends a row below the first, with stride 2 two.
            if (count == 2 && five)
            {
                tile.X5 = rows[g.StrideY == 1 ? 9 : 8] + left;
                tile.X6 = rows[9] + left;
            }
            else if (count == 2)
            {
                tile.X3 = rows[g.StrideY == 1 ? 5 : 4] + left;
                tile.X4 = rows[5] + left;
            }
            tile.From = Math.Max(0, g.PadX - at * g.StrideX);
            tile.To = g.SizeX + g.PadX - at * g.StrideX;
            tile.Y = target + (nint)at * channels;
            tile.Count = Math.Max(inner, 1);
            bool atRight = at + 4 * tile.Count > insideLast;
            if (five && (atLeft || atRight)) WideTile<BothEdges>(ref tile, count);
            else if (five) WideTile<NoEdge>(ref tile, count);
            else if (atLeft && atRight) Tile<BothEdges>(ref tile, count);
            else if (atLeft) Tile<LeftEdge>(ref tile, count);
            else if (atRight) Tile<RightEdge>(ref tile, count);
            else Tile<NoEdge>(ref tile, count);
        }
    }

    private void Tile<E>(ref DepthwiseTile tile, int count) where E : struct, IDepthwiseEdges
    {
        if (g.StrideX == 1 && count == 2) DepthwiseTile.Two1<L, V, E>(ref tile);
        else if (g.StrideX == 1) DepthwiseTile.One1<L, V, E>(ref tile);
        else if (count == 2) DepthwiseTile.Two2<L, V, E>(ref tile);
        else DepthwiseTile.One2<L, V, E>(ref tile);
    }

    private void WideTile<E>(ref DepthwiseTile tile, int count) where E : struct, IDepthwiseEdges
    {
        if (g.StrideX == 1 && count == 2) DepthwiseWideTile.Two1<L, V, E>(ref tile);
        else if (g.StrideX == 1) DepthwiseWideTile.One1<L, V, E>(ref tile);
        else if (count == 2) DepthwiseWideTile.Two2<L, V, E>(ref tile);
        else DepthwiseWideTile.One2<L, V, E>(ref tile);
    }

    /// <summary>One row of any window.</summary>
    private void Untiled(float** rows, float* target)
    {
        if (insideLast - insideFirst < 4 || g.KernelX is not (3 or 5))
        {
            for (int column = 0; column < g.OutX; column++) Pixel(rows, column, target + (long)column * channels);
            return;
        }
        for (int column = 0; column < insideFirst; column++) Pixel(rows, column, target + (long)column * channels);
        for (int column = insideLast; column < g.OutX; column++) Pixel(rows, column, target + (long)column * channels);
        Inside(rows, target);
    }

    /// <summary>The outputs whose windows lie inside along x, four at a time, the last four overlapping those before.</summary>
    private void Inside(float** rows, float* target)
    {
        nint step = g.StrideX * channels, tapStep = g.DilationX * channels;
        bool shared = g.StrideX == g.DilationX, five = g.KernelX == 5;
        for (int next = insideFirst; next < insideLast; next += 4)
        {
            int column = Math.Min(next, insideLast - 4);
            nint at = (nint)(column * g.StrideX - g.PadX) * channels;
            for (int channel = 0; channel < channels; channel += L.Count)
            {
                int c = Math.Min(channel, channels - L.Count);
                float* to = target + (long)column * channels + c;
                if (five && shared) Four5Shared(rows, at, tapStep, step, c, to);
                else if (five) Four5(rows, at, tapStep, step, c, to);
                else if (shared) Four3Shared(rows, at, tapStep, step, c, to);
                else Four3(rows, at, tapStep, step, c, to);
            }
        }
    }

    /// <summary>Four neighbouring outputs of a window 3 wide with stride 1: each input is loaded once a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Four3Shared(float** rows, nint at, nint tapStep, nint step, int channel, float* target)
    {
        // Lanes: channels. Tail: the caller lets the last vector of channels overlap the one before it.
        // Equals: target[j, c] = act(sum over ky, kx of rows[ky][at + j * step + kx * tapStep + c] * w[ky, kx, c] + bias[c]), j = 0 to 3.
        V y0 = default, y1 = default, y2 = default, y3 = default;
        float* w = weights + channel;
        for (int row = 0; row < rowsPerWindow; row++)
        {
            float* x = rows[row] + at + channel;
            V w0 = L.Load(w);
            V w1 = L.Load(w + channels);
            V w2 = L.Load(w + 2 * channels);
            w += 3 * channels;
            V v = L.Load(x);
            y0 = L.MultiplyAdd(v, w0, y0);
            x += tapStep;
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w1, y0);
            y1 = L.MultiplyAdd(v, w0, y1);
            x += tapStep;
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w2, y0);
            y1 = L.MultiplyAdd(v, w1, y1);
            y2 = L.MultiplyAdd(v, w0, y2);
            x += tapStep;
            v = L.Load(x);
            y1 = L.MultiplyAdd(v, w2, y1);
            y2 = L.MultiplyAdd(v, w1, y2);
            y3 = L.MultiplyAdd(v, w0, y3);
            x += tapStep;
            v = L.Load(x);
            y2 = L.MultiplyAdd(v, w2, y2);
            y3 = L.MultiplyAdd(v, w1, y3);
            x += tapStep;
            v = L.Load(x);
            y3 = L.MultiplyAdd(v, w2, y3);
        }
        V added = L.Load(bias + channel);
        L.Store(Activate(L.Add(y0, added)), target);
        L.Store(Activate(L.Add(y1, added)), target + channels);
        L.Store(Activate(L.Add(y2, added)), target + 2 * channels);
        L.Store(Activate(L.Add(y3, added)), target + 3 * channels);
    }

    /// <summary>Four outputs of a window 3 wide, <paramref name="step"/> floats apart in the input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Four3(float** rows, nint at, nint tapStep, nint step, int channel, float* target)
    {
        // Lanes: channels. Tail: the caller lets the last vector of channels overlap the one before it.
        // Equals: target[j, c] = act(sum over ky, kx of rows[ky][at + j * step + kx * tapStep + c] * w[ky, kx, c] + bias[c]), j = 0 to 3.
        V y0 = default, y1 = default, y2 = default, y3 = default;
        float* w = weights + channel;
        for (int row = 0; row < rowsPerWindow; row++)
        {
            float* x = rows[row] + at + channel;
            V w0 = L.Load(w);
            V w1 = L.Load(w + channels);
            V w2 = L.Load(w + 2 * channels);
            w += 3 * channels;
            float* p = x;
            y0 = L.MultiplyAdd(L.Load(p), w0, y0);
            y0 = L.MultiplyAdd(L.Load(p + tapStep), w1, y0);
            y0 = L.MultiplyAdd(L.Load(p + 2 * tapStep), w2, y0);
            p = x + step;
            y1 = L.MultiplyAdd(L.Load(p), w0, y1);
            y1 = L.MultiplyAdd(L.Load(p + tapStep), w1, y1);
            y1 = L.MultiplyAdd(L.Load(p + 2 * tapStep), w2, y1);
            p = x + 2 * step;
            y2 = L.MultiplyAdd(L.Load(p), w0, y2);
            y2 = L.MultiplyAdd(L.Load(p + tapStep), w1, y2);
            y2 = L.MultiplyAdd(L.Load(p + 2 * tapStep), w2, y2);
            p = x + 3 * step;
            y3 = L.MultiplyAdd(L.Load(p), w0, y3);
            y3 = L.MultiplyAdd(L.Load(p + tapStep), w1, y3);
            y3 = L.MultiplyAdd(L.Load(p + 2 * tapStep), w2, y3);
        }
        V added = L.Load(bias + channel);
        L.Store(Activate(L.Add(y0, added)), target);
        L.Store(Activate(L.Add(y1, added)), target + channels);
        L.Store(Activate(L.Add(y2, added)), target + 2 * channels);
        L.Store(Activate(L.Add(y3, added)), target + 3 * channels);
    }

    /// <summary>Four neighbouring outputs of a window 5 wide with stride 1: each input is loaded once a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Four5Shared(float** rows, nint at, nint tapStep, nint step, int channel, float* target)
    {
        // Lanes: channels. Tail: the caller lets the last vector of channels overlap the one before it.
        // Equals: target[j, c] = act(sum over ky, kx of rows[ky][at + j * step + kx * tapStep + c] * w[ky, kx, c] + bias[c]), j = 0 to 3.
        V y0 = default, y1 = default, y2 = default, y3 = default;
        float* w = weights + channel;
        for (int row = 0; row < rowsPerWindow; row++)
        {
            float* x = rows[row] + at + channel;
            V w0 = L.Load(w);
            V w1 = L.Load(w + channels);
            V w2 = L.Load(w + 2 * channels);
            V w3 = L.Load(w + 3 * channels);
            V w4 = L.Load(w + 4 * channels);
            w += 5 * channels;
            V v = L.Load(x);
            y0 = L.MultiplyAdd(v, w0, y0);
            x += tapStep;
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w1, y0);
            y1 = L.MultiplyAdd(v, w0, y1);
            x += tapStep;
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w2, y0);
            y1 = L.MultiplyAdd(v, w1, y1);
            y2 = L.MultiplyAdd(v, w0, y2);
            x += tapStep;
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w3, y0);
            y1 = L.MultiplyAdd(v, w2, y1);
            y2 = L.MultiplyAdd(v, w1, y2);
            y3 = L.MultiplyAdd(v, w0, y3);
            x += tapStep;
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w4, y0);
            y1 = L.MultiplyAdd(v, w3, y1);
            y2 = L.MultiplyAdd(v, w2, y2);
            y3 = L.MultiplyAdd(v, w1, y3);
            x += tapStep;
            v = L.Load(x);
            y1 = L.MultiplyAdd(v, w4, y1);
            y2 = L.MultiplyAdd(v, w3, y2);
            y3 = L.MultiplyAdd(v, w2, y3);
            x += tapStep;
            v = L.Load(x);
            y2 = L.MultiplyAdd(v, w4, y2);
            y3 = L.MultiplyAdd(v, w3, y3);
            x += tapStep;
            v = L.Load(x);
            y3 = L.MultiplyAdd(v, w4, y3);
        }
        V added = L.Load(bias + channel);
        L.Store(Activate(L.Add(y0, added)), target);
        L.Store(Activate(L.Add(y1, added)), target + channels);
        L.Store(Activate(L.Add(y2, added)), target + 2 * channels);
        L.Store(Activate(L.Add(y3, added)), target + 3 * channels);
    }

    /// <summary>Four outputs of a window 5 wide, <paramref name="step"/> floats apart in the input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Four5(float** rows, nint at, nint tapStep, nint step, int channel, float* target)
    {
        // Lanes: channels. Tail: the caller lets the last vector of channels overlap the one before it.
        // Equals: target[j, c] = act(sum over ky, kx of rows[ky][at + j * step + kx * tapStep + c] * w[ky, kx, c] + bias[c]), j = 0 to 3.
        V y0 = default, y1 = default, y2 = default, y3 = default;
        float* w = weights + channel;
        for (int row = 0; row < rowsPerWindow; row++)
        {
            float* x = rows[row] + at + channel;
            V w0 = L.Load(w);
            V w1 = L.Load(w + channels);
            V w2 = L.Load(w + 2 * channels);
            V w3 = L.Load(w + 3 * channels);
            V w4 = L.Load(w + 4 * channels);
            w += 5 * channels;
            float* p = x;
            y0 = L.MultiplyAdd(L.Load(p), w0, y0);
            y0 = L.MultiplyAdd(L.Load(p + tapStep), w1, y0);
            y0 = L.MultiplyAdd(L.Load(p + 2 * tapStep), w2, y0);
            y0 = L.MultiplyAdd(L.Load(p + 3 * tapStep), w3, y0);
            y0 = L.MultiplyAdd(L.Load(p + 4 * tapStep), w4, y0);
            p = x + step;
            y1 = L.MultiplyAdd(L.Load(p), w0, y1);
            y1 = L.MultiplyAdd(L.Load(p + tapStep), w1, y1);
            y1 = L.MultiplyAdd(L.Load(p + 2 * tapStep), w2, y1);
            y1 = L.MultiplyAdd(L.Load(p + 3 * tapStep), w3, y1);
            y1 = L.MultiplyAdd(L.Load(p + 4 * tapStep), w4, y1);
            p = x + 2 * step;
            y2 = L.MultiplyAdd(L.Load(p), w0, y2);
            y2 = L.MultiplyAdd(L.Load(p + tapStep), w1, y2);
            y2 = L.MultiplyAdd(L.Load(p + 2 * tapStep), w2, y2);
            y2 = L.MultiplyAdd(L.Load(p + 3 * tapStep), w3, y2);
            y2 = L.MultiplyAdd(L.Load(p + 4 * tapStep), w4, y2);
            p = x + 3 * step;
            y3 = L.MultiplyAdd(L.Load(p), w0, y3);
            y3 = L.MultiplyAdd(L.Load(p + tapStep), w1, y3);
            y3 = L.MultiplyAdd(L.Load(p + 2 * tapStep), w2, y3);
            y3 = L.MultiplyAdd(L.Load(p + 3 * tapStep), w3, y3);
            y3 = L.MultiplyAdd(L.Load(p + 4 * tapStep), w4, y3);
        }
        V added = L.Load(bias + channel);
        L.Store(Activate(L.Add(y0, added)), target);
        L.Store(Activate(L.Add(y1, added)), target + channels);
        L.Store(Activate(L.Add(y2, added)), target + 2 * channels);
        L.Store(Activate(L.Add(y3, added)), target + 3 * channels);
    }

    /// <summary>One output whose window may stick out along x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pixel(float** rows, int column, float* target)
    {
        // Lanes: channels. Tail: the last vector overlaps the one before it.
        // Equals: target[c] = act(sum over ky, kx of rows[ky][left + kx * dilation, c] * w[ky, kx, c] + bias[c]) for taps inside.
        int left = column * g.StrideX - g.PadX;
        int from = left >= 0 ? 0 : (-left + g.DilationX - 1) / g.DilationX;
        int to = Math.Min(g.KernelX, left >= g.SizeX ? 0 : (g.SizeX - 1 - left) / g.DilationX + 1);
        for (int channel = 0; channel < channels; channel += L.Count)
        {
            int c = Math.Min(channel, channels - L.Count);
            Debug.Assert(c >= 0, "A vector is no wider than the channels.");
            V sum = default;
            for (int row = 0; row < rowsPerWindow; row++)
            {
                float* w = weights + (long)row * g.KernelX * channels + c, source = rows[row] + (long)left * channels + c;
                for (int tap = from; tap < to; tap++)
                    sum = L.MultiplyAdd(L.Load(source + (long)tap * g.DilationX * channels), L.Load(w + (long)tap * channels), sum);
            }
            L.Store(Activate(L.Add(sum, L.Load(bias + c))), target + c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Activate(V value)
    {
        if (activation.Slope != 1) value = L.Select(L.Less(value, default), L.Mul(value, L.All(activation.Slope)), value);
        return L.Min(L.All(activation.High), L.Max(L.All(activation.Low), value));
    }

    private void AddResidual(float* target, float* source, int rows)
    {
        for (int pixel = 0; pixel < rows * g.OutX; pixel++, target += channels, source += residualChannels)
        {
            for (int c = 0; c < residualChannels; c++) target[c] += source[c];
            afterResidual?.Apply(target, target, channels);
        }
    }

    private readonly struct NoEdge : IDepthwiseEdges
    {
        public static bool Left => false;

        public static bool Right => false;
    }

    private readonly struct LeftEdge : IDepthwiseEdges
    {
        public static bool Left => true;

        public static bool Right => false;
    }

    private readonly struct RightEdge : IDepthwiseEdges
    {
        public static bool Left => false;

        public static bool Right => true;
    }

    private readonly struct BothEdges : IDepthwiseEdges
    {
        public static bool Left => true;

        public static bool Right => true;
    }
}
