using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Maximum of windows of 8-bit numbers, or the mean of quantized ones; a row of outputs for each tile.</summary>
internal sealed unsafe class BytePoolKernel : CpuKernel
{
    private readonly ConvGeometry g;
    private readonly QuantizedMean mean;
    private readonly bool averages, signed, countPads;
    private readonly int endZ, endY, endX, zeroY, low, high;
    private readonly byte* x, y;
    private readonly int* sums;
    private readonly byte* largest;
    private readonly long rowBytes;

    private BytePoolKernel(CpuBinding binding, Pool op, ConvGeometry geometry)
    {
        g = geometry;
        averages = op.Function == PoolFunction.Average;
        if (averages)
        {
            mean = new QuantizedMean(binding.Input(0).Type, op.Result);
            zeroY = op.Result.ZeroPoint;
            (low, high) = Requantize.Range(op.Result.Type);
        }
        signed = binding.Input(0).DataType == DataType.I8;
        countPads = op.CountIncludePad;
        x = (byte*)binding.Input(0).Data;
        y = (byte*)binding.Output(0).Data;
        if (averages) sums = (int*)binding.Allocate((long)g.Channels * binding.Workers * sizeof(int));
        // The largest of a picture's windows are looked for down rows first, and then across: a window of n by n costs 2·n instead of n².
        rowBytes = ((long)g.SizeX * g.Channels + 63) / 64 * 64;
        if (!averages && g.KernelZ == 1 && g.SizeZ == 1 && g.OutZ == 1 && g.PadZ == 0) largest = (byte*)binding.Allocate(rowBytes * binding.Workers);
        Window window = op.Window;
        int axes = window.Axes;
        int End(int axis, int size) => axis < 0 ? size : window.AutoPad != AutoPad.Explicit ? int.MaxValue : size + window.Pads[axis + axes];
        (endZ, endY, endX) = (End(axes - 3, g.SizeZ), End(axes - 2, g.SizeY), End(axes - 1, g.SizeX));
        Tiles = g.Batch * g.OutZ * g.OutY;
        Name = $"{(averages ? "average" : "max")}pool_{(signed ? "i8" : "u8")}_{g.KernelY}x{g.KernelX}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Pool)binding.Operator;
        bool serves = op.Function == PoolFunction.Average ? !op.Result.IsNone : op.Function == PoolFunction.Max && !op.WithIndices;
        if (!serves || binding.Input(0).DataType is not (DataType.I8 or DataType.U8) || binding.Output(0).Shape.Count == 0) return null;
        var geometry = new ConvGeometry(op.Window, binding.Input(0).Shape, binding.Output(0).Shape);
        return geometry.Fits ? new BytePoolKernel(binding, op, geometry) : null;
    }

    public override void Run(int first, int last, int worker)
    {
        for (int tile = first; tile < last; tile++)
        {
            int row = tile % g.OutY, plane = tile / g.OutY % g.OutZ, image = tile / g.OutY / g.OutZ;
            byte* picture = x + (long)image * g.SizeZ * g.SizeY * g.SizeX * g.Channels;
            if (largest != null)
            {
                Row(picture, row * g.StrideY - g.PadY, largest + worker * rowBytes, y + (long)tile * g.OutX * g.Channels);
                continue;
            }
            for (int column = 0; column < g.OutX; column++)
                Pixel(picture, plane * g.StrideZ - g.PadZ, row * g.StrideY - g.PadY, column * g.StrideX - g.PadX, sums + (long)worker * g.Channels, y + ((long)tile * g.OutX + column) * g.Channels);
        }
    }

    /// <summary>The largest of a row of windows whose first tap is in line <paramref name="top"/>.</summary>
    private void Row(byte* picture, int top, byte* best, byte* target)
    {
        nint width = (nint)g.SizeX * g.Channels;
        int firstTap = top >= 0 ? 0 : (g.DilationY - 1 - top) / g.DilationY;
        int lastTap = top >= g.SizeY ? -1 : Math.Min(g.KernelY - 1, (g.SizeY - 1 - top) / g.DilationY);
        byte* first = picture + (top + (nint)firstTap * g.DilationY) * width;
        bool any = firstTap <= lastTap;
        if (any) ByteSums.Largest(first, g.DilationY * width, lastTap - firstTap + 1, best, width, signed);
        for (int column = 0; column < g.OutX; column++, target += g.Channels)
        {
            int left = column * g.StrideX - g.PadX, inside = any && left >= 0 ? (g.SizeX - 1 - (g.KernelX - 1) * g.DilationX - left) / g.StrideX + 1 : 0;
            if (inside > 1)
            {
                // Windows with all taps within the picture.
                inside = Math.Min(inside, g.OutX - column);
                ByteSums.LargestAcross(best + (nint)left * g.Channels, (nint)g.DilationX * g.Channels, g.KernelX, (nint)g.StrideX * g.Channels, inside, target, g.Channels, signed);
                column += inside - 1;
                target += (nint)(inside - 1) * g.Channels;
                continue;
            }
            int from = left >= 0 ? 0 : (g.DilationX - 1 - left) / g.DilationX, to = left >= g.SizeX ? -1 : Math.Min(g.KernelX - 1, (g.SizeX - 1 - left) / g.DilationX);
            if (any && from <= to) ByteSums.Largest(best + (left + (nint)from * g.DilationX) * g.Channels, (nint)g.DilationX * g.Channels, to - from + 1, target, g.Channels, signed);
            else new Span<byte>(target, g.Channels).Fill(signed ? (byte)128 : (byte)0);
        }
    }

    private void Pixel(byte* picture, int z, int top, int left, int* sum, byte* target)
    {
        int taps = 0, counted = 0;
        if (averages) new Span<int>(sum, g.Channels).Clear();
        for (int kz = 0; kz < g.KernelZ; kz++)
            for (int ky = 0; ky < g.KernelY; ky++)
                for (int kx = 0; kx < g.KernelX; kx++)
                {
                    int atZ = z + kz * g.DilationZ, atY = top + ky * g.DilationY, atX = left + kx * g.DilationX;
                    bool inside = atZ >= 0 && atZ < g.SizeZ && atY >= 0 && atY < g.SizeY && atX >= 0 && atX < g.SizeX;
                    if (inside || (countPads && atZ < endZ && atY < endY && atX < endX)) counted++;
                    if (!inside) continue;
                    byte* tap = picture + (((long)atZ * g.SizeY + atY) * g.SizeX + atX) * g.Channels;
                    if (averages) ByteSums.Add(tap, sum, g.Channels, signed);
                    else Max(tap, target, taps == 0);
                    taps++;
                }
        if (averages)
            ByteSums.Requantized(sum, target, g.Channels, -taps * mean.Zero, counted == 0 ? 0 : mean.Multiplier(counted), zeroY, low, high);
        else if (taps == 0) new Span<byte>(target, g.Channels).Fill(signed ? (byte)128 : (byte)0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Max(byte* tap, byte* target, bool first)
    {
        // Lanes: 16 channels, the last of them overlapping those before. Equals: target[c] = max(target[c], tap[c]).
        int c = 0;
        if (Vector128.IsHardwareAccelerated && g.Channels >= 16)
        {
            for (; c < g.Channels; c += 16)
            {
                int at = Math.Min(c, g.Channels - 16);
                Vector128<byte> value = Vector128.Load(tap + at), best = first ? value : Vector128.Load(target + at);
                (signed ? Vector128.Max(value.AsSByte(), best.AsSByte()).AsByte() : Vector128.Max(value, best)).Store(target + at);
            }
        }
        for (; c < g.Channels; c++)
            if (first || (signed ? (sbyte)tap[c] > (sbyte)target[c] : tap[c] > target[c])) target[c] = tap[c];
    }
}
