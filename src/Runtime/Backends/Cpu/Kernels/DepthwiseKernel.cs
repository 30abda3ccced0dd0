using System.Diagnostics;
using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Depthwise convolution: each channel by itself. A tile is a row of outputs; where windows lie inside the picture along x, four
/// neighbouring outputs share weights and inputs in registers. Rows above and below the picture are read from a row of zeros.
/// The bias is added to finished sums, see <see cref="GemmTile.Bias"/>.
/// </summary>
internal sealed unsafe class DepthwiseKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    private readonly ConvGeometry g;
    private readonly FastActivation activation;
    private readonly UnaryPass? afterResidual;
    private readonly float* x, y, residual, bias, weights, zeros;
    private readonly float*[] windowRows;
    private readonly int channels, residualChannels, rowsPerWindow, insideFirst, insideLast;

    private DepthwiseKernel(CpuBinding binding, Conv op, ConvGeometry geometry)
    {
        g = geometry;
        channels = g.Channels;
        TensorView added = binding.Input(Conv.Residual), givenBias = binding.Input(Conv.Bias);
        x = (float*)binding.Input(0).Data;
        y = (float*)binding.Output(0).Data;
        residual = added.IsMissing ? null : (float*)added.Data;
        residualChannels = added.IsMissing ? 0 : added.Shape[-1];
        // A residual comes between sums and activation; it is too rare here to be worth registers.
        activation = new FastActivation(residual == null ? op.Activation : default);
        if (residual != null && !op.Activation.IsNone) afterResidual = UnaryPass.For(op.Activation.Function, op.Activation.Alpha, op.Activation.Beta);

        bias = givenBias.IsMissing ? (float*)binding.Allocate(channels * sizeof(float)) : (float*)givenBias.Data;
        int taps = g.KernelZ * g.KernelY * g.KernelX;
        weights = (float*)binding.Shared(1, $"depthwise {taps}x{channels}", (long)taps * channels * sizeof(float), out bool isNew);
        float* source = (float*)binding.Input(1).Data;
        for (int c = 0; isNew && c < channels; c++)
            for (int tap = 0; tap < taps; tap++) weights[tap * channels + c] = source[c * taps + tap];
        zeros = (float*)binding.Allocate((long)g.SizeX * channels * sizeof(float));
        rowsPerWindow = g.KernelZ * g.KernelY;
        windowRows = new float*[binding.Workers * rowsPerWindow];

        (insideFirst, insideLast) = g.InsideX();
        Tiles = g.Batch * g.OutZ * g.OutY;
        Name = $"depthwise_f32_{(g.KernelZ > 1 ? $"{g.KernelZ}x" : "")}{g.KernelY}x{g.KernelX}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static DepthwiseKernel<L, V> Make(CpuBinding binding, Conv op, ConvGeometry geometry) => new(binding, op, geometry);

    public override void Run(int first, int last, int worker)
    {
        fixed (float** rows = &windowRows[worker * rowsPerWindow])
        {
            for (int tile = first; tile < last; tile++) OutputRow(tile, rows);
        }
    }

    private void OutputRow(int tile, float** rows)
    {
        int row = tile % g.OutY, plane = tile / g.OutY % g.OutZ, image = tile / g.OutY / g.OutZ;
        int z = plane * g.StrideZ - g.PadZ, top = row * g.StrideY - g.PadY;
        for (int kz = 0; kz < g.KernelZ; kz++)
            for (int ky = 0; ky < g.KernelY; ky++)
            {
                int atZ = z + kz * g.DilationZ, atY = top + ky * g.DilationY;
                bool inside = atZ >= 0 && atZ < g.SizeZ && atY >= 0 && atY < g.SizeY;
                rows[kz * g.KernelY + ky] = inside ? x + (((long)image * g.SizeZ + atZ) * g.SizeY + atY) * g.SizeX * channels : zeros;
            }
        float* target = y + (long)tile * g.OutX * channels;
        int inner = insideLast - insideFirst;
        if (inner < 4 || g.KernelX is not (3 or 5))
        {
            for (int column = 0; column < g.OutX; column++) Pixel(rows, column, target + (long)column * channels);
        }
        else
        {
            for (int column = 0; column < insideFirst; column++) Pixel(rows, column, target + (long)column * channels);
            for (int column = insideLast; column < g.OutX; column++) Pixel(rows, column, target + (long)column * channels);
            Inside(rows, target);
        }
        if (residual != null) AddResidual(target, residual + (long)tile * g.OutX * residualChannels);
        activation.Rest?.Apply(target, target, (long)g.OutX * channels);
    }

    /// <summary>The outputs whose windows lie inside along x, four at a time, the last four overlapping those before.</summary>
    private void Inside(float** rows, float* target)
    {
        nint step = g.StrideX * channels, tapStep = g.DilationX * channels;
        bool shared = g.StrideX == g.DilationX, five = g.KernelX == 5;
        for (int channel = 0; channel < channels; channel += L.Count)
        {
            int c = Math.Min(channel, channels - L.Count);
            if (shared && rowsPerWindow == 3 && !five)
            {
                Line3x3Shared(rows, tapStep, c, target);
                continue;
            }
            for (int next = insideFirst; next < insideLast; next += 4)
            {
                int column = Math.Min(next, insideLast - 4);
                nint at = (nint)(column * g.StrideX - g.PadX) * channels;
                float* to = target + (long)column * channels + c;
                if (five && shared) Four5Shared(rows, at, tapStep, step, c, to);
                else if (five) Four5(rows, at, tapStep, step, c, to);
                else if (shared) Four3Shared(rows, at, tapStep, step, c, to);
                else Four3(rows, at, tapStep, step, c, to);
            }
        }
    }

    /// <summary>All outputs inside along x of a 3 x 3 window whose stride is its dilation: weights stay in registers for the whole row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Line3x3Shared(float** rows, nint tapStep, int channel, float* target)
    {
        // Lanes: channels. Tail: the caller lets the last vector of channels overlap the one before it; the last four outputs overlap too.
        // Equals: target[column, c] = act(sum over ky, kx of rows[ky][left + kx * tapStep + c] * w[ky, kx, c] + bias[c]).
        float* w = weights + channel, x0 = rows[0] + channel, x1 = rows[1] + channel, x2 = rows[2] + channel;
        nint step = channels;
        V w00 = L.Load(w);
        V w01 = L.Load(w + step);
        V w02 = L.Load(w + 2 * step);
        V w10 = L.Load(w + 3 * step);
        V w11 = L.Load(w + 4 * step);
        V w12 = L.Load(w + 5 * step);
        V w20 = L.Load(w + 6 * step);
        V w21 = L.Load(w + 7 * step);
        V w22 = L.Load(w + 8 * step);
        V added = L.Load(bias + channel);
        for (int next = insideFirst; next < insideLast; next += 4)
        {
            int column = Math.Min(next, insideLast - 4);
            nint at = (nint)(column * g.StrideX - g.PadX) * step;
            float* x = x0 + at;
            V v = L.Load(x);
            V y0 = L.Mul(v, w00);
            x += tapStep;
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w01, y0);
            V y1 = L.Mul(v, w00);
            x += tapStep;
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w02, y0);
            y1 = L.MultiplyAdd(v, w01, y1);
            V y2 = L.Mul(v, w00);
            x += tapStep;
            v = L.Load(x);
            y1 = L.MultiplyAdd(v, w02, y1);
            y2 = L.MultiplyAdd(v, w01, y2);
            V y3 = L.Mul(v, w00);
            x += tapStep;
            v = L.Load(x);
            y2 = L.MultiplyAdd(v, w02, y2);
            y3 = L.MultiplyAdd(v, w01, y3);
            x += tapStep;
            v = L.Load(x);
            y3 = L.MultiplyAdd(v, w02, y3);
            x = x1 + at;
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w10, y0);
            x += tapStep;
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w11, y0);
            y1 = L.MultiplyAdd(v, w10, y1);
            x += tapStep;
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w12, y0);
            y1 = L.MultiplyAdd(v, w11, y1);
            y2 = L.MultiplyAdd(v, w10, y2);
            x += tapStep;
            v = L.Load(x);
            y1 = L.MultiplyAdd(v, w12, y1);
            y2 = L.MultiplyAdd(v, w11, y2);
            y3 = L.MultiplyAdd(v, w10, y3);
            x += tapStep;
            v = L.Load(x);
            y2 = L.MultiplyAdd(v, w12, y2);
            y3 = L.MultiplyAdd(v, w11, y3);
            x += tapStep;
            v = L.Load(x);
            y3 = L.MultiplyAdd(v, w12, y3);
            x = x2 + at;
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w20, y0);
            x += tapStep;
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w21, y0);
            y1 = L.MultiplyAdd(v, w20, y1);
            x += tapStep;
            v = L.Load(x);
            y0 = L.MultiplyAdd(v, w22, y0);
            y1 = L.MultiplyAdd(v, w21, y1);
            y2 = L.MultiplyAdd(v, w20, y2);
            x += tapStep;
            v = L.Load(x);
            y1 = L.MultiplyAdd(v, w22, y1);
            y2 = L.MultiplyAdd(v, w21, y2);
            y3 = L.MultiplyAdd(v, w20, y3);
            x += tapStep;
            v = L.Load(x);
            y2 = L.MultiplyAdd(v, w22, y2);
            y3 = L.MultiplyAdd(v, w21, y3);
            x += tapStep;
            v = L.Load(x);
            y3 = L.MultiplyAdd(v, w22, y3);
            float* to = target + column * step + channel;
            L.Store(Activate(L.Add(y0, added)), to);
            L.Store(Activate(L.Add(y1, added)), to + step);
            L.Store(Activate(L.Add(y2, added)), to + 2 * step);
            L.Store(Activate(L.Add(y3, added)), to + 3 * step);
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

    private void AddResidual(float* target, float* source)
    {
        for (int column = 0; column < g.OutX; column++, target += channels, source += residualChannels)
        {
            for (int c = 0; c < residualChannels; c++) target[c] += source[c];
            afterResidual?.Apply(target, target, channels);
        }
    }
}
