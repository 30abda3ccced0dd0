using System.Numerics;
using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Depthwise convolution of integers, some channels at a time and row by row. Of each row of the picture, pixels are paired with the next tap's, widened to 16 bits, so that one instruction multiplies two taps
/// and adds them; rows stay until no window needs them any more. The zero point of x counts by the sums of weights, and padding is the zero point.
/// </summary>
internal sealed unsafe class ByteDepthwiseKernel<L, V> : CpuKernel where L : struct, IShortLanes<V> where V : unmanaged
{
    private const int CacheBytes = 24 * 1024, MostChannels = 128;

    private readonly ConvGeometry g;
    private readonly SumsEpilogue epilogue;
    private readonly byte* x;
    private readonly long inputBytes;
    private readonly int* weights;
    private readonly int channels, block, blocks, pairsX, taps, grain, positions, ringRows, flip, lineTiles, linesPerTile;
    private readonly byte fill;
    private readonly byte* scratch;
    private readonly long rowInts, offsetsAt, bytesAt, scratchBytes;

    /// <summary>Binds a quantized convolution with a group for each channel.</summary>
    public ByteDepthwiseKernel(CpuBinding binding, Conv op, ConvGeometry geometry)
    {
        g = geometry;
        TensorView input = binding.Input(0), weight = binding.Input(1);
        x = (byte*)input.Data;
        inputBytes = input.Type.ByteCount;
        channels = g.Channels;
        int width = (channels + L.Count - 1) / L.Count * L.Count;
        pairsX = (g.KernelX + 1) / 2;
        taps = g.KernelZ * g.KernelY * pairsX;
        (grain, positions, ringRows) = Layout(g);

        // I8 becomes U8 by turning the highest bit over, which adds 128 to the zero point too.
        bool signed = input.DataType == DataType.I8;
        int zeroX = input.Type.Quantization!.ZeroPoints[0];
        flip = signed ? 0x00800080 : 0;
        fill = unchecked((byte)zeroX);
        // The zero points of the weights are taken away here, so the epilogue knows of none.
        epilogue = new SumsEpilogue(binding, QuantizedProduct.Of(input.Type, weight.Type, op.Result, op.Activation, binding.Input(Conv.Gain)), binding.Input(2), [0], width, L.Count);
        weights = (int*)binding.Allocate((long)taps * width * sizeof(int));
        ReadOnlySpan<int> zeros = weight.Type.Quantization!.ZeroPoints;
        for (int c = 0, at = 0; c < channels; c++)
        {
            int sum = 0;
            for (int row = 0; row < g.KernelZ * g.KernelY; row++)
                for (int kx = 0; kx < g.KernelX; kx++, at++)
                {
                    int number = Requantize.Element(weight, at) - zeros[zeros.Length == 1 ? 0 : c];
                    sum += number;
                    ((short*)(weights + ((long)(c / L.Count) * taps + row * pairsX + kx / 2) * L.Count + c % L.Count))[kx % 2] = (short)number;
                }
            epilogue.TakeFromBias(c, 1, &sum, zeroX + (signed ? 128 : 0));
        }

        // As many channels at a time as keep the rows in the first-level cache.
        long rowsOfOne = (long)g.KernelZ * ringRows * positions * sizeof(int);
        block = (int)Math.Min(width, Math.Clamp(CacheBytes / rowsOfOne / L.Count * L.Count, L.Count, MostChannels));
        blocks = (width + block - 1) / block;
        rowInts = (long)positions * block;
        int lines = Math.Min(g.OutY, Math.Max(1, (4 * binding.Workers + blocks - 1) / blocks));
        linesPerTile = binding.Workers == 1 ? g.OutY : (g.OutY + lines - 1) / lines;
        lineTiles = (g.OutY + linesPerTile - 1) / linesPerTile;
        Tiles = checked(g.Batch * g.OutZ * lineTiles * blocks);
        offsetsAt = rowsOfOne * block;
        bytesAt = offsetsAt + (taps * sizeof(int) + 63) / 64 * 64;
        scratchBytes = bytesAt + 5 * 64 + ((long)g.OutX * L.Count + 63) / 64 * 64;
        scratch = (byte*)binding.Allocate(scratchBytes * binding.Workers);
    }

    public override string Name => $"depthwise_i8_{g.KernelY}x{g.KernelX}";

    public override int Tiles { get; }

    /// <summary>True when the rows that windows need are not absurdly large.</summary>
    public static bool Fits(ConvGeometry g)
    {
        (_, int positions, int rows) = Layout(g);
        return (long)g.KernelZ * rows <= 1 << 20 && (long)g.KernelZ * rows * positions <= 1 << 20;
    }

    public override void Run(int first, int last, int worker)
    {
        byte* own = scratch + worker * scratchBytes;
        for (int tile = first; tile < last; tile++)
        {
            int at = tile;
            int channel = at % blocks * block;
            at /= blocks;
            int line = at % lineTiles * linesPerTile, end = Math.Min(line + linesPerTile, g.OutY);
            at /= lineTiles;
            int plane = at % g.OutZ, image = at / g.OutZ;
            Lines(image, plane, line, end, channel, own);
        }
    }

    /// <summary>What of a row is paired: pixels a grain apart; and how many rows are kept.</summary>
    private static (int Grain, int Positions, int Rows) Layout(ConvGeometry g)
    {
        int grain = (int)BigInteger.GreatestCommonDivisor(g.StrideX, 2L * g.DilationX);
        return (grain, (g.NeededX - 1) / grain + 1, (g.KernelY - 1) * g.DilationY + 1);
    }

    /// <summary>Rows of the result, of some channels.</summary>
    private void Lines(int image, int plane, int line, int end, int channel, byte* own)
    {
        int used = Math.Min(block, channels - channel), filled = int.MinValue;
        int* ring = (int*)own, offsets = (int*)(own + offsetsAt);
        byte* picture = x + (long)image * g.SizeZ * g.SizeY * g.SizeX * channels + channel;
        for (; line < end; line++)
        {
            int top = line * g.StrideY - g.PadY, bottom = top + ringRows;
            for (int y = Math.Max(filled, top); y < bottom; y++)
                for (int kz = 0; kz < g.KernelZ; kz++)
                {
                    int z = plane * g.StrideZ - g.PadZ + kz * g.DilationZ;
                    bool inside = z >= 0 && z < g.SizeZ && y >= 0 && y < g.SizeY;
                    Pair(inside ? picture + ((long)z * g.SizeY + y) * g.SizeX * channels : null, used, ring + (kz * ringRows + Slot(y)) * rowInts, own + bytesAt);
                }
            filled = bottom;
            for (int kz = 0, tap = 0; kz < g.KernelZ; kz++)
                for (int ky = 0; ky < g.KernelY; ky++)
                    for (int pair = 0; pair < pairsX; pair++)
                        offsets[tap++] = (int)((kz * ringRows + Slot(top + ky * g.DilationY)) * rowInts + (long)pair * 2 * g.DilationX / grain * block);
            Row(ring, offsets, (((long)image * g.OutZ + plane) * g.OutY + line) * g.OutX, channel, used, (int*)(own + bytesAt));
        }
    }

    private int Slot(int y)
    {
        int slot = y % ringRows;
        return slot < 0 ? slot + ringRows : slot;
    }

    /// <summary>Pairs the pixels of a row, or what is outside of the picture, with those of the next tap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pair(byte* row, int used, int* target, byte* bytes)
    {
        if (row == null)
        {
            new Span<int>(target, checked(positions * block)).Fill((fill | (fill << 16)) ^ flip);
            return;
        }
        new Span<byte>(bytes, 64).Fill(fill);
        // Positions of which both pixels are inside of the picture, and whole vectors of whose channels are memory of the tensor's, need not be looked at one by one.
        int whole = (used + L.Count - 1) / L.Count * L.Count, first = Math.Clamp((Math.Max(0, g.PadX) + grain - 1) / grain, 0, positions);
        long room = Math.Min(g.SizeX - 1, (x + inputBytes - row - whole) / channels) + (long)g.PadX - g.DilationX;
        int last = room < 0 ? first : (int)Math.Clamp(room / grain + 1, first, positions);
        for (int i = 0; i < first; i++) Pair(row, used, i, target + (long)i * block, bytes);
        byte* left = row + ((long)first * grain - g.PadX) * channels, right = left + (long)g.DilationX * channels;
        int* to = target + (long)first * block;
        nint step = (nint)grain * channels;
        int mask = flip, to4 = block;
        for (int i = first; i < last; i++, left += step, right += step, to += to4)
            for (nint c = 0; c < whole; c += L.Count) L.Store(L.Pairs(left + c, right + c, mask), to + c);
        for (int i = last; i < positions; i++) Pair(row, used, i, target + (long)i * block, bytes);
    }

    /// <summary>Pairs the pixels of one position of a row, of which any may be outside of the picture, or at the end of the tensor's memory.</summary>
    private void Pair(byte* row, int used, int position, int* target, byte* bytes)
    {
        int left = position * grain - g.PadX, right = left + g.DilationX;
        bool hasLeft = left >= 0 && left < g.SizeX, hasRight = right >= 0 && right < g.SizeX;
        for (int c = 0; c < used; c += L.Count)
        {
            byte* first = bytes, second = bytes;
            if (hasLeft) first = Some(row + (long)left * channels + c, used - c, bytes + 64);
            if (hasRight) second = Some(row + (long)right * channels + c, used - c, bytes + 128);
            L.Store(L.Pairs(first, second, flip), target + c);
        }
    }

    private byte* Some(byte* pixel, int count, byte* bytes)
    {
        if (pixel + L.Count <= x + inputBytes) return pixel;
        for (int c = 0; c < Math.Min(count, L.Count); c++) bytes[c] = pixel[c];
        return bytes;
    }

    /// <summary>A row of the result.</summary>
    private void Row(int* ring, int* offsets, long pixel, int channel, int used, int* sums)
    {
        for (int c = 0; c < used; c += L.Count)
        {
            int* weight = weights + (long)(channel + c) * taps;
            int count = Math.Min(L.Count, used - c);
            if (epilogue.WritesBytes<V>())
            {
                if (count == L.Count)
                {
                    Row(ring + c, offsets, weight, channel + c, epilogue.At(pixel, channel + c), channels);
                    continue;
                }
                byte* own = (byte*)sums + 5 * 64, target = epilogue.At(pixel, channel + c);
                Row(ring + c, offsets, weight, channel + c, own, L.Count);
                for (int column = 0; column < g.OutX; column++, own += L.Count, target += channels) ByteRows.Copy(own, count, target);
            }
            else
            {
                for (int column = 0; column < g.OutX; column++)
                {
                    int* from = ring + c + (long)column * (g.StrideX / grain) * block;
                    V sum = default;
                    for (int tap = 0; tap < taps; tap++) sum = L.MultiplyAdd(L.Load(weight + (nint)tap * L.Count), L.Load(from + offsets[tap]), sum);
                    L.Store(sum, sums);
                    epilogue.Write(sums, 0, 1, pixel + column, channel + c, count, null);
                }
            }
        }
    }

    /// <summary>A row of the result, of one vector of channels, as bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row(int* from, int* offsets, int* weights, int channel, byte* target, nint to)
    {
        // Lanes: channels, two taps in each; eight or four pixels at a time share the weights. The last four overlap those before them, or repeat the last pixel. Equals: sum over taps of row[tap, c] * weight[tap, c].
        int last = Math.Min(3, g.OutX - 1), count = g.OutX, number = taps;
        nint step = (nint)(g.StrideX / grain) * block, step1 = step * Math.Min(1, last), step2 = step * Math.Min(2, last), step3 = step * last;
        nint to1 = to * Math.Min(1, last), to2 = to * Math.Min(2, last), to3 = to * last;
        int column = 0;
        for (; column + 8 <= count; column += 8)
        {
            int* p = from + column * step, w = weights;
            V s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            for (int tap = 0; tap < number; tap++, w += L.Count)
            {
                int* at = p + offsets[tap], middle = at + 4 * step;
                V v = L.Load(w);
                s0 = L.MultiplyAdd(v, L.Load(at), s0);
                s1 = L.MultiplyAdd(v, L.Load(at + step), s1);
                s2 = L.MultiplyAdd(v, L.Load(at + 2 * step), s2);
                s3 = L.MultiplyAdd(v, L.Load(at + step3), s3);
                s4 = L.MultiplyAdd(v, L.Load(middle), s4);
                s5 = L.MultiplyAdd(v, L.Load(middle + step), s5);
                s6 = L.MultiplyAdd(v, L.Load(middle + 2 * step), s6);
                s7 = L.MultiplyAdd(v, L.Load(middle + step3), s7);
            }
            epilogue.Write4(s0, s1, s2, s3, channel, target + column * to, to1, to2, to3);
            epilogue.Write4(s4, s5, s6, s7, channel, target + (column + 4) * to, to1, to2, to3);
        }
        for (; column < count; column += 4)
        {
            int at = Math.Max(0, Math.Min(column, count - 4));
            int* p = from + at * step, w = weights;
            V s0 = default, s1 = default, s2 = default, s3 = default;
            for (int tap = 0; tap < number; tap++, w += L.Count)
            {
                int* q = p + offsets[tap];
                V v = L.Load(w);
                s0 = L.MultiplyAdd(v, L.Load(q), s0);
                s1 = L.MultiplyAdd(v, L.Load(q + step1), s1);
                s2 = L.MultiplyAdd(v, L.Load(q + step2), s2);
                s3 = L.MultiplyAdd(v, L.Load(q + step3), s3);
            }
            epilogue.Write4(s0, s1, s2, s3, channel, target + at * to, to1, to2, to3);
        }
    }
}
