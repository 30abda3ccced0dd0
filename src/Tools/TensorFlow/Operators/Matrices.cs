using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>Products of matrices, and what moves their elements.</summary>
internal static class Matrices
{
    public static readonly (string Name, TensorFlowImport Import)[] All =
    [
        ("MatMul", n => [Product(n, "transpose_a", "transpose_b")]),
        ("_FusedMatMul", n => [Product(n, "transpose_a", "transpose_b")]),
        ("BatchMatMul", n => [Product(n, "adj_x", "adj_y")]),
        ("BatchMatMulV2", n => [Product(n, "adj_x", "adj_y")]),
        ("BatchMatMulV3", n => [Product(n, "adj_x", "adj_y")]),
        ("Einsum", n => [n.Add1(new Einsum { Equation = n.Attributes.String("equation", "") }, n.AllInputs())]),
        ("Transpose", n => [n.Add1(new Transpose { Permutation = [.. n.Integers(1).Select(axis => checked((int)axis))] }, n.Input(0))]),
        ("MatrixBandPart", MatrixBandPart),
    ];

    private static Value Product(TensorFlowNode node, string transposeA, string transposeB)
    {
        var op = new MatMul { TransposeA = node.Attributes.Bool(transposeA, false), TransposeB = node.Attributes.Bool(transposeB, false) };
        (Value a, Value b) = node.Matched(0, 1);
        return Convolutions.Fused(node, bias => node.Add1(op, a, b, bias));
    }

    /// <summary>The elements near the diagonal; negative distances keep all.</summary>
    private static TensorFlowResult[] MatrixBandPart(TensorFlowNode node)
    {
        Value x = node.Input(0);
        int below = node.Integer(1), above = node.Integer(2);
        if (below >= 0) x = node.Add1(new Trilu { Upper = true, Diagonal = -below }, x);
        if (above >= 0) x = node.Add1(new Trilu { Upper = false, Diagonal = above }, x);
        return [x];
    }
}
