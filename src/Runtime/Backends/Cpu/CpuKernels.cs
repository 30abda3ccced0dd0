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
        [typeof(ChannelShuffle)] = [ChannelShuffleKernel.Make],
        [typeof(Concat)] = [ConcatKernel.Make],
        [typeof(Conv)] = [ByteProductMaker.Depthwise, ByteProductMaker.Conv, ConvMaker.Depthwise, ConvMaker.Winograd4, ConvMaker.Winograd2, FewOutputs.Make, ConvMaker.General],
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

    /// <summary>What kernels are made with, and how wide that is.</summary>
    private static readonly Dictionary<Type, int> Widths = new()
    {
        [typeof(Lanes512)] = 16, [typeof(Lanes256)] = 8, [typeof(Lanes128)] = 4, [typeof(Lanes1)] = 1,
        [typeof(ShortLanes512)] = 16, [typeof(ShortLanes256)] = 8, [typeof(ShortLanes128)] = 4, [typeof(ShortLanes1)] = 1,
        [typeof(QuadLanes512)] = 16, [typeof(QuadLanes256)] = 8, [typeof(QuadLanesVnni)] = 8, [typeof(QuadLanes128)] = 4, [typeof(QuadLanesDot)] = 4, [typeof(QuadLanes1)] = 1,
    };

    /// <summary>The operators that have kernels.</summary>
    public static IEnumerable<Type> Operators => Makers.Keys;

    /// <summary>Binds a step to the kernel that is asked for, or else to the one that is likely to be the best.</summary>
    public static CpuKernel Bind(CpuBinding binding)
    {
        Func<CpuBinding, CpuKernel?>[] makers = MakersOf(binding);
        if (binding.Choice is { } choice)
        {
            if (choice.Maker == makers.Length) return new EvaluateKernel(binding);
            if (choice.Maker < makers.Length && makers[choice.Maker](binding) is { } wanted) return wanted;
            // A choice that was kept for another version is none.
            binding = binding.With(null);
        }
        foreach (Func<CpuBinding, CpuKernel?> make in makers)
            if (make(binding) is { } kernel) return kernel;
        return new EvaluateKernel(binding);
    }

    /// <summary>
    /// All ways to execute a step, each bound in the binding's memory: the automatic one first, then each maker's with all widths of vectors and all products of integers that this processor has, then
    /// the definition. What would be the same kernel is named once.
    /// </summary>
    /// <param name="binding">The step.</param>
    /// <param name="rivals">True for those only that may be the fastest: with the widest vectors and those half as wide, and not the definition.</param>
    public static IReadOnlyList<KernelCandidate> Candidates(CpuBinding binding, bool rivals = false)
    {
        Func<CpuBinding, CpuKernel?>[] makers = MakersOf(binding);
        bool hasFloats = binding.Inputs.Concat(binding.Outputs).Any(v => v.DataType == DataType.F32), hasBytes = binding.Input(0).DataType is DataType.U8 or DataType.I8;
        var found = new List<KernelCandidate>();
        CpuKernel automatic = Bind(binding.With(null));
        for (int i = 0; i < makers.Length; i++)
        {
            Add(new KernelChoice(i));
            if (hasFloats)
                foreach (int lanes in LanesChoice.Supported.Take(rivals ? 2 : int.MaxValue)) Add(new KernelChoice(i, lanes));
            if (hasBytes)
                foreach (ProductPath path in ProductPaths.Supported.Where(p => !rivals || ProductPaths.Lanes(p) * 2 >= ProductPaths.Lanes(ProductPath.Automatic))) Add(new KernelChoice(i, 0, path));
        }
        if (!rivals || found.Count == 0) Add(new KernelChoice(makers.Length));
        return [.. found.OrderByDescending(c => c.IsAutomatic)];

        void Add(KernelChoice choice)
        {
            CpuKernel? kernel = choice.Maker == makers.Length ? new EvaluateKernel(binding) : makers[choice.Maker](binding.With(choice));
            if (kernel is null || found.Any(c => IsSame(c.Kernel, kernel))) return;
            found.Add(new KernelCandidate(choice, kernel, LanesOf(kernel), IsSame(kernel, automatic)));
        }
    }

    private static Func<CpuBinding, CpuKernel?>[] MakersOf(CpuBinding binding) => Makers.TryGetValue(binding.Operator.GetType(), out Func<CpuBinding, CpuKernel?>[]? makers) ? makers : [];

    /// <summary>Kernels of one type and name are one: the type says how wide vectors are, and how integers are multiplied.</summary>
    private static bool IsSame(CpuKernel a, CpuKernel b) => a.GetType() == b.GetType() && a.Name == b.Name;

    private static int LanesOf(CpuKernel kernel)
    {
        foreach (Type argument in kernel.GetType().GenericTypeArguments)
            if (Widths.TryGetValue(argument, out int lanes)) return lanes;
        return kernel is VnniProductKernel or VnniDepthwiseKernel ? MachineCode.VnniTile.Lanes : 0;
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
