using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Finds functions that treat the two signs differently, spelt by a choice, an extreme, or a pair of ReLUs: leaky and parametric ReLU, and ELU.</summary>
internal static class RecogniseSlopes
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Outputs.Count != 1 || node.Outputs[0] is not { Type.DataType: DataType.F32 } y) return null;
        return node.Operator switch
        {
            Where => Choice(node, y),
            Binary { Function: BinaryFunction.Max, Activation.IsNone: true } => Extreme(node, y, node.Inputs[0]!, node.Inputs[1]!) ?? Extreme(node, y, node.Inputs[1]!, node.Inputs[0]!),
            Binary { Function: BinaryFunction.Add, Activation.IsNone: true } => Pair(node, y, node.Inputs[0]!, node.Inputs[1]!, 1) ?? Pair(node, y, node.Inputs[1]!, node.Inputs[0]!, 1),
            Binary { Function: BinaryFunction.Sub, Activation.IsNone: true } => Pair(node, y, node.Inputs[0]!, node.Inputs[1]!, -1),
            _ => null,
        };
    }

    /// <summary>x &gt; 0 ? x : f(x), or the other way round.</summary>
    private static GraphPatch? Choice(Node node, Value y)
    {
        if (node.Inputs[0].Made<Binary>() is not { Activation.IsNone: true } compared) return null;
        Value left = node.Inputs[0]!.Producer!.Inputs[0]!, right = node.Inputs[0]!.Producer!.Inputs[1]!;
        bool? positive = compared.Function switch
        {
            BinaryFunction.Greater or BinaryFunction.GreaterOrEqual => true,
            BinaryFunction.Less or BinaryFunction.LessOrEqual => false,
            _ => null,
        };
        if (positive is null) return null;
        Value x = left;
        if (left.Scalar() is 0) (x, positive) = (right, !positive);
        else if (right.Scalar() is not 0) return null;
        (Value whole, Value other) = positive.Value ? (node.Inputs[1]!, node.Inputs[2]!) : (node.Inputs[2]!, node.Inputs[1]!);
        if (whole != x || x.Type.Shape != y.Type.Shape) return null;
        if (Slope(other, x) is { } slope) return Sloped(node, y, x, slope, 1);
        FactorList factors = FactorList.Of(other);
        if (factors.Values.Count == 1 && FactorList.Shifted(factors.Values[0]) is { Number: -1 } shifted && Exponential(shifted.Other) == x) return Elu(node, y, x, factors.Scale);
        if (factors.Values.Count == 1 && factors.Values[0].Producer is { Operator: Binary { Function: BinaryFunction.Sub, Activation.IsNone: true } } less
            && less.Inputs[1].Scalar() is 1 && Exponential(less.Inputs[0]!) == x) return Elu(node, y, x, factors.Scale);
        return null;
    }

    /// <summary>max(x, α·x) for α up to 1.</summary>
    private static GraphPatch? Extreme(Node node, Value y, Value x, Value other) =>
        x.Type.Shape == y.Type.Shape && Slope(other, x)?.Scalar() is { } alpha and > 0 and <= 1 ? Sloped(node, y, x, other.Producer!.Inputs[other.Producer.Inputs[0] == x ? 1 : 0]!, 1) : null;

    /// <summary>relu(x) + c·relu(-x), where -c is the slope; or relu(x) + c·min(x, 0) with the slope c.</summary>
    private static GraphPatch? Pair(Node node, Value y, Value upper, Value lower, float sign)
    {
        if (upper.Made<Unary>() is not { Function: UnaryFunction.Relu } || upper.Producer!.Inputs[0] is not { } x || x.Type.Shape != y.Type.Shape) return null;
        if (lower.Producer is not { Operator: Binary { Function: BinaryFunction.Mul, Activation.IsNone: true } } product) return null;
        for (int i = 0; i < 2; i++)
        {
            Value slope = product.Inputs[i]!, half = product.Inputs[1 - i]!;
            if (slope.Constant is null || half.Made<Unary>() is not { } function || half.Producer!.Inputs[0] is not { } inner) continue;
            if (function.Function == UnaryFunction.Relu && inner.Made<Unary>() is { Function: UnaryFunction.Neg } && inner.Producer!.Inputs[0] == x) return Sloped(node, y, x, slope, -sign);
            if (function is { Function: UnaryFunction.Clip, Beta: 0, Alpha: float.NegativeInfinity or float.MinValue } && inner == x) return Sloped(node, y, x, slope, sign);
        }
        return null;
    }

    /// <summary>The constant c where the value is c·x.</summary>
    private static Value? Slope(Value value, Value x)
    {
        if (value.Producer is not { Operator: Binary { Function: BinaryFunction.Mul, Activation.IsNone: true } } node) return null;
        return node.Inputs[0] == x && node.Inputs[1]!.Constant is not null ? node.Inputs[1] : node.Inputs[1] == x && node.Inputs[0]!.Constant is not null ? node.Inputs[0] : null;
    }

    private static Value? Exponential(Value value) => value.Made<Unary>() is { Function: UnaryFunction.Exp } ? value.Producer!.Inputs[0] : null;

    private static GraphPatch? Elu(Node node, Value y, Value x, double alpha)
    {
        var patch = new GraphPatch();
        return patch.Replace(y, patch.AddNamed(node, y.Name, new Unary { Function = UnaryFunction.Elu, Alpha = (float)alpha }, x));
    }

    private static GraphPatch? Sloped(Node node, Value y, Value x, Value slope, float sign)
    {
        if (slope.Type.DataType != DataType.F32) return null;
        var patch = new GraphPatch();
        if (slope.Scalar() is { } alpha) return patch.Replace(y, patch.AddNamed(node, y.Name, new Unary { Function = UnaryFunction.LeakyRelu, Alpha = sign * alpha }, x));
        if (sign < 0)
        {
            Tensor negative = slope.Constant!.Clone();
            foreach (ref float element in negative.Span<float>()) element = -element;
            slope = patch.Constant(slope.Name, negative);
        }
        return patch.Replace(y, patch.AddNamed(node, y.Name, new Binary { Function = BinaryFunction.PRelu }, x, slope));
    }
}
