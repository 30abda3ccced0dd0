using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// An addition to a convolution's result becomes the convolution's residual input: the sum is written once. Of two convolutions
/// the later one takes the other's result. One of integers stays so: it has no such input.
/// </summary>
internal static class FuseResidual
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Binary { Function: BinaryFunction.Add } add || node.Inputs[0] is not { } a || node.Inputs[1] is not { } b) return null;
        Value sum = node.Outputs[0];
        if (!GraphReading.SurelyEqual(a.Type.Shape, sum.Type.Shape) || !GraphReading.SurelyEqual(b.Type.Shape, sum.Type.Shape)) return null;
        bool intoA = CanTake(graph, a), intoB = CanTake(graph, b);
        if (intoA && intoB && a.Producer!.Order < b.Producer!.Order) intoA = false;
        if (!intoA && !intoB) return null;

        (Value result, Value residual) = intoA ? (a, b) : (b, a);
        Node conv = result.Producer!;
        Conv fused = ((Conv)conv.Operator).Copy();
        fused.Activation = add.Activation;
        var patch = new GraphPatch();
        return patch.Replace(sum, patch.AddNamed(conv, sum.Name, fused, conv.Inputs[0], conv.Inputs[1], conv.Input(Conv.Bias), residual));
    }

    /// <summary>Nobody else reads the convolution's result, so the residual cannot depend on it: there is no cycle.</summary>
    private static bool CanTake(Graph graph, Value value) =>
        value.Made<Conv>() is { Activation.IsNone: true, Result.IsNone: true } && value.Producer!.Input(Conv.Residual) is null && graph.HasOneReader(value)
        && QuantizedProducts.Visit(graph, value.Producer!) is null;
}
