using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// Finds layer, instance and RMS normalisation spelt out: (x - mean) / √(mean of squares + ε), by division, by multiplication with the inverse, or
/// with scale and mean drawn together as TensorFlow writes it. Factors and sums after it stay what they are.
/// </summary>
internal static class RecogniseNormalization
{
    /// <summary>What a normalisation divides by: √(mean of squares + ε).</summary>
    private readonly record struct Deviation(Value X, int[] Axes, float Epsilon, bool Centered);

    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Binary { Activation.IsNone: true } binary || node.Outputs[0].Type.DataType != DataType.F32) return null;
        return binary.Function switch
        {
            BinaryFunction.Div when Root(node.Inputs[1]!) is { } spread => Divided(node, node.Inputs[0]!, spread),
            BinaryFunction.Mul => Product(node, node.Inputs[0]!, node.Inputs[1]!) ?? Product(node, node.Inputs[1]!, node.Inputs[0]!),
            BinaryFunction.Add => Drawn(node, node.Inputs[0]!, node.Inputs[1]!) ?? Drawn(node, node.Inputs[1]!, node.Inputs[0]!),
            _ => null,
        };
    }

    private static GraphPatch? Product(Node node, Value x, Value factor) => Inverse(factor) is { } spread ? Divided(node, x, spread) : null;

    /// <summary>d / √(mean of d² + ε), where d may be x - mean.</summary>
    private static GraphPatch? Divided(Node node, Value distance, Value spread)
    {
        if (Measure(spread) is not { } found) return null;
        if (found.Centered ? Centred(distance, found.Axes) != found.X : distance != found.X) return null;
        Value y = node.Outputs[0];
        if (found.X.Type.Shape != y.Type.Shape) return null;
        var patch = new GraphPatch();
        return patch.Replace(y, patch.AddNamed(node, y.Name, Operator(found), found.X));
    }

    /// <summary>x·m + (β - mean·m), where m is γ/√(variance + ε) or without γ.</summary>
    private static GraphPatch? Drawn(Node node, Value product, Value offset)
    {
        if (product.Producer is not { Operator: Binary { Function: BinaryFunction.Mul, Activation.IsNone: true } } mul) return null;
        if (offset.Producer is not { Operator: Binary { Function: BinaryFunction.Sub, Activation.IsNone: true } } sub) return null;
        if (sub.Inputs[1]!.Producer is not { Operator: Binary { Function: BinaryFunction.Mul, Activation.IsNone: true } } drawn) return null;
        for (int i = 0; i < 2; i++)
        {
            (Value x, Value m) = (mul.Inputs[i]!, mul.Inputs[1 - i]!);
            Value? mean = drawn.Inputs[0] == m ? drawn.Inputs[1] : drawn.Inputs[1] == m ? drawn.Inputs[0] : null;
            if (mean is null) continue;
            Value? gamma = null, spread = Inverse(m);
            if (spread is null && m.Producer is { Operator: Binary { Function: BinaryFunction.Mul, Activation.IsNone: true } } scaled)
            {
                (spread, gamma) = (Inverse(scaled.Inputs[0]!), scaled.Inputs[1]);
                if (spread is null) (spread, gamma) = (Inverse(scaled.Inputs[1]!), scaled.Inputs[0]);
            }
            if (spread is null || Measure(spread) is not { Centered: true } found || found.X != x || !IsMean(mean, x, found.Axes)) continue;
            Value y = node.Outputs[0];
            if (x.Type.Shape != y.Type.Shape) return null;
            var patch = new GraphPatch();
            Value normal = patch.Add1($"{node.Name}/normal", Operator(found), x);
            if (gamma is not null) normal = patch.Add1($"{node.Name}/scaled", new Binary { Function = BinaryFunction.Mul }, normal, gamma);
            return patch.Replace(y, patch.AddNamed(node, y.Name, new Binary { Function = BinaryFunction.Add }, normal, sub.Inputs[0]));
        }
        return null;
    }

    private static Normalize Operator(in Deviation found) => new() { Axes = found.Axes, Epsilon = found.Epsilon, Center = found.Centered };

    /// <summary>v where the value is √v.</summary>
    private static Value? Root(Value value) => value.Producer switch
    {
        { Operator: Unary { Function: UnaryFunction.Sqrt } } node => node.Inputs[0],
        { Operator: Binary { Function: BinaryFunction.Pow, Activation.IsNone: true } } node when node.Inputs[1].Scalar() is 0.5f => node.Inputs[0],
        _ => null,
    };

    /// <summary>v where the value is 1/√v.</summary>
    private static Value? Inverse(Value value) => value.Producer switch
    {
        { Operator: Unary { Function: UnaryFunction.Reciprocal } } node => Root(node.Inputs[0]!),
        { Operator: Binary { Function: BinaryFunction.Div, Activation.IsNone: true } } node when node.Inputs[0].Scalar() is 1 => Root(node.Inputs[1]!),
        { Operator: Binary { Function: BinaryFunction.Pow, Activation.IsNone: true } } node when node.Inputs[1].Scalar() is -0.5f => node.Inputs[0],
        _ => null,
    };

    /// <summary>What variance + ε is the variance of.</summary>
    private static Deviation? Measure(Value spread)
    {
        (float epsilon, Value variance) = FactorList.Shifted(spread) ?? (0, spread);
        if (!(epsilon >= 0)) return null;
        // The mean of squares less the square of the mean.
        if (variance.Producer is { Operator: Binary { Function: BinaryFunction.Sub, Activation.IsNone: true } } difference && Mean(difference.Inputs[0]!) is { } squares
            && Squared(squares.X) is { } source && Squared(difference.Inputs[1]!) is { } mean && IsMean(mean, source, squares.Axes))
            return new Deviation(source, squares.Axes, epsilon, Centered: true);
        if (Mean(variance) is not { } of || Squared(of.X) is not { } distance) return null;
        return Centred(distance, of.Axes) is { } x ? new Deviation(x, of.Axes, epsilon, Centered: true) : new Deviation(distance, of.Axes, epsilon, Centered: false);
    }

    /// <summary>x where the value is x less its mean over the axes.</summary>
    private static Value? Centred(Value value, int[] axes) =>
        value.Producer is { Operator: Binary { Function: BinaryFunction.Sub, Activation.IsNone: true } } node && IsMean(node.Inputs[1]!, node.Inputs[0]!, axes) ? node.Inputs[0] : null;

    private static bool IsMean(Value value, Value of, int[] axes) => Mean(value) is { } mean && mean.X == of && mean.Axes.AsSpan().SequenceEqual(axes);

    /// <summary>x where the value is x².</summary>
    private static Value? Squared(Value value) => value.Producer is { } node ? node.Operator switch
    {
        Unary { Function: UnaryFunction.Square } => node.Inputs[0],
        Binary { Function: BinaryFunction.Mul, Activation.IsNone: true } when node.Inputs[0] == node.Inputs[1] => node.Inputs[0],
        Binary { Function: BinaryFunction.Pow, Activation.IsNone: true } when node.Inputs[1].Scalar() is 2 => node.Inputs[0],
        _ => null,
    } : null;

    /// <summary>What the value is the mean of, and over which axes, which stay as axes of one element.</summary>
    private static (Value X, int[] Axes)? Mean(Value value)
    {
        if (value.Made<Reduce>() is not { Function: ReduceFunction.Mean, KeepDims: true } reduce || value.Producer!.Inputs[0] is not { Type.Shape.IsUnranked: false } x) return null;
        long[]? axes = value.Producer.Input(1) is not { } given ? reduce.Axes : given.Constant is { } constant ? new Operand(given.Type, constant.View).Integers() : null;
        int rank = x.Type.Shape.Rank;
        if (axes is null || (axes.Length == 0 && reduce.NoopWithEmptyAxes)) return null;
        return (x, axes.Length == 0 ? [.. Enumerable.Range(0, rank)] : [.. axes.Select(a => (int)(a < 0 ? a + rank : a)).Order()]);
    }
}
