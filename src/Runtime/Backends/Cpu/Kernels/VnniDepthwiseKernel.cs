using EdgeRuntime.Backends.Cpu.MachineCode;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// What <see cref="QuadDepthwiseKernel{L, V}"/> computes, by <see cref="VnniTaps"/>. Weights need no bound, so four rows that are joined once may serve several lines of results whose windows lie within
/// them: for each line, the weights of the rows that its windows do not meet are zeros.
/// </summary>
internal sealed unsafe class VnniDepthwiseKernel : CpuKernel
{
    private const int Lanes = VnniTile.Lanes;

    private readonly ConvGeometry g;
    private readonly SumsEpilogue epilogue;
    private readonly QuadRows rows;
    private readonly VnniRange* range;
    private readonly nint* offsets;
    private readonly sbyte* weights;
    private readonly int channels, period, lines, taps, linesPerTile, lineTiles, size;
    private readonly VnniResult result;
    private readonly byte* scratch;
    private readonly long quadBytes, scratchBytes;

    private VnniDepthwiseKernel(CpuBinding binding, ConvGeometry geometry, SumsEpilogue epilogue)
    {
        g = geometry;
        this.epilogue = epilogue;
        TensorView input = binding.Input(0);
        size = epilogue.ElementSize;
        channels = g.Channels;
        period = QuadDepthwise.Period(channels, Lanes);
        int places = (g.KernelY + 3) / 4, lift = input.DataType == DataType.I8 ? 128 : 0;
        lines = g.DilationY == 1 && g.StrideY == 1 ? Math.Min(4 * places - g.KernelY + 1, g.OutY) : 1;
        // Rows one after the other where several lines share them; else those that there are, some of them twice, of which the first counts.
        int[][] rowsOf = lines > 1 ? [.. Enumerable.Range(0, 4 * places).Chunk(4)] : QuadTaps.Places(g.KernelY);
        rows = new QuadRows(binding, g, rowsOf, (byte)lift);
        if (epilogue.MayFinish)
        {
            (bool signed, int zeroY, int low, int high) = epilogue.Bytes;
            result = signed ? VnniResult.I8 : VnniResult.U8;
            range = (VnniRange*)binding.Allocate(sizeof(VnniRange));
            range->Set(zeroY, low, high);
        }

        ReadOnlySpan<sbyte> numbers = binding.Input(1).Span<sbyte>();
        int inChannel = g.KernelY * g.KernelX, zeroX = input.Type.Quantization!.ZeroPoints[0] + lift;
        for (int c = 0; c < channels; c++)
        {
            int sum = 0;
            for (int i = 0; i < inChannel; i++) sum += numbers[c * inChannel + i];
            epilogue.TakeFromBias(c, 1, &sum, zeroX);
        }
        epilogue.Repeat(binding, period);

        taps = places * g.KernelX;
        offsets = (nint*)binding.Allocate((long)taps * sizeof(nint));
        for (int tap = 0; tap < taps; tap++) offsets[tap] = (nint)rows.Offset(tap / g.KernelX, tap % g.KernelX) * sizeof(int);
        int vectors = period / Lanes;
        weights = (sbyte*)binding.Allocate((long)lines * vectors * taps * Lanes * 4);
        new Span<sbyte>(weights, checked(lines * vectors * taps * Lanes * 4)).Clear();
        for (int line = 0; line < lines; line++)
            for (int y = 0; y < g.KernelY; y++)
            {
                int slot = Slot(rowsOf, line + y);
                for (int x = 0; x < g.KernelX; x++)
                    for (int i = 0; i < period; i++)
                        Weights(line, i / Lanes)[((slot / 4 * g.KernelX + x) * Lanes + i % Lanes) * 4 + slot % 4] = numbers[i % channels * inChannel + y * g.KernelX + x];
            }

        int share = binding.Workers == 1 ? g.OutY : Math.Max(1, g.OutY / (4 * binding.Workers));
        linesPerTile = (share + lines - 1) / lines * lines;
        lineTiles = (g.OutY + linesPerTile - 1) / linesPerTile;
        Tiles = checked(g.Batch * lineTiles);
        quadBytes = rows.Bytes;
        // Sums, and the end of a row of results.
        scratchBytes = quadBytes + VnniTaps.Vectors * Lanes * sizeof(int) + 64;
        scratch = (byte*)binding.Allocate(scratchBytes * binding.Workers);
    }

    /// <summary>Binds a quantized convolution with a group for each channel, for which <see cref="QuadDepthwise.Fits"/> is true; null where sums become bytes in another way than by a factor less than a half.</summary>
    public static VnniDepthwiseKernel? Make(CpuBinding binding, Conv op, ConvGeometry geometry)
    {
        QuantizedProduct product = QuantizedProduct.Of(binding.Input(0).Type, binding.Input(1).Type, op.Result, op.Activation, binding.Input(Conv.Gain));
        var epilogue = new SumsEpilogue(binding, product, binding.Input(2), [0], geometry.Channels, Lanes);
        return epilogue.MayFinish || epilogue.WritesStored ? new VnniDepthwiseKernel(binding, geometry, epilogue) : null;
    }

    public override string Name => $"depthwise_i8_vnni_{g.KernelY}x{g.KernelX}";

    public override int Tiles { get; }

    public override void Run(int first, int last, int worker)
    {
        byte* own = scratch + worker * scratchBytes;
        for (int tile = first; tile < last; tile++)
        {
            int image = tile / lineTiles, line = tile % lineTiles * linesPerTile, end = Math.Min(line + linesPerTile, g.OutY);
            for (; line < end; line += lines)
                for (int column = 0; column < g.OutX; column += rows.Strip)
                {
                    int count = Math.Min(rows.Strip, g.OutX - column);
                    rows.Join(image, line, column, count, (int*)own);
                    for (int i = 0; i < lines && line + i < end; i++)
                        Row((int*)own, i, epilogue.At(((long)image * g.OutY + line + i) * g.OutX + column, 0), count * channels, (int*)(own + quadBytes));
                }
        }
    }

    /// <summary>Some pixels of a row of results: so many numbers.</summary>
    private void Row(int* quads, int line, byte* target, int count, int* sums)
    {
        var call = new VnniTaps.Call { Apart = (nint)period * sizeof(int), Offsets = offsets, OffsetsEnd = offsets + taps, Range = range, Next = period };
        for (int vector = 0, at = 0; at < period && at + Lanes <= count; vector++, at += Lanes) Vectors(ref call, quads + at, line, vector, target + (nint)at * size, (count - Lanes - at) / period + 1, sums);
        int whole = count / Lanes * Lanes;
        if (whole == count) return;
        byte* bytes = (byte*)(sums + VnniTaps.Vectors * Lanes);
        Vectors(ref call, quads + whole, line, whole % period / Lanes, bytes, 1, sums);
        ByteRows.Copy(bytes, (count - whole) * size, target + (nint)whole * size);
    }

    /// <summary>Vectors of results that lie a period apart and have the same weights.</summary>
    private void Vectors(ref VnniTaps.Call call, int* quads, int line, int vector, byte* target, int count, int* sums)
    {
        int column = vector * Lanes;
        call.Weights = Weights(line, vector);
        call.Quads = quads;
        call.Start = (int*)epilogue.Bias(column);
        call.Target = target;
        fixed (VnniTaps.Call* pointer = &call)
        {
            if (range != null)
            {
                call.Scales = epilogue.Scales(column);
                VnniTaps.Run(pointer, result, count);
                return;
            }
            call.Target = sums;
            for (int i = 0; i < count; i += VnniTaps.Vectors)
            {
                int some = Math.Min(VnniTaps.Vectors, count - i);
                call.Quads = quads + (nint)i * period;
                VnniTaps.Sum(pointer, some);
                epilogue.WriteStored(sums, Lanes, some, target + (nint)i * period * size, period, column, Lanes);
            }
        }
    }

    private sbyte* Weights(int line, int vector) => weights + ((nint)line * (period / Lanes) + vector) * taps * Lanes * 4;

    /// <summary>The first place in quads where a row is.</summary>
    private static int Slot(int[][] rowsOf, int row)
    {
        int slot = 0;
        while (rowsOf[slot / 4][slot % 4] != row) slot++;
        return slot;
    }
}
