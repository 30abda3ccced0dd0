using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// A residual that was widened by channels of zeros (BlazeFace joins a constant) goes into the convolution as it was: missing
/// channels add nothing there.
/// </summary>
internal static class NarrowResidual
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Conv conv || node.Input(Conv.Residual) is not { Producer: { } maker } || Narrow(maker) is not { } narrow) return null;
        var patch = new GraphPatch();
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(node, y.Name, conv, node.Inputs[0], node.Inputs[1], node.Input(Conv.Bias), narrow));
    }

    /// <summary>The value that the node pads with zeros at the end of the last axis, or null.</summary>
    private static Value? Narrow(Node node)
    {
        int rank = node.Outputs[0].Type.Shape.Rank;
        return node.Operator switch
        {
            Concat concat when rank > 0 && (concat.Axis == -1 || concat.Axis == rank - 1) && node.Inputs.Skip(1).All(v => v.IsZero()) => node.Inputs[0],
            Pad pad when Pads.Of(node, pad) is { IsZero: true } pads && pads.OnlyAtTheEndOf(rank - 1) => node.Inputs[0],
            _ => null,
        };
    }
}
