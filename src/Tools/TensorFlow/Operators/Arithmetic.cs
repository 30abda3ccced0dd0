using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>Functions of two numbers, with TensorFlow's rules for integers: quotients are rounded down, remainders have the divisor's sign.</summary>
internal static class Arithmetic
{
    public static readonly (string Name, TensorFlowImport Import)[] All =
    [
        ("Add", n => Binary(n, BinaryFunction.Add)),
        ("AddV2", n => Binary(n, BinaryFunction.Add)),
        ("Sub", n => Binary(n, BinaryFunction.Sub)),
        ("Mul", n => Binary(n, BinaryFunction.Mul)),
        ("Maximum", n => Binary(n, BinaryFunction.Max)),
        ("Minimum", n => Binary(n, BinaryFunction.Min)),
        ("Pow", n => Binary(n, BinaryFunction.Pow)),
        ("Mod", n => Binary(n, BinaryFunction.Mod)),
        ("FloorMod", n => Binary(n, BinaryFunction.Mod)),
        ("Div", Div),
        ("RealDiv", Div),
        ("FloorDiv", FloorDiv),
        ("DivNoNan", DivNoNan),
        ("BitwiseAnd", n => Binary(n, BinaryFunction.BitwiseAnd)),
        ("BitwiseOr", n => Binary(n, BinaryFunction.BitwiseOr)),
        ("BitwiseXor", n => Binary(n, BinaryFunction.BitwiseXor)),
        ("SquaredDifference", n => [n.Binary(BinaryFunction.Mul, Difference(n), Difference(n))]),
        ("Atan2", Atan2),
        ("AddN", AddN),
        ("BiasAdd", n => [AddBias(n, n.Input(0), n.Input(1))]),
    ];

    /// <summary>A bias for each channel, which is the last axis unless the node says otherwise.</summary>
    public static Value AddBias(TensorFlowNode node, Value x, Value bias)
    {
        if (node.Attributes.OneOf("data_format", "NHWC", "NCHW", "NDHWC", "NCDHW").StartsWith("NC", StringComparison.Ordinal))
            bias = node.Reshape(bias, [-1, .. Enumerable.Repeat(1L, Math.Max(0, node.Rank(x) - 2))]);
        return node.Binary(BinaryFunction.Add, x, bias);
    }

    private static TensorFlowResult[] Binary(TensorFlowNode node, BinaryFunction function)
    {
        (Value a, Value b) = node.Matched(0, 1);
        return [node.Binary(function, a, b)];
    }

    private static Value Difference(TensorFlowNode node)
    {
        (Value a, Value b) = node.Matched(0, 1);
        return node.Binary(BinaryFunction.Sub, a, b);
    }

    /// <summary>TensorFlow.js rounds down where both are integers.</summary>
    private static TensorFlowResult[] Div(TensorFlowNode node)
    {
        (Value a, Value b) = node.Matched(0, 1);
        return a.Type.DataType == DataType.F32 ? [node.Binary(BinaryFunction.Div, a, b)] : [FloorDivIntegers(node, a, b)];
    }

    private static TensorFlowResult[] FloorDiv(TensorFlowNode node)
    {
        (Value a, Value b) = node.Matched(0, 1);
        return a.Type.DataType == DataType.F32 ? [node.Unary(UnaryFunction.Floor, node.Binary(BinaryFunction.Div, a, b))] : [FloorDivIntegers(node, a, b)];
    }

    /// <summary>Without its remainder a number is a multiple, whose quotient needs no rounding.</summary>
    private static Value FloorDivIntegers(TensorFlowNode node, Value a, Value b) =>
        node.Binary(BinaryFunction.Div, node.Binary(BinaryFunction.Sub, a, node.Binary(BinaryFunction.Mod, a, b)), b);

    private static TensorFlowResult[] DivNoNan(TensorFlowNode node)
    {
        (Value a, Value b) = (node.Float(0), node.Float(1));
        Value zero = node.Scalar(DataType.F32, 0);
        return [node.Add1(new Where(), node.Binary(BinaryFunction.Equal, b, zero), zero, node.Binary(BinaryFunction.Div, a, b))];
    }

    /// <summary>The angle of a point (x, y), from the arc tangent of y / x, which does not know on which side of the y axis the point is.</summary>
    private static TensorFlowResult[] Atan2(TensorFlowNode node)
    {
        Value y = node.Float(0), x = node.Float(1), zero = node.Scalar(DataType.F32, 0);
        Value half = node.Unary(UnaryFunction.Atan, node.Binary(BinaryFunction.Div, y, x));
        Value turn = node.Prepare(new Where(), node.Binary(BinaryFunction.Less, y, zero), node.Scalar(DataType.F32, -Math.PI), node.Scalar(DataType.F32, Math.PI));
        Value whole = node.Prepare(new Where(), node.Binary(BinaryFunction.Less, x, zero), node.Binary(BinaryFunction.Add, half, turn), half);
        // The origin has the angle 0.
        Value origin = node.Binary(BinaryFunction.And, node.Binary(BinaryFunction.Equal, x, zero), node.Binary(BinaryFunction.Equal, y, zero));
        return [node.Add1(new Where(), origin, zero, whole)];
    }

    private static TensorFlowResult[] AddN(TensorFlowNode node)
    {
        if (node.InputCount == 0) throw node.Problem("it has no inputs");
        return [node.AllInputs().Aggregate((a, b) => node.Binary(BinaryFunction.Add, a, b))];
    }
}
