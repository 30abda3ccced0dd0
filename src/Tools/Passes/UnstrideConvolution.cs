using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>A transposed convolution that takes single steps is a convolution with its kernel turned round, for which there are more kernels.</summary>
internal static class UnstrideConvolution
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not ConvTranspose { OutputSizes.Length: 0, Window.AutoPad: AutoPad.Explicit } op || node.Inputs[1]!.Constant is not { } weight) return null;
        if (Array.Exists(op.Window.Strides, s => s != 1) || Array.Exists(op.OutputPadding, p => p != 0) || weight.Type.DataType != DataType.F32) return null;
        Window window = op.Window;
        int axes = window.Axes;
        window.Pads = [.. window.Pads.Select((pad, i) => window.Extent(i % axes) - 1 - pad)];
        var patch = new GraphPatch();
        Value turned = patch.Constant(node.Inputs[1]!.Name, Turned(weight, axes));
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(node, y.Name, new Conv { Window = window, Groups = op.Groups, Activation = op.Activation }, [node.Inputs[0], turned, .. node.Inputs.Skip(2)]));
    }

    /// <summary>The weight [O, kernel…, C] with all spatial axes backwards.</summary>
    private static Tensor Turned(Tensor weight, int axes)
    {
        var turned = new Tensor(weight.Type);
        int taps = (int)weight.Shape.Product(1, axes + 1), channels = weight.Shape[-1];
        ReadOnlySpan<float> from = weight.Span<float>();
        Span<float> to = turned.Span<float>();
        for (int output = 0; output < weight.Shape[0]; output++)
            for (int tap = 0; tap < taps; tap++)
                from.Slice((output * taps + tap) * channels, channels).CopyTo(to[((output * taps + taps - 1 - tap) * channels)..]);
        return turned;
    }
}
