using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Binds convolutions and matrix products of 8-bit integers with constant weights.</summary>
internal static class ByteProductMaker
{
    private const int MostGroups = 4096;

    /// <summary>A quantized convolution; see <see cref="Conv.Result"/>.</summary>
    public static CpuKernel? Conv(CpuBinding binding)
    {
        var op = (Conv)binding.Operator;
        return op.Result.IsNone ? null : Conv(binding, op.Window, op.Groups, QuantizedProduct.Of(binding.Input(0).Type, binding.Input(1).Type, op.Result, op.Activation));
    }

    /// <summary>A quantized depthwise convolution with one output for each channel.</summary>
    public static CpuKernel? Depthwise(CpuBinding binding)
    {
        var op = (Conv)binding.Operator;
        int channels = binding.Input(0).Shape[-1];
        if (op.Result.IsNone || op.Groups == 1 || op.Groups != channels || binding.Output(0).Shape[-1] != channels || !IsBound(binding, true)) return null;
        var geometry = new ConvGeometry(op.Window, binding.Input(0).Shape, binding.Output(0).Shape);
        return geometry.Fits && ByteDepthwiseKernel.Fits(geometry) ? new ByteDepthwiseKernel(binding, op, geometry) : null;
    }

    /// <summary>A convolution of integers.</summary>
    public static CpuKernel? ConvInteger(CpuBinding binding) =>
        binding.Operator is ConvInteger op && HasConstantZeros(binding, binding.Input(1).Shape[0]) ? Conv(binding, op.Window, op.Groups, null) : null;

    /// <summary>A quantized matrix product; see <see cref="MatMul.Result"/>.</summary>
    public static CpuKernel? MatMul(CpuBinding binding)
    {
        var op = (MatMul)binding.Operator;
        return op.Result.IsNone ? null : MatMul(binding, QuantizedProduct.Of(binding.Input(0).Type, binding.Input(1).Type, op.Result, op.Activation));
    }

    /// <summary>A matrix product of integers.</summary>
    public static CpuKernel? MatMulInteger(CpuBinding binding) => HasConstantZeros(binding, binding.Input(1).Shape[-1]) ? MatMul(binding, null) : null;

    /// <summary>Zero points of the weights are made part of tables; that of x is read on each run, and is one.</summary>
    private static bool HasConstantZeros(CpuBinding binding, int columns)
    {
        TensorView x = binding.Input(2), weight = binding.Input(3);
        if (!x.IsMissing && (x.Shape.Count != 1 || x.DataType != binding.Input(0).DataType)) return false;
        return weight.IsMissing || (binding.IsConstant(3) && weight.DataType == binding.Input(1).DataType && (weight.Shape.Count == 1 || (weight.Shape.Count == columns && weight.Shape[-1] == columns)));
    }

    /// <summary>True when weights, and the bias of a quantized product, are known now, and there is something to do.</summary>
    private static bool IsBound(CpuBinding binding, bool quantized) =>
        binding.IsConstant(1) && (!quantized || binding.Input(2).IsMissing || binding.IsConstant(2)) && binding.Output(0).Shape.Count > 0 && binding.Input(1).Shape.Count > 0;

    private static CpuKernel? MatMul(CpuBinding binding, QuantizedProduct? product)
    {
        TensorView b = binding.Input(1);
        if (b.Shape.Rank != 2 || !IsBound(binding, product is not null)) return null;
        var shapes = new MatMulShapes(new MatMul(), binding.Input(0).Shape, b.Shape);
        return shapes.K == 0 ? null : Widest(new MatMulBuilder(binding, product, shapes), shapes.N);
    }

    private static CpuKernel? Conv(CpuBinding binding, Window window, int groups, QuantizedProduct? product)
    {
        if (groups > MostGroups || !IsBound(binding, product is not null)) return null;
        var geometry = new ConvGeometry(window, binding.Input(0).Shape, binding.Output(0).Shape);
        return geometry.Fits ? Widest(new ConvBuilder(binding, product, geometry, groups), binding.Input(1).Shape[0] / groups) : null;
    }

    /// <summary>The widest vectors give way to the next where covering the columns with them computes an eighth more of them.</summary>
    private static CpuKernel Widest<T>(T builder, int columns) where T : IBuilder =>
        Avx512BW.IsSupported && Covered(columns, 32) * 8 <= Covered(columns, 16) * 9 ? builder.Build<ShortLanes512, Vector512<int>>()
        : Avx2.IsSupported ? builder.Build<ShortLanes256, Vector256<int>>()
        : Vector128.IsHardwareAccelerated ? builder.Build<ShortLanes128, Vector128<int>>()
        : builder.Build<ShortLanes1, int>();

    private static long Covered(int columns, int width) => (columns + width - 1L) / width * width;

    /// <summary>The zero points of packed weights: those of U8 are less by 128, as the weights are.</summary>
    private static int[] ZeroPoints(CpuBinding binding, QuantizedProduct? product)
    {
        TensorView weight = binding.Input(1), zero = binding.Input(3);
        int[] zeros = product is not null ? weight.Type.Quantization!.ZeroPoints.ToArray()
            : zero.IsMissing ? [0] : [.. Enumerable.Range(0, (int)zero.Shape.Count).Select(i => Requantize.Element(zero, i))];
        return weight.DataType == DataType.U8 ? Array.ConvertAll(zeros, z => z - 128) : zeros;
    }

    private static SumsEpilogue Epilogue(CpuBinding binding, QuantizedProduct? product, int width) =>
        product is null ? new SumsEpilogue(binding, ZeroPoints(binding, product), width) : new SumsEpilogue(binding, product, binding.Input(2), ZeroPoints(binding, product), width);

    private static int? ZeroX(CpuBinding binding, QuantizedProduct? product) => product is null ? null : binding.Input(0).Type.Quantization!.ZeroPoints[0];

    private interface IBuilder
    {
        CpuKernel Build<L, V>() where L : struct, IShortLanes<V> where V : unmanaged;
    }

    private sealed record MatMulBuilder(CpuBinding Binding, QuantizedProduct? Product, MatMulShapes Shapes) : IBuilder
    {
        public CpuKernel Build<L, V>() where L : struct, IShortLanes<V> where V : unmanaged
        {
            var panels = new BytePanels<L, V>(Binding, 0, Shapes.K, Shapes.N, Shapes.N, 1);
            return new ByteMatMulKernel<L, V>(Binding, panels, Epilogue(Binding, Product, panels.Count * BytePanels<L, V>.Width), Shapes, ZeroX(Binding, Product));
        }
    }

    private sealed record ConvBuilder(CpuBinding Binding, QuantizedProduct? Product, ConvGeometry Geometry, int Groups) : IBuilder
    {
        public CpuKernel Build<L, V>() where L : struct, IShortLanes<V> where V : unmanaged
        {
            TensorView weight = Binding.Input(1);
            int outputs = weight.Shape[0] / Groups, k = (int)weight.Shape.Product(1, weight.Shape.Rank);
            var groups = new BytePanels<L, V>[Groups];
            for (int i = 0; i < groups.Length; i++)
                groups[i] = new BytePanels<L, V>(Binding, (long)i * outputs * k, k, outputs, 1, k);
            return new ByteConvKernel<L, V>(Binding, groups, Epilogue(Binding, Product, weight.Shape[0] + BytePanels<L, V>.Width), Geometry, k, ZeroX(Binding, Product));
        }
    }
}
