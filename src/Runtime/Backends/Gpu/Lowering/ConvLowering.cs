using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Convolutions: which kernel, which tile, and the weights in its order.</summary>
internal static class ConvLowering
{
    /// <summary>Invocations in a workgroup; few enough for every device, and small layers still make many groups.</summary>
    private const int GroupSize = 64;

    public static GpuLowering Lower(GpuStep step)
    {
        var conv = (Conv)step.Operator;
        TensorType x = step.InputType(0), y = step.OutputType();
        if (x.DataType != DataType.F32) return GpuLowering.Reject($"{x.DataType} has no convolution shader");
        if (step.Constant(1) is not { } weight) return GpuLowering.Reject("the weight is computed");
        bool pointwise = conv.Groups == 1 && Array.TrueForAll(conv.Window.Kernel, k => k == 1) && Array.TrueForAll(conv.Window.Strides, s => s == 1)
            && x.Shape.Product(1, x.Shape.Rank - 1) == y.Shape.Product(1, y.Shape.Rank - 1);
        int inputs = x.Shape[-1], outputs = y.Shape[-1];
        if (!pointwise || inputs % 4 != 0 || outputs % 4 != 0 || step.Has(Conv.Residual)) return GpuLowering.Reject("no shader for this convolution");

        int pixels = (int)(y.Shape.Count / outputs);
        BufferRef packed = step.Pack(inputs * outputs, elements => PackPointwise(weight.Span<float>(), inputs, outputs, elements));
        BufferRef bias = step.Has(Conv.Bias) ? step.Input(Conv.Bias) : step.Pack(outputs, _ => { });
        return GpuLowering.To([.. Tiles.Select(Pointwise)]);

        GpuCandidate Pointwise((int Pixels, int Outputs) tile)
        {
            long invocations = (long)((pixels + tile.Pixels - 1) / tile.Pixels) * ((outputs / 4 + tile.Outputs - 1) / tile.Outputs);
            return new($"conv_pointwise_{tile.Pixels}x{tile.Outputs}", new Dispatch("conv_pointwise", [step.Input(0), packed, bias, step.Output()],
                Grid.Linear(invocations, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize),
                ("PIXELS", tile.Pixels), ("OUTPUTS", tile.Outputs), ("COUNT", pixels), ("C4", inputs / 4), ("O4", outputs / 4),
                ("ACTIVATION", (int)conv.Activation.Function), ("ALPHA", conv.Activation.Alpha), ("BETA", conv.Activation.Beta)));
        }
    }

    /// <summary>Pixels x groups of four outputs computed by an invocation.</summary>
    private static readonly (int Pixels, int Outputs)[] Tiles = [(4, 1), (4, 2), (2, 1), (1, 1)];

    /// <summary>[O][C] to [O/4][C][4]: the four outputs of an input together.</summary>
    private static void PackPointwise(ReadOnlySpan<float> weight, int inputs, int outputs, Span<float> packed)
    {
        for (int o = 0; o < outputs; o++)
            for (int c = 0; c < inputs; c++)
                packed[(o / 4 * inputs + c) * 4 + o % 4] = weight[o * inputs + c];
    }
}
