using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Depthwise convolution of bytes in quads. The rows under a row of windows become quads of a column of taps (<see cref="QuadRows"/>), once for all columns of taps; any number of channels fills vectors, since pixels and channels are one row. Weights come around in as many vectors as it takes until channels begin with a vector again. The zero point of x counts by the sums of weights, and padding is the zero point.
/// </summary>
internal sealed unsafe class QuadDepthwiseKernel<L, V> : CpuKernel where L : struct, IQuadLanes<V> where V : unmanaged
{
    private readonly ConvGeometry g;
    private readonly SumsEpilogue epilogue;
    private readonly QuadRows rows;
    private readonly int channels, period, linesPerTile, lineTiles, size;
    private readonly int[] firstTap;
    private readonly int* offsets, weights;
    private readonly byte* scratch;
    private readonly long quadBytes, scratchBytes;

    /// <summary>Binds a quantized convolution with a group for each channel, for which <see cref="QuadDepthwise.Fits"/> is true.</summary>
    public QuadDepthwiseKernel(CpuBinding binding, Conv op, ConvGeometry geometry)
    {
        g = geometry;
        TensorView input = binding.Input(0), weight = binding.Input(1);
        channels = g.Channels;
        period = QuadDepthwise.Period(channels, L.Count);
        bool signed = input.DataType == DataType.I8;
        int zeroX = input.Type.Quantization!.ZeroPoints[0];
        rows = new QuadRows(binding, g, QuadTaps.Places(g.KernelY), (byte)((signed ? 128 : 0) ^ L.Offset));

        epilogue = new SumsEpilogue(binding, QuantizedProduct.Of(input.Type, weight.Type, op.Result, op.Activation, binding.Input(Conv.Gain)), binding.Input(2), [0], channels, L.Count);
        size = epilogue.ElementSize;
        ReadOnlySpan<sbyte> numbers = weight.Span<sbyte>();
        int taps = g.KernelY * g.KernelX;
        for (int c = 0; c < channels; c++)
        {
            int sum = 0;
            for (int i = 0; i < taps; i++) sum += numbers[c * taps + i];
            epilogue.TakeFromBias(c, 1, &sum, zeroX + (signed ? 128 : 0) - L.Offset);
        }
        epilogue.Repeat(binding, period);

        // For each vector until channels begin with one again: the quads, of which those that are left over are few.
        var quads = new QuadTaps(numbers, channels, g.KernelY, g.KernelX, L.NeedsBound);
        int vectors = period / L.Count;
        var order = new List<(int Vector, int Quad, bool Left)>();
        firstTap = new int[vectors + 1];
        for (int vector = 0; vector < vectors; vector++)
        {
            for (int quad = 0; quad < quads.Quads; quad++)
            {
                order.Add((vector, quad, false));
                bool left = false;
                for (int lane = 0; lane < L.Count; lane++) left |= quads.HasLeft(quad, (vector * L.Count + lane) % channels);
                if (left) order.Add((vector, quad, true));
            }
            firstTap[vector + 1] = order.Count;
        }
        offsets = (int*)binding.Allocate((long)order.Count * sizeof(int));
        weights = (int*)binding.Allocate((long)order.Count * L.Count * sizeof(int));
        for (int i = 0; i < order.Count; i++)
        {
            (int vector, int quad, bool left) = order[i];
            offsets[i] = rows.Offset(quad / g.KernelX, quad % g.KernelX);
            for (int lane = 0; lane < L.Count; lane++)
            {
                int channel = (vector * L.Count + lane) % channels;
                (left ? quads.Left(quad, channel) : quads.Weights(quad, channel)).CopyTo(new Span<sbyte>((sbyte*)(weights + (long)i * L.Count + lane), 4));
            }
        }

        linesPerTile = binding.Workers == 1 ? g.OutY : Math.Max(1, g.OutY / (4 * binding.Workers));
        lineTiles = (g.OutY + linesPerTile - 1) / linesPerTile;
        Tiles = checked(g.Batch * lineTiles);
        quadBytes = rows.Bytes;
        scratchBytes = quadBytes + 64;
        scratch = (byte*)binding.Allocate(scratchBytes * binding.Workers);
    }

    public override string Name => $"depthwise_i8_quads_{g.KernelY}x{g.KernelX}";

    public override int Tiles { get; }

    public override void Run(int first, int last, int worker)
    {
        byte* own = scratch + worker * scratchBytes;
        for (int tile = first; tile < last; tile++)
        {
            int image = tile / lineTiles, line = tile % lineTiles * linesPerTile, end = Math.Min(line + linesPerTile, g.OutY);
            for (; line < end; line++)
                for (int column = 0; column < g.OutX; column += rows.Strip)
                {
                    int count = Math.Min(rows.Strip, g.OutX - column);
                    rows.Join(image, line, column, count, (int*)own);
                    Row((int*)own, epilogue.At(((long)image * g.OutY + line) * g.OutX + column, 0), count * channels, own + quadBytes);
                }
        }
    }

    /// <summary>Some pixels of a row of results: so many numbers.</summary>
    private void Row(int* quads, byte* target, int count, byte* bytes)
    {
        for (int vector = 0, at = 0; vector < firstTap.Length - 1 && at + L.Count <= count; vector++, at += L.Count)
            Vectors(quads + at, firstTap[vector], firstTap[vector + 1], at, target + (nint)at * size, (count - L.Count - at) / period + 1);
        int whole = count / L.Count * L.Count;
        if (whole == count) return;
        int last = whole % period / L.Count;
        Vectors(quads + whole, firstTap[last], firstTap[last + 1], last * L.Count, bytes, 1);
        ByteRows.Copy(bytes, (count - whole) * size, target + (nint)whole * size);
    }

    /// <summary>Vectors of results that lie a period apart and have the same weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Vectors(int* quads, int firstTap, int lastTap, int column, byte* target, int count)
    {
        // Lanes: channels, four taps in each; eight or four vectors at a time share the weights. The last four overlap those before them, or repeat the last one. Equals: sum over taps of quads[tap, i] * weight[tap, i].
        int last = Math.Min(3, count - 1), step = period;
        nint step1 = step * Math.Min(1, last), step2 = step * Math.Min(2, last), step3 = step * last, apart = step;
        sbyte* first = (sbyte*)(weights + (nint)firstTap * L.Count);
        V bias = L.Load(epilogue.Bias(column));
        int* sums = stackalloc int[8 * 16];
        int i = 0;
        for (; i + 8 <= count; i += 8)
        {
            int* p = quads + i * apart;
            sbyte* w = first;
            V s0 = bias, s1 = bias, s2 = bias, s3 = bias, s4 = bias, s5 = bias, s6 = bias, s7 = bias;
            for (int tap = firstTap; tap < lastTap; tap++, w += 4 * L.Count)
            {
                sbyte* at = (sbyte*)(p + offsets[tap]), middle = at + 16 * apart;
                V v = L.Load(w);
                s0 = L.MultiplyAdd(L.Load(at), v, s0);
                s1 = L.MultiplyAdd(L.Load(at + 4 * apart), v, s1);
                s2 = L.MultiplyAdd(L.Load(at + 8 * apart), v, s2);
                s3 = L.MultiplyAdd(L.Load(at + 12 * apart), v, s3);
                s4 = L.MultiplyAdd(L.Load(middle), v, s4);
                s5 = L.MultiplyAdd(L.Load(middle + 4 * apart), v, s5);
                s6 = L.MultiplyAdd(L.Load(middle + 8 * apart), v, s6);
                s7 = L.MultiplyAdd(L.Load(middle + 12 * apart), v, s7);
            }
            if (epilogue.WritesStored)
            {
                L.Store(s0, sums);
                L.Store(s1, sums + L.Count);
                L.Store(s2, sums + 2 * L.Count);
                L.Store(s3, sums + 3 * L.Count);
                L.Store(s4, sums + 4 * L.Count);
                L.Store(s5, sums + 5 * L.Count);
                L.Store(s6, sums + 6 * L.Count);
                L.Store(s7, sums + 7 * L.Count);
                epilogue.WriteStored(sums, L.Count, 8, target + i * apart * size, apart, column, L.Count);
                continue;
            }
            epilogue.WriteVectors(s0, s1, s2, s3, column, target + i * apart, step1, step2, step3, L.Count);
            epilogue.WriteVectors(s4, s5, s6, s7, column, target + (i + 4) * apart, step1, step2, step3, L.Count);
        }
        for (; i < count; i += 4)
        {
            nint at = Math.Max(0, Math.Min(i, count - 4)) * apart;
            sbyte* w = first;
            V s0 = bias, s1 = bias, s2 = bias, s3 = bias;
            for (int tap = firstTap; tap < lastTap; tap++, w += 4 * L.Count)
            {
                int* q = quads + at + offsets[tap];
                V v = L.Load(w);
                s0 = L.MultiplyAdd(L.Load((sbyte*)q), v, s0);
                s1 = L.MultiplyAdd(L.Load((sbyte*)(q + step1)), v, s1);
                s2 = L.MultiplyAdd(L.Load((sbyte*)(q + step2)), v, s2);
                s3 = L.MultiplyAdd(L.Load((sbyte*)(q + step3)), v, s3);
            }
            if (epilogue.WritesStored)
            {
                L.Store(s0, sums);
                L.Store(s1, sums + L.Count);
                L.Store(s2, sums + 2 * L.Count);
                L.Store(s3, sums + 3 * L.Count);
                epilogue.WriteStored(sums, L.Count, Math.Min(4, count), target + at * size, apart, column, L.Count);
                continue;
            }
            epilogue.WriteVectors(s0, s1, s2, s3, column, target + at, step1, step2, step3, L.Count);
        }
    }
}

/// <summary>How a depthwise convolution in quads is cut.</summary>
internal static class QuadDepthwise
{
    private const int CacheBytes = 24 * 1024, MostRows = 12, MostColumns = 32, MostBytes = 1 << 22;

    /// <summary>True where the kernel serves: I8 weights without zero points, some rows of taps, and nothing absurdly large.</summary>
    public static bool Fits(CpuBinding binding, Conv op, ConvGeometry g)
    {
        TensorView weight = binding.Input(1);
        if (weight.DataType != DataType.I8 || weight.Type.Quantization!.ZeroPoints.IndexOfAnyExcept(0) >= 0) return false;
        if (g.KernelZ > 1 || g.SizeZ > 1 || g.OutZ > 1 || g.PadZ != 0 || g.KernelY is < 2 or > MostRows || g.KernelX > MostColumns) return false;
        (int strip, long ints) = Strip(g);
        return ints * Remainders(g).Length * ((g.KernelY + 3) / 4) * sizeof(int) <= MostBytes && (long)Period(g.Channels, 16) * g.KernelX * g.KernelY <= MostBytes && strip > 0;
    }

    /// <summary>Numbers until channels begin with a vector again.</summary>
    public static int Period(int channels, int lanes) => checked(channels / (int)System.Numerics.BigInteger.GreatestCommonDivisor(channels, lanes) * lanes);

    /// <summary>What is left of the places of taps along x when they are divided by the stride: each is a row of pixels of its own.</summary>
    public static int[] Remainders(ConvGeometry g) => [.. Enumerable.Range(0, g.KernelX).Select(tap => tap * g.DilationX % g.StrideX).Distinct().Order()];

    /// <summary>Pixels of a row of results that are worked on at a time, so that their quads fit the first-level cache, and how many numbers of quads a row of pixels has.</summary>
    public static (int Pixels, long Ints) Strip(ConvGeometry g)
    {
        long pixel = (long)((g.KernelY + 3) / 4) * Remainders(g).Length * g.Channels * sizeof(int), reach = (long)(g.KernelX - 1) * g.DilationX / g.StrideX;
        int pixels = (int)Math.Clamp(CacheBytes / pixel - reach, Math.Min(8, g.OutX), g.OutX);
        // Strips of about the same length, and a vector more that may be read past the end.
        int strips = (g.OutX + pixels - 1) / pixels;
        pixels = (g.OutX + strips - 1) / strips;
        return (pixels, (pixels + reach + 1) * g.Channels + 16);
    }
}
