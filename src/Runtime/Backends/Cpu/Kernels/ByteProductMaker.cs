using System.Runtime.Intrinsics;
using EdgeRuntime.Backends.Cpu.MachineCode;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Binds convolutions and matrix products of 8-bit integers with constant weights.</summary>
internal static class ByteProductMaker
{
    private const int MostGroups = 4096, FewestRows = 12;

    /// <summary>A quantized convolution; see <see cref="Conv.Result"/>.</summary>
    public static CpuKernel? Conv(CpuBinding binding)
    {
        var op = (Conv)binding.Operator;
        return op.Result.IsNone || !HasConstantGain(binding) ? null : Conv(binding, op.Window, op.Groups, QuantizedProduct.Of(binding.Input(0).Type, binding.Input(1).Type, op.Result, op.Activation, binding.Input(Operators.Conv.Gain)));
    }

    /// <summary>A quantized depthwise convolution with one output for each channel.</summary>
    public static CpuKernel? Depthwise(CpuBinding binding)
    {
        var op = (Conv)binding.Operator;
        int channels = binding.Input(0).Shape[-1];
        if (op.Result.IsNone || !HasConstantGain(binding) || op.Groups == 1 || op.Groups != channels || binding.Output(0).Shape[-1] != channels || !IsBound(binding, true)) return null;
        var geometry = new ConvGeometry(op.Window, binding.Input(0).Shape, binding.Output(0).Shape);
        if (!geometry.Fits || !ByteDepthwiseKernel<ShortLanes1, int>.Fits(geometry)) return null;
        if (QuadDepthwise.Fits(binding, op, geometry))
            switch (ProductPaths.Choose(binding.Context.Products, 16, true, () => true))
            {
                case ProductPath.QuadsVnni512 when VnniDepthwiseKernel.Make(binding, op, geometry) is { } kernel: return kernel;
                case ProductPath.QuadsVnni512 or ProductPath.Quads512: return new QuadDepthwiseKernel<QuadLanes512, Vector512<int>>(binding, op, geometry);
                case ProductPath.QuadsVnni: return new QuadDepthwiseKernel<QuadLanesVnni, Vector256<int>>(binding, op, geometry);
                case ProductPath.Quads256: return new QuadDepthwiseKernel<QuadLanes256, Vector256<int>>(binding, op, geometry);
                case ProductPath.QuadsDot: return new QuadDepthwiseKernel<QuadLanesDot, Vector128<int>>(binding, op, geometry);
                case ProductPath.Quads128: return new QuadDepthwiseKernel<QuadLanes128, Vector128<int>>(binding, op, geometry);
            }
        // Else taps are taken in pairs of 16 bits.
        return ProductPaths.Lanes(ProductPaths.Choose(binding.Products, channels, false, () => false)) switch
        {
            16 => new ByteDepthwiseKernel<ShortLanes512, Vector512<int>>(binding, op, geometry),
            8 => new ByteDepthwiseKernel<ShortLanes256, Vector256<int>>(binding, op, geometry),
            4 => new ByteDepthwiseKernel<ShortLanes128, Vector128<int>>(binding, op, geometry),
            _ => new ByteDepthwiseKernel<ShortLanes1, int>(binding, op, geometry),
        };
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

    private static bool HasConstantGain(CpuBinding binding) => binding.Input(Operators.Conv.Gain).IsMissing || binding.IsConstant(Operators.Conv.Gain);

    /// <summary>True when weights, and the bias of a quantized product, are known now, and there is something to do.</summary>
    private static bool IsBound(CpuBinding binding, bool quantized) =>
        binding.IsConstant(1) && (!quantized || binding.Input(2).IsMissing || binding.IsConstant(2)) && binding.Output(0).Shape.Count > 0 && binding.Input(1).Shape.Count > 0;

    private static CpuKernel? MatMul(CpuBinding binding, QuantizedProduct? product)
    {
        TensorView b = binding.Input(1);
        if (b.Shape.Rank != 2 || !IsBound(binding, product is not null)) return null;
        var shapes = new MatMulShapes(new MatMul(), binding.Input(0).Shape, b.Shape);
        return shapes.K == 0 ? null : new Product(binding, product, 1, shapes.M, shapes.K, shapes.N, shapes.N, 1, (multiple, flips) => new ByteMatrix(binding, shapes.K, multiple, flips, "matmul")).Bind();
    }

    private static CpuKernel? Conv(CpuBinding binding, Window window, int groups, QuantizedProduct? product)
    {
        if (groups > MostGroups || !IsBound(binding, product is not null)) return null;
        TensorView weight = binding.Input(1);
        var geometry = new ConvGeometry(window, binding.Input(0).Shape, binding.Output(0).Shape);
        if (!geometry.Fits) return null;
        int k = checked((int)weight.Shape.Product(1, weight.Shape.Rank));
        Func<int, bool, ByteOperand> operand = geometry.IsPointwise && groups == 1
            ? (multiple, flips) => new ByteMatrix(binding, k, multiple, flips, "conv1x1") : (multiple, flips) => new ByteWindows(binding, geometry, groups, k, multiple, flips);
        return new Product(binding, product, groups, geometry.Pixels, k, weight.Shape[0] / groups, 1, k, operand).Bind();
    }

    /// <summary>The zero points of packed weights: those of U8 are less by 128, as the weights are.</summary>
    private static int[] ZeroPoints(CpuBinding binding, QuantizedProduct? product)
    {
        TensorView weight = binding.Input(1), zero = binding.Input(3);
        int[] zeros = product is not null ? weight.Type.Quantization!.ZeroPoints.ToArray()
            : zero.IsMissing ? [0] : [.. Enumerable.Range(0, (int)zero.Shape.Count).Select(i => Requantize.Element(zero, i))];
        return weight.DataType == DataType.U8 ? Array.ConvertAll(zeros, z => z - 128) : zeros;
    }

    /// <summary>A product to bind to a path.</summary>
    /// <param name="Binding">The step.</param>
    /// <param name="Quantized">How sums become results; null for plain integers.</param>
    /// <param name="Groups">Groups of columns.</param>
    /// <param name="Rows">Number of rows.</param>
    /// <param name="K">Numbers in a row.</param>
    /// <param name="Columns">Columns of a group.</param>
    /// <param name="RowStep">From a weight to the next along k.</param>
    /// <param name="ColumnStep">From a weight to that of the next column.</param>
    /// <param name="Operand">Makes the rows, of a multiple of some bytes and perhaps with the highest bits turned over.</param>
    private sealed unsafe record Product(CpuBinding Binding, QuantizedProduct? Quantized, int Groups, long Rows, int K, int Columns, nint RowStep, nint ColumnStep, Func<int, bool, ByteOperand> Operand)
    {
        private readonly ProductPath wanted = Binding.Products;

        private int? ZeroX => Quantized is null ? null : Binding.Input(0).Type.Quantization!.ZeroPoints[0];

        public CpuKernel Bind()
        {
            TensorView weight = Binding.Input(1);
            int[] zeros = ZeroPoints(Binding, Quantized);
            bool allowsQuads = weight.DataType == DataType.I8 && zeros.AsSpan().IndexOfAnyExcept(0) < 0;
            return ProductPaths.Choose(wanted, Columns, allowsQuads, () => ColumnStep == 1 ? PairBound.OfMatrix(weight) : PairBound.OfConv(weight)) switch
            {
                ProductPath.QuadsVnni512 => Machine(zeros),
                ProductPath.Quads512 => Pairs<QuadLanes512, Vector512<int>>(),
                ProductPath.QuadsVnni => Quads<QuadLanesVnni, Vector256<int>>(),
                ProductPath.Quads256 => Pairs<QuadLanes256, Vector256<int>>(),
                ProductPath.QuadsDot => Quads<QuadLanesDot, Vector128<int>>(),
                ProductPath.Quads128 => Quads<QuadLanes128, Vector128<int>>(),
                ProductPath.Quads1 => Quads<QuadLanes1, int>(),
                ProductPath.Shorts512 => Shorts<ShortLanes512, Vector512<int>>(zeros),
                ProductPath.Shorts256 => Shorts<ShortLanes256, Vector256<int>>(zeros),
                ProductPath.Shorts128 => Shorts<ShortLanes128, Vector128<int>>(zeros),
                _ => Shorts<ShortLanes1, int>(zeros),
            };
        }

        private ShortProductKernel<L, V> Shorts<L, V>(int[] zeros) where L : struct, IShortLanes<V> where V : unmanaged
        {
            var panels = new BytePanels<L, V>[Groups];
            for (int i = 0; i < Groups; i++) panels[i] = new BytePanels<L, V>(Binding, (long)i * Columns * K, K, Columns, RowStep, ColumnStep);
            return new ShortProductKernel<L, V>(Binding, Operand(2, false), panels, Epilogue(zeros, panels[0].Count * BytePanels<L, V>.Width), Rows, ZeroX);
        }

        /// <summary>Two quads are added in 16 bits where sums become bytes or reals and there are rows enough for larger weights to cost nothing.</summary>
        private CpuKernel Pairs<L, V>() where L : struct, IQuadLanes<V> where V : unmanaged
        {
            if (Quantized is null || Rows < FewestRows || K < 8) return Quads<L, V>();
            var panels = new QuadPairPanels<L, V>[Groups];
            for (int i = 0; i < Groups; i++) panels[i] = new QuadPairPanels<L, V>(Binding, (long)i * Columns * K, K, Columns, RowStep, ColumnStep);
            return new QuadPairKernel<L, V>(Binding, Operand(4, Binding.Input(0).DataType == DataType.I8), panels, Epilogue([0], panels[0].Count * QuadPairPanels<L, V>.Width), Rows, ZeroX!.Value);
        }

        private QuadProductKernel<L, V> Quads<L, V>() where L : struct, IQuadLanes<V> where V : unmanaged
        {
            QuadPanels<L, V>[] panels = Packed<L, V>();
            int[] columnSums = new int[Groups * Columns];
            for (int i = 0; i < Groups; i++) new ReadOnlySpan<int>(panels[i].ColumnSums, Columns).CopyTo(columnSums.AsSpan(i * Columns));
            bool signed = Binding.Input(0).DataType == DataType.I8;
            // A zero point that is not known yet counts as those of weights do: by a number for each row, which here is the same for all.
            return new QuadProductKernel<L, V>(Binding, Operand(4, signed), panels, Epilogue(Quantized is null ? columnSums : [0], panels[0].Count * QuadPanels<L, V>.Width), Rows, ZeroX, signed);
        }

        private VnniProductKernel Machine(int[] zeros)
        {
            QuadPanels<QuadLanes512, Vector512<int>>[] panels = Packed<QuadLanes512, Vector512<int>>();
            return new VnniProductKernel(Binding, Operand(4, Binding.Input(0).DataType == DataType.I8), panels, Epilogue(zeros, panels[0].Count * VnniTile.Width), Rows, ZeroX);
        }

        private QuadPanels<L, V>[] Packed<L, V>() where L : struct, IQuadLanes<V> where V : unmanaged =>
            [.. Enumerable.Range(0, Groups).Select(i => new QuadPanels<L, V>(Binding, (long)i * Columns * K, K, Columns, RowStep, ColumnStep))];

        private SumsEpilogue Epilogue(int[] zeros, int width)
        {
            int all = Groups == 1 ? width : Groups * Columns + width, lanes = ProductPaths.Lanes(wanted);
            return Quantized is null ? new SumsEpilogue(Binding, zeros, all, lanes) : new SumsEpilogue(Binding, Quantized, Binding.Input(2), zeros, all, lanes);
        }
    }
}
