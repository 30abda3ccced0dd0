using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>What all kernels of include/conv_operands have in common: operands, constants, weights in quads.</summary>
internal sealed class ConvOperands
{
    /// <summary>Invocations in a workgroup; few enough for every device, and small layers still make many groups.</summary>
    public const int GroupSize = 64;

    private readonly GpuStep step;
    private readonly Activation activation;
    private readonly int residual;
    private readonly int residualInput;

    private ConvOperands(GpuStep step, Activation activation, int groups, TensorView weight, int biasInput, int residualInput)
    {
        this.step = step;
        this.activation = activation;
        this.residualInput = residualInput;
        Weight = weight;
        Groups = groups;
        Channels = step.InputType(0).Shape[-1];
        Outputs = step.OutputType().Shape[-1];
        IsDepthwise = step.Operator is Conv && groups > 1 && GroupChannels == 1 && GroupOutputs == 1;
        residual = step.Has(residualInput) ? step.InputType(residualInput).Shape[-1] : 0;
        Bias = PackBias(biasInput);
    }

    /// <summary>The weight as the operator has it: [O, kernel…, C/groups].</summary>
    public TensorView Weight { get; }

    /// <summary>The bias in quads; zero where there is none.</summary>
    public BufferRef Bias { get; }

    /// <summary>Number of groups.</summary>
    public int Groups { get; }

    /// <summary>Input channels.</summary>
    public int Channels { get; }

    /// <summary>Output channels.</summary>
    public int Outputs { get; }

    /// <summary>Input channels of a group.</summary>
    public int GroupChannels => Channels / Groups;

    /// <summary>Output channels of a group.</summary>
    public int GroupOutputs => Outputs / Groups;

    /// <summary>Fours of input channels of a group.</summary>
    public int InputQuads => (GroupChannels + 3) / 4;

    /// <summary>Fours of output channels of a group.</summary>
    public int OutputQuads => (GroupOutputs + 3) / 4;

    /// <summary>Whether there is one input and one output channel a group, and all groups are computed together.</summary>
    public bool IsDepthwise { get; }

    /// <summary>Operands of a convolution that has shaders; else null and the reason.</summary>
    public static ConvOperands? Of(GpuStep step, Activation activation, int groups, int biasInput, int residualInput, out string reason)
    {
        TensorType x = step.InputType(0), y = step.OutputType();
        reason = x.DataType != DataType.F32 ? $"{x.DataType} has no convolution shader"
            : step.Constant(1) is null ? "the weight is computed"
            : step.Has(biasInput) && step.Constant(biasInput) is null ? "the bias is computed"
            : x.Shape.Count == 0 || y.Shape.Count == 0 ? "there are no elements"
            : Math.Max(x.Shape.Count, y.Shape.Count) > int.MaxValue ? "there are more elements than 32 bits can number"
            : FusedActivation.Rejection(activation) ?? "";
        return reason.Length > 0 ? null : new ConvOperands(step, activation, groups, step.Constant(1)!.Value, biasInput, residualInput);
    }

    /// <summary>
    /// A dispatch of a kernel with these operands, then <paramref name="more"/>. Those of odd channels are read one by one; operands that a
    /// kernel does not touch are bound to the bias, which is never too small for its element or too large for a texel buffer.
    /// </summary>
    public Dispatch Dispatch(string kernel, BufferRef weight, Grid groups, Grid groupSize, KernelConstant[] constants, params BufferRef[] more)
    {
        int groupChannels = IsDepthwise ? Channels : GroupChannels, groupOutputs = IsDepthwise ? Outputs : GroupOutputs;
        // A kernel for pictures of few channels reads them as float4, whatever pixels they belong to.
        bool inFours = groupChannels % 4 == 0 || kernel == "conv_image", fours = groupOutputs % 4 == 0;
        bool residualFours = residual > 0 && residual % 4 == 0 && fours;
        BufferRef x = step.Input(0), y = step.Output(), added = residual > 0 ? step.Input(residualInput) : Bias;
        bool folds = Folds(step.Traits);
        return new(kernel,
            [
                inFours ? x : Bias, inFours && !folds ? Bias : x, weight, Bias,
                residualFours ? added : Bias, residualFours && !folds ? Bias : added, y, y, .. more,
            ],
            groups, groupSize,
            [.. constants, ("C", Channels), ("CG", groupChannels), ("O", Outputs), ("OG", groupOutputs), ("RC", residual),
                ("FOLDED", folds ? 1 : 0), ("LANES", folds ? 4 : Math.Min(groupChannels, 4)), ("IN_FOURS", inFours || folds ? 1 : 0), ("OUT_FOURS", fours ? 1 : 0), ("RESIDUAL", residual == 0 ? 0 : residualFours ? 2 : 1),
                .. FusedActivation.Constants(folds ? FusedActivation.AsClip(activation) : activation)], []);
    }

    /// <summary>Whether kernels are to be compiled in few forms with little code, which a processor's driver of OpenCL is slow with.</summary>
    public static bool Folds(GpuTraits traits) => traits is { Api: "opencl", IsProcessor: true, Precision: GpuPrecision.Float32 };

    /// <summary>A dispatch of so many invocations in a line.</summary>
    public Dispatch Linear(string kernel, BufferRef weight, long invocations, KernelConstant[] constants, params BufferRef[] more) =>
        Dispatch(kernel, weight, Grid.Linear(invocations, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize), constants, more);

    private BufferRef PackBias(int input)
    {
        TensorView? given = step.Has(input) ? step.Constant(input) : null;
        int groupOutputs = IsDepthwise ? Outputs : GroupOutputs, padded = (groupOutputs + 3) / 4 * 4;
        return step.Pack(padded * (Outputs / groupOutputs), elements =>
        {
            if (given is not { } constant) return;
            ReadOnlySpan<float> values = constant.Span<float>();
            for (int o = 0; o < values.Length; o++) elements[o / groupOutputs * padded + o % groupOutputs] = values[o];
        });
    }
}
