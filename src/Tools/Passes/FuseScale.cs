using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Passes;

/// <summary>A factor for each channel after a convolution or product goes into its weights: the first half of a batch normalisation.</summary>
internal static class FuseScale
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Binary { Function: BinaryFunction.Mul or BinaryFunction.Div } binary) return null;
        Value a = node.Inputs[0]!, b = node.Inputs[1]!, y = node.Outputs[0];
        if (binary.Function == BinaryFunction.Mul && a.Constant is not null) (a, b) = (b, a);
        if (LinearNode.Of(graph, a) is not { HasResidual: false } linear) return null;
        if (b.PerChannel(linear.Channels, linear.Rank) is not { } scale) return null;
        if (binary.Function == BinaryFunction.Div)
        {
            if (scale.Contains(0f)) return null;
            scale = Array.ConvertAll(scale, s => 1 / s);
        }
        return linear.Rewrite(y, scale, null, binary.Activation);
    }
}
