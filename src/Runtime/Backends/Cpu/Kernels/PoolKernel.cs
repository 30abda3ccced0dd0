using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Maximum or mean of windows of floats, a row of outputs for each tile.</summary>
internal sealed unsafe class PoolKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    private readonly ConvGeometry g;
    private readonly bool mean, countPads;
    private readonly int endZ, endY, endX;
    private readonly float* x, y;

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
        Tiles = g.Batch * g.OutZ * g.OutY;
        Name = $"{(mean ? "average" : "max")}pool_f32_{(axes > 2 ? $"{g.KernelZ}x" : "")}{g.KernelY}x{g.KernelX}";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, Pool op, ConvGeometry geometry) => new PoolKernel<L, V>(binding, op, geometry);

    public override void Run(int first, int last, int worker)
    {
        for (int tile = first; tile < last; tile++)
        {
            int row = tile % g.OutY, plane = tile / g.OutY % g.OutZ, image = tile / g.OutY / g.OutZ;
            int z = plane * g.StrideZ - g.PadZ, top = row * g.StrideY - g.PadY;
            (int fromZ, int toZ) = Inside(z, g.KernelZ, g.DilationZ, g.SizeZ);
            (int fromY, int toY) = Inside(top, g.KernelY, g.DilationY, g.SizeY);
            int rowsCounted = Counted(z, g.KernelZ, g.DilationZ, endZ) * Counted(top, g.KernelY, g.DilationY, endY);
            float* picture = x + (long)image * g.SizeZ * g.SizeY * g.SizeX * g.Channels;
            for (int column = 0; column < g.OutX; column++)
            {
                int left = column * g.StrideX - g.PadX;
                (int fromX, int toX) = Inside(left, g.KernelX, g.DilationX, g.SizeX);
                int count = countPads ? rowsCounted * Counted(left, g.KernelX, g.DilationX, endX) : (toZ - fromZ) * (toY - fromY) * (toX - fromX);
                float* target = y + ((long)tile * g.OutX + column) * g.Channels;
                if (toZ == fromZ || toY == fromY || toX == fromX)
                {
                    new Span<float>(target, g.Channels).Fill(mean ? 0 : float.MinValue);
                    continue;
                }
                long offset = (((long)z + fromZ * g.DilationZ) * g.SizeY + top + fromY * g.DilationY) * g.SizeX + left + fromX * g.DilationX;
                Pixel(picture + offset * g.Channels, toZ - fromZ, toY - fromY, toX - fromX, 1f / Math.Max(1, count), target);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pixel(float* source, int planes, int rows, int columns, float factor, float* target)
    {
        // Lanes: channels. Tail: the last vector overlaps the one before it.
        // Equals: target[c] = max or sum over the taps inside of source[tap, c]; the sum times factor.
        nint tapStep = g.DilationX * g.Channels, rowStep = (nint)g.DilationY * g.SizeX * g.Channels, planeStep = (nint)g.DilationZ * g.SizeY * g.SizeX * g.Channels;
        for (int channel = 0; channel < g.Channels; channel += L.Count)
        {
            int c = Math.Min(channel, g.Channels - L.Count);
            V result = mean ? default : L.Load(source + c);
            for (int z = 0; z < planes; z++)
                for (int row = 0; row < rows; row++)
                {
                    float* tap = source + z * planeStep + row * rowStep + c;
                    for (int column = 0; column < columns; column++, tap += tapStep)
                    {
                        V value = L.Load(tap);
                        // Once NaN, a maximum stays NaN.
                        result = mean ? L.Add(result, value) : L.Select(L.Equal(value, value), L.Max(value, result), value);
                    }
                }
            L.Store(mean ? L.Mul(result, L.All(factor)) : result, target + c);
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
