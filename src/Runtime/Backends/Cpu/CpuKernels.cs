using EdgeRuntime.Backends.Cpu.Kernels;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>
/// The table of kernels: for each operator, makers in order of preference. A maker returns null when the step is not for it;
/// when all do, the operator's definition runs.
/// </summary>
internal static class CpuKernels
{
    private static readonly Dictionary<Type, Func<CpuBinding, CpuKernel?>[]> Makers = new()
    {
        [typeof(ArgMax)] = [ArgMaxMaker.Make],
        [typeof(Attention)] = [AttentionMaker.Make],
        [typeof(Binary)] = [BytePairMaker.Make, BinaryKernel.Make, PairMaker.Make],
        [typeof(Cast)] = [CastKernel.Make],
        [typeof(Concat)] = [ConcatKernel.Make],
        [typeof(Conv)] = [ByteProductMaker.Depthwise, ByteProductMaker.Conv, ConvMaker.Depthwise, ConvMaker.General],
        [typeof(ConvInteger)] = [ByteProductMaker.ConvInteger],
        [typeof(ConvTranspose)] = [ConvTransposeMaker.Make],
        [typeof(CumSum)] = [CumSumMaker.Make],
        [typeof(DepthSpace)] = [MovementMaker.DepthSpace],
        [typeof(Dequantize)] = [QuantizeKernel.Dequantizing],
        [typeof(DynamicQuantize)] = [DynamicQuantizeKernel.Make],
        [typeof(Expand)] = [MovementMaker.Expand],
        [typeof(Gather)] = [MovementMaker.Gather, IndexedKernel.Gather],
        [typeof(GatherElements)] = [GatherElementsMaker.Make],
        [typeof(GatherND)] = [IndexedKernel.GatherND],
        [typeof(GridSample)] = [GridSampleMaker.Make],
        [typeof(GroupNorm)] = [GroupNormMaker.Make],
        [typeof(If)] = [BodyKernels.Choice],
        [typeof(ImageToTensor)] = [ImageToTensorKernel.Make],
        [typeof(Loop)] = [BodyKernels.Loop],
        [typeof(MatMul)] = [ByteProductMaker.MatMul, ByteComputedProductKernel.Make, MatMulMaker.Make],
        [typeof(MatMulBlocks)] = [MatMulBlocksKernel.Make],
        [typeof(MatMulInteger)] = [ByteProductMaker.MatMulInteger],
        [typeof(Normalize)] = [NormalizeMaker.Make],
        [typeof(Pad)] = [PadMaker.Make],
        [typeof(Pool)] = [BytePoolKernel.Make, PoolMaker.Make],
        [typeof(Quantize)] = [QuantizeKernel.Quantizing],
        [typeof(RecurrentLayer)] = [RecurrentMaker.Make],
        [typeof(Reduce)] = [ByteReduceKernel.Make, ReduceMaker.Make],
        [typeof(Resize)] = [ResizeMaker.Make],
        [typeof(ReverseSequence)] = [ReverseSequenceKernel.Make],
        [typeof(Scan)] = [BodyKernels.Scan],
        [typeof(ScatterElements)] = [ScatterElementsMaker.Make],
        [typeof(ScatterND)] = [IndexedKernel.ScatterND],
        [typeof(Slice)] = [MovementMaker.Slice],
        [typeof(Softmax)] = [SoftmaxMaker.Make],
        [typeof(Split)] = [SplitKernel.Make],
        [typeof(Tile)] = [MovementMaker.Tile],
        [typeof(TopK)] = [TopKKernel.Make],
        [typeof(Transpose)] = [MovementMaker.Transpose],
        [typeof(Unary)] = [ByteTableKernel.Make, UnaryKernel.Make],
        [typeof(Where)] = [WhereMaker.Make],
    };

    /// <summary>The operators that have kernels.</summary>
    public static IEnumerable<Type> Operators => Makers.Keys;

    /// <summary>Binds a step to the best kernel there is.</summary>
    public static CpuKernel Bind(CpuBinding binding)
    {
        if (Makers.TryGetValue(binding.Operator.GetType(), out Func<CpuBinding, CpuKernel?>[]? makers))
            foreach (Func<CpuBinding, CpuKernel?> make in makers)
                if (make(binding) is { } kernel) return kernel;
        return new EvaluateKernel(binding);
    }

    /// <summary>Runs an operator's definition.</summary>
    private sealed class EvaluateKernel(CpuBinding binding) : CpuKernel
    {
        private readonly Operator op = binding.Operator;
        private readonly TensorView[] inputs = binding.Inputs, outputs = binding.Outputs;

        public override string Name => "evaluate";

        public override void Run(int first, int last, int worker) => op.Evaluate(inputs, outputs);
    }
}
