using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// Finds GELU, spelt with the error function, x/2·(1 + erf(x/√2)), or by its approximation, x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))), in
/// whatever order the factors come.
/// </summary>
internal static class RecogniseGelu
{
    private const double Cubic = 0.044715;

    private static readonly double Linear = Math.Sqrt(2 / Math.PI);

    public static GraphPatch? Visit(Graph graph, Node node)
    {
        if (node.Operator is not Binary { Function: BinaryFunction.Mul or BinaryFunction.Div, Activation.IsNone: true }) return null;
        Value y = node.Outputs[0];
        if (y.Type.DataType != DataType.F32) return null;
        foreach (Value gate in FactorList.Of(y).Values)
        {
            if (Recognise(gate) is not { } found || found.X.Type.Shape != y.Type.Shape || !FactorList.Of(y, found.X).Is(found.Scale, found.X, gate)) continue;
            var patch = new GraphPatch();
            return patch.Replace(y, patch.AddNamed(node, y.Name, new Unary { Function = found.Function }, found.X));
        }
        return null;
    }

    /// <summary>What the gate is a function of, which GELU it makes, and what else must be multiplied with it and x.</summary>
    private static (Value X, UnaryFunction Function, double Scale)? Recognise(Value gate)
    {
        if (gate.Made<Unary>() is { Function: UnaryFunction.Sigmoid })
            return Polynomial(gate.Producer!.Inputs[0]!, 2) is { } source ? (source, UnaryFunction.GeluTanh, 1) : null;
        // c + c·f, so that half of 1 + f is found either way.
        if (FactorList.Shifted(gate) is not { } sum) return null;
        FactorList wave = FactorList.Of(sum.Other);
        if (wave.Values.Count != 1 || !FactorList.Close(wave.Scale, sum.Number) || wave.Values[0].Made<Unary>() is not { } function) return null;
        Value inner = wave.Values[0].Producer!.Inputs[0]!;
        Value? x = function.Function switch
        {
            UnaryFunction.Erf => FactorList.Unscaled(inner) is var u && FactorList.Of(inner, u).Is(Math.Sqrt(0.5), u) ? u : null,
            UnaryFunction.Tanh => Polynomial(inner, 1),
            _ => null,
        };
        return x is null ? null : (x, function.Function == UnaryFunction.Erf ? UnaryFunction.Gelu : UnaryFunction.GeluTanh, 0.5 / sum.Number);
    }

    /// <summary>x if the value is <paramref name="times"/> √(2/π)·(x + 0.044715·x³), also as x·(1 + 0.044715·x²).</summary>
    private static Value? Polynomial(Value value, double times)
    {
        FactorList outer = FactorList.Of(value);
        foreach (Value factor in outer.Values)
        {
            if (factor.Producer is not { Operator: Binary { Function: BinaryFunction.Add, Activation.IsNone: true } } add) continue;
            double first = times * Linear;
            if (outer.Values.Count == 2 && outer.Values[outer.Values[0] == factor ? 1 : 0] is { } other
                && FactorList.Shifted(factor) is { } square && FactorList.Close(outer.Scale * square.Number, first) && FactorList.Of(square.Other, other).Is(Cubic * square.Number, other, other))
                return other;
            if (outer.Values.Count != 1) continue;
            for (int i = 0; i < 2; i++)
            {
                Value x = FactorList.Unscaled(add.Inputs[i]!);
                if (FactorList.Of(add.Inputs[i]!, x) is { Values.Count: 1 } term && FactorList.Close(outer.Scale * term.Scale, first)
                    && FactorList.Of(add.Inputs[1 - i]!, x).Is(Cubic * term.Scale, x, x, x)) return x;
            }
        }
        return null;
    }
}
