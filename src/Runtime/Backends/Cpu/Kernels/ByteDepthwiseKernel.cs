using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Depthwise convolution of integers. The rows under a row of windows are widened less their zero point, with zeros around the picture; taps are taken in pairs, so that one instruction multiplies
/// two and adds them.
/// </summary>
internal sealed unsafe class ByteDepthwiseKernel : CpuKernel
{
    /// <summary>Channels that are summed at a time.</summary>
    private const int Lanes = 16;

    private readonly ConvGeometry g;
    private readonly SumsEpilogue epilogue;
    private readonly byte* x;
    private readonly short* weights;
    private readonly int* offsets;
    private readonly int taps, channels, zeroX, width;
    private readonly bool signed;
    private readonly short* scratch;
    private readonly int* sums;
    private readonly long rowShorts, scratchShorts;

    /// <summary>Binds a quantized convolution with a group for each channel.</summary>
    public ByteDepthwiseKernel(CpuBinding binding, Conv op, ConvGeometry geometry)
    {
        g = geometry;
        TensorView input = binding.Input(0), weight = binding.Input(1);
        x = (byte*)input.Data;
        signed = input.DataType == DataType.I8;
        zeroX = input.Type.Quantization!.ZeroPoints[0];
        channels = g.Channels;
        width = (channels + Lanes - 1) / Lanes * Lanes;
        taps = g.KernelZ * g.KernelY * g.KernelX;
        int pairs = (taps + 1) / 2;
        // The zero points of the weights are taken away here, so the epilogue knows of none.
        epilogue = new SumsEpilogue(binding, QuantizedProduct.Of(input.Type, weight.Type, op.Result, op.Activation), binding.Input(2), [0], width, ProductPaths.Lanes(binding.Context.Products));
        weights = (short*)binding.Allocate((long)pairs * 2 * width * sizeof(short));
        new Span<short>(weights, checked(pairs * 2 * width)).Clear();
        ReadOnlySpan<int> zeros = weight.Type.Quantization!.ZeroPoints;
        for (int c = 0; c < channels; c++)
            for (int tap = 0; tap < taps; tap++)
                weights[((long)(tap / 2) * width + Place(c)) * 2 + tap % 2] = (short)(Requantize.Element(weight, c * taps + tap) - zeros[zeros.Length == 1 ? 0 : c]);

        rowShorts = (long)g.NeededX * width;
        scratchShorts = rowShorts * g.KernelZ * g.KernelY;
        scratch = (short*)binding.Allocate(scratchShorts * binding.Workers * sizeof(short));
        sums = (int*)binding.Allocate((long)width * binding.Workers * sizeof(int));
        offsets = (int*)binding.Allocate((long)pairs * 2 * sizeof(int));
        int at = 0;
        for (int row = 0; row < g.KernelZ * g.KernelY; row++)
            for (int kx = 0; kx < g.KernelX; kx++) offsets[at++] = checked((int)(row * rowShorts + (long)kx * g.DilationX * width));
        // An odd tap is paired with itself, times zero.
        if (at % 2 == 1) offsets[at] = offsets[at - 1];
        Tiles = g.Batch * g.OutZ * g.OutY;
    }

    public override string Name => $"depthwise_i8_{g.KernelY}x{g.KernelX}";

    public override int Tiles { get; }

    /// <summary>True when offsets into the widened rows fit 32 bits, and the rows are not absurdly large.</summary>
    public static bool Fits(ConvGeometry g) => (long)g.NeededX * (g.Channels + Lanes) * g.KernelZ * g.KernelY <= 1 << 26;

    public override void Run(int first, int last, int worker)
    {
        short* rows = scratch + worker * scratchShorts;
        int* own = sums + (long)worker * width;
        for (int tile = first; tile < last; tile++)
        {
            int line = tile % g.OutY, plane = tile / g.OutY % g.OutZ, image = tile / g.OutY / g.OutZ;
            Widen(x + (long)image * g.SizeZ * g.SizeY * g.SizeX * channels, plane * g.StrideZ - g.PadZ, line * g.StrideY - g.PadY, rows);
            long pixel = (long)tile * g.OutX;
            for (int column = 0; column < g.OutX; column++)
            {
                Window(rows + (long)column * g.StrideX * width, own);
                epilogue.Write(own, width, 1, pixel + column, 0, channels, null);
            }
        }
    }

    /// <summary>
    /// Where a channel's weights are: unpacking 256-bit vectors works within their halves, so of 16 channels 0 to 3 and 8 to 11 come first.
    /// </summary>
    private static int Place(int channel) => Avx2.IsSupported ? channel / Lanes * Lanes + (channel % Lanes) switch { >= 4 and < 8 => channel % Lanes + 4, >= 8 and < 12 => channel % Lanes - 4, int i => i } : channel;

    /// <summary>The rows under a row of windows whose first tap is at (z, y), each pixel as wide as whole vectors.</summary>
    private void Widen(byte* picture, int z, int y, short* target)
    {
        for (int kz = 0; kz < g.KernelZ; kz++)
            for (int ky = 0; ky < g.KernelY; ky++, target += rowShorts)
            {
                int atZ = z + kz * g.DilationZ, atY = y + ky * g.DilationY;
                if (atZ < 0 || atZ >= g.SizeZ || atY < 0 || atY >= g.SizeY)
                {
                    new Span<short>(target, (int)rowShorts).Clear();
                    continue;
                }
                byte* line = picture + ((long)atZ * g.SizeY + atY) * g.SizeX * channels;
                int before = Math.Clamp(g.PadX, 0, g.NeededX), from = Math.Max(0, -g.PadX), inside = Math.Clamp(g.SizeX - from, 0, g.NeededX - before);
                new Span<short>(target, before * width).Clear();
                if (width == channels) ByteRows.Centre(line + (long)from * channels, (nint)inside * channels, signed, (short)zeroX, target + before * width);
                else
                    for (int i = 0; i < inside; i++) ByteRows.Centre(line + (long)(from + i) * channels, channels, signed, (short)zeroX, target + (before + i) * width);
                new Span<short>(target + (before + inside) * width, (g.NeededX - before - inside) * width).Clear();
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Window(short* rows, int* target)
    {
        // Lanes: 16 channels, or 8, two taps in each 32-bit sum. Lanes beyond the channels hold anything times zero. Equals: target[c] = sum over taps of row[tap, c] * weight[tap, c].
        if (Avx2.IsSupported)
        {
            for (int c = 0; c < width; c += Lanes)
            {
                Vector256<int> first = default, second = default;
                short* w = weights + 2 * c;
                for (int tap = 0; tap < taps; tap += 2, w += 2 * width)
                {
                    Vector256<short> a = Vector256.Load(rows + offsets[tap] + c), b = Vector256.Load(rows + offsets[tap + 1] + c);
                    first = ShortLanes256.MultiplyAdd(Avx2.UnpackLow(a, b).AsInt32(), Vector256.Load((int*)w), first);
                    second = ShortLanes256.MultiplyAdd(Avx2.UnpackHigh(a, b).AsInt32(), Vector256.Load((int*)w + 8), second);
                }
                Avx2.Permute2x128(first, second, 0x20).Store(target + c);
                Avx2.Permute2x128(first, second, 0x31).Store(target + c + 8);
            }
            return;
        }
        if (Sse2.IsSupported || AdvSimd.Arm64.IsSupported)
        {
            for (int c = 0; c < width; c += Lanes / 2)
            {
                Vector128<int> first = default, second = default;
                short* w = weights + 2 * c;
                for (int tap = 0; tap < taps; tap += 2, w += 2 * width)
                {
                    Vector128<short> a = Vector128.Load(rows + offsets[tap] + c), b = Vector128.Load(rows + offsets[tap + 1] + c);
                    Vector128<short> low = Sse2.IsSupported ? Sse2.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b), high = Sse2.IsSupported ? Sse2.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);
                    first = ShortLanes128.MultiplyAdd(low.AsInt32(), Vector128.Load((int*)w), first);
                    second = ShortLanes128.MultiplyAdd(high.AsInt32(), Vector128.Load((int*)w + 4), second);
                }
                first.Store(target + c);
                second.Store(target + c + 4);
            }
            return;
        }
        for (int c = 0; c < channels; c++)
        {
            int sum = 0;
            short* w = weights + 2 * c;
            for (int tap = 0; tap < taps; tap += 2, w += 2 * width) sum += rows[offsets[tap] + c] * w[0] + rows[offsets[tap + 1] + c] * w[1];
            target[c] = sum;
        }
    }
}
