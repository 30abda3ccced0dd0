using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>
/// A value as a product: one number, and the values that are multiplied. In which order exporters multiply, and whether they divide by
/// the inverse, makes no difference then.
/// </summary>
/// <param name="scale">The number.</param>
/// <param name="values">The values, one entry for each time it is a factor.</param>
internal sealed class FactorList(double scale, List<Value> values)
{
    /// <summary>Deeper products are not looked through.</summary>
    private const int Depth = 8;

    /// <summary>The number.</summary>
    public double Scale => scale;

    /// <summary>The values, one entry for each time it is a factor.</summary>
    public IReadOnlyList<Value> Values => values;

    /// <summary>The factors of a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="whole">What is not to be looked into, if it is met.</param>
    public static FactorList Of(Value value, Value? whole = null)
    {
        List<Value> values = [];
        double scale = 1;
        Collect(value, Depth);
        return new FactorList(scale, values);

        void Collect(Value v, int depth)
        {
            if (v.Scalar() is { } number)
            {
                scale *= number;
                return;
            }
            if (v != whole && depth > 0 && v.Producer is { } node)
            {
                switch (node.Operator)
                {
                    case Binary { Function: BinaryFunction.Mul, Activation.IsNone: true }:
                        Collect(node.Inputs[0]!, depth - 1);
                        Collect(node.Inputs[1]!, depth - 1);
                        return;
                    case Binary { Function: BinaryFunction.Div, Activation.IsNone: true } when node.Inputs[1].Scalar() is { } divisor && divisor != 0:
                        scale /= divisor;
                        Collect(node.Inputs[0]!, depth - 1);
                        return;
                    case Binary { Function: BinaryFunction.Pow, Activation.IsNone: true } when node.Inputs[1].Scalar() is 2 or 3:
                        for (int i = 0; i < node.Inputs[1].Scalar(); i++) Collect(node.Inputs[0]!, depth - 1);
                        return;
                    case Unary { Function: UnaryFunction.Square }:
                        Collect(node.Inputs[0]!, depth - 1);
                        Collect(node.Inputs[0]!, depth - 1);
                        return;
                    case Unary { Function: UnaryFunction.Neg }:
                        scale = -scale;
                        Collect(node.Inputs[0]!, depth - 1);
                        return;
                }
            }
            values.Add(v);
        }
    }

    /// <summary>True when the values are those given, in any order, and the number is about <paramref name="expected"/>.</summary>
    public bool Is(double expected, params ReadOnlySpan<Value> factors)
    {
        if (values.Count != factors.Length || !Close(scale, expected)) return false;
        List<Value> left = [.. values];
        foreach (Value factor in factors)
            if (!left.Remove(factor)) return false;
        return true;
    }

    /// <summary>True when a constant of an exporter is meant to be a number: some write four digits only, or round to 16 bits.</summary>
    public static bool Close(double actual, double expected) => Math.Abs(actual - expected) <= 1e-3 * Math.Abs(expected);

    /// <summary>A value without the number it is multiplied by, if it is multiplied by one.</summary>
    public static Value Unscaled(Value value)
    {
        if (value.Producer is not { Operator: Binary { Activation.IsNone: true, Function: BinaryFunction.Mul or BinaryFunction.Div } binary } node) return value;
        if (node.Inputs[1].Scalar() is not null) return node.Inputs[0]!;
        return binary.Function == BinaryFunction.Mul && node.Inputs[0].Scalar() is not null ? node.Inputs[1]! : value;
    }

    /// <summary>The number and the other operand, where a value is a sum with a number.</summary>
    public static (float Number, Value Other)? Shifted(Value value)
    {
        if (value.Producer is not { Operator: Binary { Function: BinaryFunction.Add, Activation.IsNone: true } } node || value.Type.DataType != DataType.F32) return null;
        return node.Inputs[1].Scalar() is { } s ? (s, node.Inputs[0]!) : node.Inputs[0].Scalar() is { } t ? (t, node.Inputs[1]!) : null;
    }
}
