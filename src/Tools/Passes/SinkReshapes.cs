using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Moves a reshape past a function of each element, so that the function meets the convolution or product it belongs to.</summary>
internal static class SinkReshapes
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Unary unary || node.Inputs[0] is not { } x || x.Made<Reshape>() is not { } reshape || !graph.HasOneReader(x)) return null;
        if (x.Producer!.Input(1) is not null || x.Producer.Inputs[0] is not { Producer.Operator: Conv or ConvTranspose or MatMul or Binary }) return null;
        var patch = new GraphPatch();
        Value y = node.Outputs[0];
        Value inner = patch.Add1(node.Name, unary, x.Producer.Inputs[0]);
        inner.Name = $"{y.Name}/flat";
        return patch.Replace(y, patch.AddNamed(x.Producer, y.Name, reshape, inner));
    }
}
