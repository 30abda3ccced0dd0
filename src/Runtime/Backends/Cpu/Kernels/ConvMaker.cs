using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Binds convolutions of floats with constant weights.</summary>
internal static class ConvMaker
{
    /// <summary>Each group has buffers of its own; with more of them than this, buffers would outweigh all else.</summary>
    private const int MostGroups = 4096;

    /// <summary>Depthwise convolution with one output for each channel.</summary>
    public static CpuKernel? Depthwise(CpuBinding binding)
    {
        if (Geometry(binding) is not { } geometry) return null;
        var op = (Conv)binding.Operator;
        if (op.Groups == 1 || op.Groups != geometry.Channels || binding.Output(0).Shape[-1] != geometry.Channels) return null;
        return LanesChoice.Widest(new DepthwiseMaker(binding, op, geometry), geometry.Channels);
    }

    /// <summary>Convolution by 3x3 windows as Winograd has it, 4x4 outputs at a time.</summary>
    public static CpuKernel? Winograd4(CpuBinding binding) => Winograd(binding, 4);

    /// <summary>Convolution by 3x3 windows as Winograd has it, 2x2 outputs at a time.</summary>
    public static CpuKernel? Winograd2(CpuBinding binding) => Winograd(binding, 2);

    /// <summary>Convolution as a product.</summary>
    public static CpuKernel? General(CpuBinding binding)
    {
        if (Geometry(binding) is not { } geometry) return null;
        var op = (Conv)binding.Operator;
        if (op.Groups > MostGroups) return null;
        return LanesChoice.Padded(new Maker(binding, op, geometry), binding.Output(0).Shape[-1] / op.Groups);
    }

    private static CpuKernel? Winograd(CpuBinding binding, int side)
    {
        if (binding.IsConstant(0) || Geometry(binding) is not { } geometry) return null;
        var op = (Conv)binding.Operator;
        int outputs = binding.Output(0).Shape[-1];
        if (op.Groups != 1 || !WinogradCost.Serves(geometry, outputs, side) || (binding.Choice is null && WinogradCost.Best(geometry, outputs) != side)) return null;
        return LanesChoice.Widest(new WinogradMaker(binding, op, geometry, side), outputs);
    }

    /// <summary>The window over the picture; null where operands are not those that kernels of floats take.</summary>
    internal static ConvGeometry? Geometry(CpuBinding binding)
    {
        TensorView bias = binding.Input(Conv.Bias), residual = binding.Input(Conv.Residual);
        if (!CpuBinding.Are(DataType.F32, binding.Input(0), binding.Input(1), binding.Output(0)) || !binding.IsConstant(1)) return null;
        // A residual is read a little beyond its end, which constants in a mapped file do not allow.
        if ((!bias.IsMissing && bias.DataType != DataType.F32) || (!residual.IsMissing && (residual.DataType != DataType.F32 || binding.IsConstant(Conv.Residual)))) return null;
        if (binding.Output(0).Shape.Count == 0 || binding.Input(1).Shape.Count == 0) return null;
        var geometry = new ConvGeometry(((Conv)binding.Operator).Window, binding.Input(0).Shape, binding.Output(0).Shape);
        return geometry.Fits ? geometry : null;
    }

    private sealed record DepthwiseMaker(CpuBinding Binding, Conv Op, ConvGeometry Geometry) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => DepthwiseKernel<L, V>.Make(Binding, Op, Geometry);
    }

    private sealed record Maker(CpuBinding Binding, Conv Op, ConvGeometry Geometry) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => ConvKernel<L, V>.Make(Binding, Op, Geometry);
    }

    private sealed record WinogradMaker(CpuBinding Binding, Conv Op, ConvGeometry Geometry, int Side) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => WinogradKernel<L, V>.Bind(Binding, Op, Geometry, Side);
    }
}
