using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>exp(x - max) / sum along one axis, or the logarithm of that (ONNX Softmax-13, LogSoftmax-13).</summary>
internal sealed class Softmax : Operator
{
    public int Axis = -1;
    public bool Logarithm;

    public override Tolerance Tolerance => Tolerance.Rounding;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("axis", ref Axis);
        codec.Bool("logarithm", ref Logarithm);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (!inputs[0].Shape.IsUnranked) NormalizeAxis(Axis, inputs[0].Shape.Rank);
        return [inputs[0].Type];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        Operators.Cost.Elementwise(inputs, outputs, 5);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var action = new Action { Operator = this, X = inputs[0], Y = outputs[0] };
        TypeDispatch.Float(inputs[0].DataType, ref action);
    }

    private ref struct Action : IFloatAction
    {
        public Softmax Operator;
        public TensorView X, Y;

        public readonly void Invoke<T>() where T : unmanaged, IFloatingPointIeee754<T>, IMinMaxValue<T>
        {
            Span<T> x = X.Span<T>(), y = Y.Span<T>();
            int axis = Operator.NormalizeAxis(Operator.Axis, X.Shape.Rank), length = X.Shape[axis];
            int inner = (int)X.Shape.Product(axis + 1, X.Shape.Rank), outer = (int)X.Shape.Product(0, axis);
            for (int o = 0; o < outer; o++)
                for (int i = 0; i < inner; i++)
                {
                    int first = o * length * inner + i;
                    double max = double.NegativeInfinity, sum = 0;
                    for (int j = 0; j < length; j++) max = Math.Max(max, double.CreateTruncating(x[first + j * inner]));
                    for (int j = 0; j < length; j++) sum += Math.Exp(double.CreateTruncating(x[first + j * inner]) - max);
                    for (int j = 0; j < length; j++)
                    {
                        double shifted = double.CreateTruncating(x[first + j * inner]) - max;
                        y[first + j * inner] = T.CreateTruncating(Operator.Logarithm ? shifted - Math.Log(sum) : Math.Exp(shifted) / sum);
                    }
                }
        }
    }
}
