using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// Sums of integers that are cast to reals, multiplied by the scales of what they are made of, and perhaps added to a bias, are written once: what dynamically quantized models make of each
/// product.
/// </summary>
internal static class FuseScaledSums
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Binary { Activation.IsNone: true, Function: BinaryFunction.Mul or BinaryFunction.Add } binary) return null;
        return Try(graph, node, binary.Function, node.Inputs[0]!, node.Inputs[1]!) ?? Try(graph, node, binary.Function, node.Inputs[1]!, node.Inputs[0]!);
    }

    private static GraphPatch? Try(Graph graph, Node node, BinaryFunction function, Value sums, Value other)
    {
        Value y = node.Outputs[0];
        if (y.Type.DataType != DataType.F32 || !graph.HasOneReader(sums) || Channels(sums) is not { } channels || !Fits(other, channels, y)) return null;
        if (function == BinaryFunction.Mul)
        {
            if (sums.Made<Cast>() is null || sums.Producer!.Inputs[0] is not { Type.DataType: DataType.I32, Producer: { Operator: MatMulInteger or ConvInteger } maker } integers || !graph.HasOneReader(integers)) return null;
            return Rewritten(maker, y, other, null);
        }
        if (sums.Producer is not { Operator: MatMulInteger or ConvInteger } product || product.Input(MatMulInteger.Bias) is not null) return null;
        return product.Input(MatMulInteger.Scale) is { } scale ? Rewritten(product, y, scale, other) : null;
    }

    private static GraphPatch Rewritten(Node maker, Value y, Value scale, Value? bias)
    {
        var patch = new GraphPatch();
        return patch.Replace(y, patch.AddNamed(maker, y.Name, maker.Operator, maker.Inputs[0], maker.Inputs[1], maker.Input(2), maker.Input(3), scale, bias));
    }

    /// <summary>Length of the last axis of sums, which scales and biases may have too; null when it is not known.</summary>
    private static int? Channels(Value sums) => sums.Type.Shape is { IsUnranked: false, Rank: > 0 } shape && shape[-1] > 0 ? shape[-1] : null;

    /// <summary>True for one number, or one for each channel, that does not widen the result.</summary>
    private static bool Fits(Value other, int channels, Value y) =>
        other.Type.DataType == DataType.F32 && other.Type.Shape is { IsStatic: true } shape && y.Type.Shape.Rank >= Math.Max(1, shape.Rank)
        && (shape.Rank == 0 || (shape.Rank == 1 && (shape[0] == 1 || shape[0] == channels)));
}
