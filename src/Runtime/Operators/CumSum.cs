using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Running sums along the axis that input 1 names, from the first element or from the last.</summary>
internal sealed class CumSum : Operator
{
    /// <summary>An element is not part of its own sum.</summary>
    public bool Exclusive;
    public bool Reverse;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Bool("exclusive", ref Exclusive);
        codec.Bool("reverse", ref Reverse);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 2);
        if (inputs[1].Integers() is { Length: > 0 } axis && !inputs[0].Shape.IsUnranked) NormalizeAxis(checked((int)axis[0]), inputs[0].Shape.Rank);
        return [inputs[0].Type];
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        long[] axis = new Operand(inputs[1].Type, inputs[1]).Integers() ?? [];
        if (axis.Length != 1) throw Invalid($"the axis {inputs[1].Type} is not one integer.");
        var action = new Action { Operator = this, Axis = NormalizeAxis(checked((int)axis[0]), inputs[0].Shape.Rank), X = inputs[0], Y = outputs[0] };
        TypeDispatch.Number(inputs[0].DataType, ref action);
    }

    private ref struct Action : INumberAction
    {
        public CumSum Operator;
        public int Axis;
        public TensorView X, Y;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<T> x = X.Span<T>(), y = Y.Span<T>();
            int length = X.Shape[Axis], inner = (int)X.Shape.Product(Axis + 1, X.Shape.Rank), outer = (int)X.Shape.Product(0, Axis);
            for (int o = 0; o < outer; o++)
                for (int i = 0; i < inner; i++)
                {
                    T sum = T.Zero;
                    for (int j = 0; j < length; j++)
                    {
                        int at = (o * length + (Operator.Reverse ? length - 1 - j : j)) * inner + i;
                        T next = sum + x[at];
                        y[at] = Operator.Exclusive ? sum : next;
                        sum = next;
                    }
                }
        }
    }
}
