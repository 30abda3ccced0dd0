using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Two numbers multiplied or added one after the other become one; a number before a product of matrices with constant weights goes into these.</summary>
internal static class MergeScalars
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        Value y = node.Outputs.Count == 1 ? node.Outputs[0] : null!;
        if (y is null || y.Type.DataType != DataType.F32) return null;
        if (node.Operator is MatMul product) return IntoProduct(graph, node, product, y);
        if (node.Operator is not Binary { Function: BinaryFunction.Mul or BinaryFunction.Add } binary || Number(node) is not { } outer) return null;
        if (outer.X.Producer is not { Operator: Binary { Activation.IsNone: true } inner } before || inner.Function != binary.Function || !graph.HasOneReader(outer.X)) return null;
        if (Number(before) is not { } first || first.X.Type.Shape != y.Type.Shape) return null;
        float merged = binary.Function == BinaryFunction.Mul ? outer.Constant * first.Constant : outer.Constant + first.Constant;
        if (!float.IsNormal(merged)) return null;
        var patch = new GraphPatch();
        return patch.Replace(y, patch.AddNamed(node, y.Name, binary, first.X, patch.Constant($"{node.Name}/number", Tensor.Scalar(merged))));
    }

    /// <summary>(s·A)·B = s·(A·B), which products do for nothing.</summary>
    private static GraphPatch? IntoProduct(Graph graph, Node node, MatMul product, Value y)
    {
        // Another B is read where it is as long as nothing is to be done to it.
        if (node.Inputs[1]!.Constant is null && !product.TransposeB) return null;
        for (int i = 0; i < 2; i++)
        {
            // A transpose in between makes no difference.
            Value? value = node.Inputs[i], turned = null;
            if (value.Made<Transpose>() is not null && graph.HasOneReader(value!)) (turned, value) = (value, value!.Producer!.Inputs[0]);
            if (value is not { Producer: { Operator: Binary { Function: BinaryFunction.Mul, Activation.IsNone: true } } scaled } || !graph.HasOneReader(value)) continue;
            if (Number(scaled) is not { } number || number.X.Type.Shape != value.Type.Shape || !float.IsNormal(number.Constant)) continue;
            MatMul scaledProduct = product.Copy();
            scaledProduct.Scale *= number.Constant;
            Value?[] inputs = [.. node.Inputs];
            var patch = new GraphPatch();
            inputs[i] = turned is null ? number.X : patch.AddNamed(turned.Producer!, turned.Name, turned.Producer!.Operator, number.X);
            return patch.Replace(y, patch.AddNamed(node, y.Name, scaledProduct, inputs));
        }
        return null;
    }

    private static (Value X, float Constant)? Number(Node node) =>
        node.Inputs[1].Scalar() is { } b ? (node.Inputs[0]!, b) : node.Inputs[0].Scalar() is { } a ? (node.Inputs[1]!, a) : null;
}
