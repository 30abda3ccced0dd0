using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>1 at the first largest element along an axis, 0 elsewhere.</summary>
internal sealed class Hardmax : Operator
{
    public int Axis = -1;

    public override void Attributes(AttributeCodec codec) => codec.Int("axis", ref Axis);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (!inputs[0].Shape.IsUnranked) NormalizeAxis(Axis, inputs[0].Shape.Rank);
        return [inputs[0].Type];
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var action = new Action { Operator = this, X = inputs[0], Y = outputs[0] };
        TypeDispatch.Float(inputs[0].DataType, ref action);
    }

    private ref struct Action : IFloatAction
    {
        public Hardmax Operator;
        public TensorView X, Y;

        public readonly void Invoke<T>() where T : unmanaged, IFloatingPointIeee754<T>, IMinMaxValue<T>
        {
            Span<T> x = X.Span<T>(), y = Y.Span<T>();
            int axis = Operator.NormalizeAxis(Operator.Axis, X.Shape.Rank), length = X.Shape[axis];
            int inner = (int)X.Shape.Product(axis + 1, X.Shape.Rank), outer = (int)X.Shape.Product(0, axis);
            y.Clear();
            for (int o = 0; o < outer && length > 0; o++)
                for (int i = 0; i < inner; i++)
                {
                    int first = o * length * inner + i, best = first;
                    for (int j = 1; j < length; j++)
                        if (x[first + j * inner] > x[best]) best = first + j * inner;
                    y[best] = T.One;
                }
        }
    }
}
