using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>An activation after a convolution, product or element-wise operator is applied as its results are written.</summary>
internal static class FuseActivation
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Unary unary || !IsActivation(unary.Function) || node.Inputs[0] is not { Producer: { } maker } x) return null;
        if (x.Type.DataType != DataType.F32 || x.Type.Quantization is not null || !graph.HasOneReader(x)) return null;
        if (maker.Operator.WithActivation(new Activation(unary.Function, unary.Alpha, unary.Beta)) is not { } fused) return null;
        var patch = new GraphPatch();
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(maker, y.Name, fused, maker.InputArray));
    }

    /// <summary>Only activations that operators of integers have, too: clamps, and of convolutions some functions; see <see cref="AppliedFunction"/>.</summary>
    public static GraphPatch? VisitInteger(Graph graph, Node node) =>
        node.Operator is Unary unary && node.Inputs[0]?.Producer is { } maker && new Activation(unary.Function, unary.Alpha, unary.Beta) is var activation
            && (Requantize.IsClamp(activation) || (maker.Operator is Conv && AppliedFunction.Has(activation))) ? Visit(graph, node) : null;

    /// <summary>The functions that kernels apply in their epilogues.</summary>
    private static bool IsActivation(UnaryFunction function) => function is UnaryFunction.Relu or UnaryFunction.Clip or UnaryFunction.LeakyRelu
        or UnaryFunction.Sigmoid or UnaryFunction.HardSigmoid or UnaryFunction.HardSwish or UnaryFunction.Swish or UnaryFunction.Tanh;
}
