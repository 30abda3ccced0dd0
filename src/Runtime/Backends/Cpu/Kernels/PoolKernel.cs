using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>What a window of numbers is made one of.</summary>
internal interface IPoolStep
{
    /// <summary>What is so far, and one number more.</summary>
    static abstract V Next<L, V>(V sofar, V value) where L : struct, ILanes<V> where V : unmanaged;
}

/// <summary>
/// Maximum or mean of windows of floats, a row of outputs for each tile. Where windows have several rows and share columns, rows are made one first, in the worker's own
/// memory, and then columns: k + k taps instead of k x k.
/// </summary>
internal sealed unsafe class PoolKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    private readonly ConvGeometry g;
    private readonly bool mean, countPads;
    private readonly int endZ, endY, endX;
    private readonly float* x, y, scratch;
    private readonly long scratchFloats;

    private PoolKernel(CpuBinding binding, Pool op, ConvGeometry geometry)
    {
        g = geometry;
        mean = op.Function == PoolFunction.Average;
        countPads = op.CountIncludePad;
        x = (float*)binding.Input(0).Data;
        y = (float*)binding.Output(0).Data;
        // How far taps count as padding; a window that sticks out farther (ceil mode) loses the rest.
        Window window = op.Window;
        int axes = window.Axes;
        int End(int axis, int size) => axis < 0 ? size : window.AutoPad != AutoPad.Explicit ? int.MaxValue : size + window.Pads[axis + axes];
        (endZ, endY, endX) = (End(axes - 3, g.SizeZ), End(axes - 2, g.SizeY), End(axes - 1, g.SizeX));
        if (g.KernelZ * g.KernelY > 2 && g.KernelX >= g.StrideX && g.OutX > 1)
        {
            scratchFloats = ((long)g.SizeX * g.Channels + 15) / 16 * 16;
            scratch = (float*)binding.Allocate(scratchFloats * binding.Workers * sizeof(float));
        }
        Tiles = g.Batch * g.OutZ * g.OutY;
        Name = $"{(mean ? "average" : "max")}pool_f32_{(axes > 2 ? $"{g.KernelZ}x" : "")}{g.KernelY}x{g.KernelX}{(scratch != null ? "_apart" : "")}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, Pool op, ConvGeometry geometry) => new PoolKernel<L, V>(binding, op, geometry);

    public override void Run(int first, int last, int worker)
    {
        float* rows = scratch == null ? null : scratch + worker * scratchFloats;
        for (int tile = first; tile < last; tile++)
        {
            if (mean) Row<Sum>(tile, rows);
            else Row<Largest>(tile, rows);
        }
    }

    private void Row<R>(int tile, float* scratch) where R : struct, IPoolStep
    {
        int row = tile % g.OutY, plane = tile / g.OutY % g.OutZ, image = tile / g.OutY / g.OutZ;
        int z = plane * g.StrideZ - g.PadZ, top = row * g.StrideY - g.PadY;
        (int fromZ, int toZ) = Inside(z, g.KernelZ, g.DilationZ, g.SizeZ);
        (int fromY, int toY) = Inside(top, g.KernelY, g.DilationY, g.SizeY);
        (int planes, int rows) = (toZ - fromZ, toY - fromY);
        int rowsCounted = Counted(z, g.KernelZ, g.DilationZ, endZ) * Counted(top, g.KernelY, g.DilationY, endY);
        long firstRow = ((long)image * g.SizeZ + z + fromZ * g.DilationZ) * g.SizeY + top + fromY * g.DilationY;
        float* source = x + firstRow * g.SizeX * g.Channels, target = y + (long)tile * g.OutX * g.Channels;
        int inside = planes * rows;
        if (scratch != null && inside > 0)
        {
            Rows<R>(source, planes, rows, scratch);
            source = scratch;
            (planes, rows) = (1, 1);
        }
        for (int column = 0; column < g.OutX; column++, target += g.Channels)
        {
            int left = column * g.StrideX - g.PadX;
            (int fromX, int toX) = left >= 0 && left + (g.KernelX - 1) * g.DilationX < g.SizeX ? (0, g.KernelX) : Inside(left, g.KernelX, g.DilationX, g.SizeX);
            if (inside == 0 || toX == fromX)
            {
                new Span<float>(target, g.Channels).Fill(mean ? 0 : float.MinValue);
                continue;
            }
            int count = !mean ? 1 : countPads ? rowsCounted * Counted(left, g.KernelX, g.DilationX, endX) : inside * (toX - fromX);
            Pixel<R>(source + ((long)left + fromX * g.DilationX) * g.Channels, planes, rows, toX - fromX, 1f / Math.Max(1, count), target);
        }
    }

    /// <summary>Makes some rows one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rows<R>(float* source, int planes, int rows, float* target) where R : struct, IPoolStep
    {
        // Lanes: channels of pixels. Tail: the last vector overlaps the one before it. Equals: target[i] = max or sum over rows of source[row, i].
        nint rowStep = (nint)g.DilationY * g.SizeX * g.Channels, planeStep = (nint)g.DilationZ * g.SizeY * g.SizeX * g.Channels;
        long length = (long)g.SizeX * g.Channels;
        for (long at = 0; at < length; at += L.Count)
        {
            float* from = source + Math.Min(at, length - L.Count);
            V result = L.Load(from);
            if (planes == 1 && rows == 3)
            {
                result = R.Next<L, V>(R.Next<L, V>(result, L.Load(from + rowStep)), L.Load(from + 2 * rowStep));
            }
            else
            {
                for (int z = 0; z < planes; z++)
                    for (int row = z == 0 ? 1 : 0; row < rows; row++) result = R.Next<L, V>(result, L.Load(from + z * planeStep + row * rowStep));
            }
            L.Store(result, target + (from - source));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pixel<R>(float* source, int planes, int rows, int columns, float factor, float* target) where R : struct, IPoolStep
    {
        // Lanes: channels. Tail: the last vector overlaps the one before it.
        // Equals: target[c] = max or sum over the taps inside of source[tap, c]; the sum times factor.
        nint tapStep = g.DilationX * g.Channels, rowStep = (nint)g.DilationY * g.SizeX * g.Channels, planeStep = (nint)g.DilationZ * g.SizeY * g.SizeX * g.Channels;
        int channels = g.Channels;
        V scale = L.All(factor);
        bool means = mean;
        for (int channel = 0; channel < channels; channel += L.Count)
        {
            int c = Math.Min(channel, channels - L.Count);
            V result = L.Load(source + c);
            if (planes == 1 && rows == 1)
            {
                float* tap = source + c + tapStep;
                for (int column = 1; column < columns; column++, tap += tapStep) result = R.Next<L, V>(result, L.Load(tap));
            }
            else
            {
                for (int z = 0; z < planes; z++)
                    for (int row = 0; row < rows; row++)
                    {
                        int begin = (z | row) == 0 ? 1 : 0;
                        float* tap = source + z * planeStep + row * rowStep + c + begin * tapStep;
                        for (int column = begin; column < columns; column++, tap += tapStep) result = R.Next<L, V>(result, L.Load(tap));
                    }
            }
            L.Store(means ? L.Mul(result, scale) : result, target + c);
        }
    }

    /// <summary>The range of taps that lie inside the picture.</summary>
    private static (int From, int To) Inside(int start, int kernel, int dilation, int size)
    {
        int from = start >= 0 ? 0 : Math.Min(kernel, (-start + dilation - 1) / dilation);
        return (from, Math.Max(from, start >= size ? 0 : Math.Min(kernel, (size - 1 - start) / dilation + 1)));
    }

    /// <summary>How many taps lie before <paramref name="end"/>.</summary>
    private static int Counted(int start, int kernel, int dilation, int end) =>
        start >= end ? 0 : (int)Math.Min(kernel, ((long)end - 1 - start) / dilation + 1);

    private readonly struct Sum : IPoolStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static W Next<M, W>(W sofar, W value) where M : struct, ILanes<W> where W : unmanaged => M.Add(sofar, value);
    }

    private readonly struct Largest : IPoolStep
    {
        // Once NaN, a maximum stays NaN.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static W Next<M, W>(W sofar, W value) where M : struct, ILanes<W> where W : unmanaged => M.Select(M.Equal(value, value), M.Max(value, sofar), value);
    }
}

/// <summary>Binds pooling of floats.</summary>
internal static class PoolMaker
{
    /// <summary>The kernel for a step; null when it is not one of floats, or asks for indices.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Pool)binding.Operator;
        if (op.WithIndices || op.Function == PoolFunction.Lp || !CpuBinding.Are(DataType.F32, binding.Input(0), binding.Output(0)) || binding.Output(0).Shape.Count == 0) return null;
        var geometry = new ConvGeometry(op.Window, binding.Input(0).Shape, binding.Output(0).Shape);
        if (!geometry.Fits) return null;
        return LanesChoice.Widest(new Maker(binding, op, geometry), geometry.Channels);
    }

    private sealed record Maker(CpuBinding Binding, Pool Op, ConvGeometry Geometry) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => PoolKernel<L, V>.Bind(Binding, Op, Geometry);
    }
}
