using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Passes;

/// <summary>A constant for each channel, added after a convolution or product, becomes its bias: the second half of a batch normalisation.</summary>
internal static class FuseBias
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Binary { Function: BinaryFunction.Add or BinaryFunction.Sub } binary) return null;
        Value a = node.Inputs[0]!, b = node.Inputs[1]!, y = node.Outputs[0];
        if (binary.Function == BinaryFunction.Add && a.Constant is not null) (a, b) = (b, a);
        if (LinearNode.Of(graph, a) is not { } linear || b.PerChannel(linear.Channels, linear.Rank) is not { } shift) return null;
        if (binary.Function == BinaryFunction.Sub) shift = Array.ConvertAll(shift, s => -s);
        return linear.Rewrite(y, null, shift, binary.Activation);
    }
}
