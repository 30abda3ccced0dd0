using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>Comparisons, truth values, and choosing by them.</summary>
internal static class Logic
{
    public static readonly (string Name, TensorFlowImport Import)[] All =
    [
        ("Equal", n => Compare(n, BinaryFunction.Equal)),
        ("NotEqual", n => [n.Unary(UnaryFunction.Not, Compare(n, BinaryFunction.Equal)[0].Value!)]),
        ("Greater", n => Compare(n, BinaryFunction.Greater)),
        ("GreaterEqual", n => Compare(n, BinaryFunction.GreaterOrEqual)),
        ("Less", n => Compare(n, BinaryFunction.Less)),
        ("LessEqual", n => Compare(n, BinaryFunction.LessOrEqual)),
        ("LogicalAnd", n => [n.Binary(BinaryFunction.And, Truth(n, 0), Truth(n, 1))]),
        ("LogicalOr", n => [n.Binary(BinaryFunction.Or, Truth(n, 0), Truth(n, 1))]),
        ("LogicalXor", n => [n.Binary(BinaryFunction.Xor, Truth(n, 0), Truth(n, 1))]),
        ("LogicalNot", n => [n.Unary(UnaryFunction.Not, Truth(n, 0))]),
        ("Select", Select),
        ("SelectV2", n => [Choose(n, Truth(n, 0))]),
    ];

    private static TensorFlowResult[] Compare(TensorFlowNode node, BinaryFunction function)
    {
        (Value a, Value b) = node.Matched(0, 1);
        return [node.Binary(function, a, b)];
    }

    private static Value Truth(TensorFlowNode node, int index) => node.Cast(node.Input(index), DataType.Bool);

    private static Value Choose(TensorFlowNode node, Value condition)
    {
        (Value a, Value b) = node.Matched(1, 2);
        return node.Add1(new Where(), condition, a, b);
    }

    /// <summary>A vector of conditions chooses rows, where broadcasting would have it choose columns.</summary>
    private static TensorFlowResult[] Select(TensorFlowNode node)
    {
        Value condition = Truth(node, 0);
        int rank = node.Rank(node.Input(1));
        if (node.Rank(condition) == 1 && rank > 1) condition = node.Reshape(condition, [-1, .. Enumerable.Repeat(1L, rank - 1)]);
        return [Choose(node, condition)];
    }
}
