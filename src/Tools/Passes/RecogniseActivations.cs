using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Finds activations that exporters spell out, such as x·sigmoid(x), and writes them as one function.</summary>
internal static class RecogniseActivations
{
    public static GraphPatch? Visit(Graph graph, Node node)
    {
        Value y = node.Outputs.Count == 1 ? node.Outputs[0] : null!;
        if (y is null || y.Type.DataType != DataType.F32 || Recognise(node) is not { } found) return null;
        if (!GraphReading.SurelyEqual(found.X.Type.Shape, y.Type.Shape) && found.X.Type.Shape != y.Type.Shape) return null;
        var patch = new GraphPatch();
        return patch.Replace(y, patch.AddNamed(node, y.Name, found.Function, found.X));
    }

    private static (Value X, Unary Function)? Recognise(Node node) => node.Operator switch
    {
        Unary { Function: UnaryFunction.Clip } clip => Clip(node.Inputs[0]!, clip),
        Unary { Function: UnaryFunction.Log } => Softplus(node.Inputs[0]!),
        Unary { Function: UnaryFunction.Reciprocal } => Sigmoid(node.Inputs[0]!),
        Binary { Activation.IsNone: true } binary => Binary(binary.Function, node.Inputs[0]!, node.Inputs[1]!)
            ?? (binary.Function is BinaryFunction.Mul or BinaryFunction.Min or BinaryFunction.Max ? Binary(binary.Function, node.Inputs[1]!, node.Inputs[0]!) : null),
        _ => null,
    };

    /// <summary>clip(x, 0, ∞) is relu(x); a clip of a relu or a clip is one clip.</summary>
    private static (Value, Unary)? Clip(Value x, Unary clip)
    {
        if (clip.Alpha == 0 && float.IsPositiveInfinity(clip.Beta) || clip is { Alpha: 0, Beta: float.MaxValue }) return (x, new Unary { Function = UnaryFunction.Relu });
        if (x.Made<Unary>() is not { } inner || !(clip.Alpha <= clip.Beta)) return null;
        (float low, float high) = inner.Function switch
        {
            UnaryFunction.Relu => (0, float.PositiveInfinity),
            UnaryFunction.Clip => (inner.Alpha, inner.Beta),
            _ => (1f, 0f),
        };
        float newLow = Math.Max(low, clip.Alpha), newHigh = Math.Min(high, clip.Beta);
        return low <= high && newLow <= newHigh ? (x.Producer!.Inputs[0]!, new Unary { Function = UnaryFunction.Clip, Alpha = newLow, Beta = newHigh }) : null;
    }

    /// <summary>ln(1 + eˣ).</summary>
    private static (Value, Unary)? Softplus(Value sum) =>
        FactorList.Shifted(sum) is { Number: 1 } shifted && shifted.Other.Made<Unary>() is { Function: UnaryFunction.Exp }
            ? (shifted.Other.Producer!.Inputs[0]!, new Unary { Function = UnaryFunction.Softplus }) : null;

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    private static (Value, Unary)? Sigmoid(Value sum) =>
        FactorList.Shifted(sum) is { Number: 1 } shifted && shifted.Other.Made<Unary>() is { Function: UnaryFunction.Exp }
            && shifted.Other.Producer!.Inputs[0].Made<Unary>() is { Function: UnaryFunction.Neg }
            ? (shifted.Other.Producer.Inputs[0]!.Producer!.Inputs[0]!, new Unary { Function = UnaryFunction.Sigmoid }) : null;

    private static (Value, Unary)? Binary(BinaryFunction function, Value a, Value b)
    {
        switch (function)
        {
            case BinaryFunction.Min when b.Scalar() is { } high:
                return (a, new Unary { Function = UnaryFunction.Clip, Alpha = float.NegativeInfinity, Beta = high });
            case BinaryFunction.Max when b.Scalar() is { } low:
                return (a, new Unary { Function = UnaryFunction.Clip, Alpha = low, Beta = float.PositiveInfinity });
            case BinaryFunction.Mul when b.Made<Unary>() is { } gate && b.Producer!.Inputs[0] == a:
                return Gated(a, gate);
            // x · sigmoid(α·x)
            case BinaryFunction.Mul when b.Made<Unary>() is { Function: UnaryFunction.Sigmoid } && Scaled(b.Producer!.Inputs[0]!) is { } scaled && scaled.X == a:
                return (a, new Unary { Function = UnaryFunction.Swish, Alpha = scaled.Factor });
            // x / n · clip(x + β·n, 0, n)
            case BinaryFunction.Mul when Scaled(a) is { Factor: > 0 } part && ShiftedClip(b, 1 / part.Factor) is { } hard && hard.X == part.X:
                return (part.X, new Unary { Function = UnaryFunction.HardSwish, Alpha = part.Factor, Beta = hard.Shift * part.Factor });
            // x · tanh(softplus(x))
            case BinaryFunction.Mul when b.Made<Unary>() is { Function: UnaryFunction.Tanh } && b.Producer!.Inputs[0] is { } plus
                && plus.Made<Unary>() is { Function: UnaryFunction.Softplus } && plus.Producer!.Inputs[0] == a:
                return (a, new Unary { Function = UnaryFunction.Mish });
            // clip(x + β·n, 0, n) / n is a hard sigmoid; x · clip(…) / n a hard swish.
            case BinaryFunction.Div or BinaryFunction.Mul when b.Scalar() is { } c && c > 0:
                float n = function == BinaryFunction.Div ? c : 1 / c;
                if (ShiftedClip(a, n) is { } gated) return (gated.X, new Unary { Function = UnaryFunction.HardSigmoid, Alpha = 1 / n, Beta = gated.Shift / n });
                if (a.Made<Binary>() is not { Function: BinaryFunction.Mul, Activation.IsNone: true } || a.Producer is not { } product) return null;
                return HardSwish(product.Inputs[0]!, product.Inputs[1]!, n) ?? HardSwish(product.Inputs[1]!, product.Inputs[0]!, n);
            default:
                return null;
        }
    }

    private static (Value, Unary)? Gated(Value x, Unary gate) => gate.Function switch
    {
        UnaryFunction.Sigmoid => (x, new Unary { Function = UnaryFunction.Swish, Alpha = 1 }),
        UnaryFunction.HardSigmoid => (x, new Unary { Function = UnaryFunction.HardSwish, Alpha = gate.Alpha, Beta = gate.Beta }),
        _ => null,
    };

    private static (Value, Unary)? HardSwish(Value x, Value gate, float n) =>
        ShiftedClip(gate, n) is { } hard && hard.X == x ? (x, new Unary { Function = UnaryFunction.HardSwish, Alpha = 1 / n, Beta = hard.Shift / n }) : null;

    /// <summary>x and s if the value is clip(x + s, 0, n).</summary>
    private static (Value X, float Shift)? ShiftedClip(Value value, float n)
    {
        if (value.Made<Unary>() is not { Function: UnaryFunction.Clip, Alpha: 0 } clip || Math.Abs(clip.Beta - n) > 1e-5f * n) return null;
        Value sum = value.Producer!.Inputs[0]!;
        if (sum.Made<Binary>() is not { Function: BinaryFunction.Add, Activation.IsNone: true }) return null;
        Node add = sum.Producer!;
        return add.Inputs[1].Scalar() is { } s ? (add.Inputs[0]!, s) : add.Inputs[0].Scalar() is { } t ? (add.Inputs[1]!, t) : null;
    }

    private static (Value X, float Factor)? Scaled(Value value)
    {
        if (value.Made<Binary>() is not { Function: BinaryFunction.Mul, Activation.IsNone: true }) return null;
        Node product = value.Producer!;
        return product.Inputs[1].Scalar() is { } s ? (product.Inputs[0]!, s) : product.Inputs[0].Scalar() is { } t ? (product.Inputs[1]!, t) : null;
    }
}
