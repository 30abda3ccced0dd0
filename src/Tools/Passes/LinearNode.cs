using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// A convolution or product with constant weights, of which a pass may scale the outputs and move the bias: y = x·W + b, channels in
/// the last axis.
/// </summary>
internal sealed class LinearNode
{
    private readonly Node node;
    private readonly Tensor weight;
    private readonly Tensor? bias;
    private readonly int channelAxis;

    private LinearNode(Node node, Tensor weight, Tensor? bias, int channelAxis)
    {
        this.node = node;
        this.weight = weight;
        this.bias = bias;
        this.channelAxis = channelAxis;
    }

    /// <summary>Number of output channels.</summary>
    public int Channels => weight.Shape[channelAxis];

    /// <summary>Rank of the result.</summary>
    public int Rank => node.Outputs[0].Type.Shape.Rank;

    /// <summary>The node that computes a value, if nothing happens to its sum yet and nobody else reads it.</summary>
    public static LinearNode? Of(Graph graph, Value value)
    {
        if (value.Producer is not { } node || value.Type.DataType != DataType.F32 || value.Type.Shape.IsUnranked || !graph.HasOneReader(value)) return null;
        if (node.Input(1)?.Constant is not { } weight || weight.Type.DataType != DataType.F32) return null;
        int? axis = node.Operator switch
        {
            Conv { Activation.IsNone: true } or ConvTranspose { Activation.IsNone: true } => 0,
            MatMul { Activation.IsNone: true } product when weight.Shape.Rank >= 2 && value.Type.Shape.Rank >= 1 => weight.Shape.Rank - (product.TransposeB ? 2 : 1),
            _ => null,
        };
        if (axis is null) return null;
        Value? bias = node.Input(2);
        if (bias is not null && bias.PerChannel(weight.Shape[axis.Value], value.Type.Shape.Rank) is null) return null;
        return new LinearNode(node, weight, bias?.Constant, axis.Value);
    }

    /// <summary>True when something is added that a factor would have to scale too.</summary>
    public bool HasResidual => node.Input(Conv.Residual) is not null && node.Operator is Conv;

    /// <summary>The node with each channel's sum scaled and shifted, under the name of the value it replaces.</summary>
    public GraphPatch Rewrite(Value replaced, float[]? scale, float[]? shift, Activation activation)
    {
        var patch = new GraphPatch();
        Value newWeight = scale is null ? node.Inputs[1]! : patch.Constant(node.Inputs[1]!.Name, Scaled(scale));
        float[] newBias = new float[Channels];
        if (bias is not null)
        {
            for (int i = 0; i < newBias.Length; i++) newBias[i] = bias.Span<float>()[bias.Shape.Count == 1 ? 0 : i] * (scale?[i] ?? 1);
        }
        for (int i = 0; i < newBias.Length && shift is not null; i++) newBias[i] += shift[i];
        Value? biasValue = bias is null && shift is null ? null
            : patch.Constant(node.Input(2)?.Name ?? $"{node.Name}/bias", Tensor.Vector<float>(newBias));

        Value?[] inputs = [.. node.Inputs];
        if (inputs.Length < 3 && biasValue is not null) Array.Resize(ref inputs, 3);
        inputs[1] = newWeight;
        if (biasValue is not null) inputs[2] = biasValue;
        return patch.Replace(replaced, patch.AddNamed(node, replaced.Name, activation.IsNone ? node.Operator : node.Operator.WithActivation(activation)!, inputs));
    }

    private Tensor Scaled(float[] scale)
    {
        Tensor result = weight.Clone();
        Span<float> elements = result.Span<float>();
        int inner = (int)weight.Shape.Product(channelAxis + 1, weight.Shape.Rank);
        for (int i = 0; i < elements.Length; i++) elements[i] *= scale[i / inner % scale.Length];
        return result;
    }
}
