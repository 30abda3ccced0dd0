using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// (x - mean) / √(variance + ε), mean and variance taken over some axes; without centring x / √(mean of squares + ε). The core of
/// layer, instance and RMS normalisation; scale and bias are products and sums of their own.
/// </summary>
internal sealed class Normalize : Operator
{
    public int[] Axes = [];
    public float Epsilon = 1e-5f;
    public bool Center = true;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Ints("axes", ref Axes);
        codec.Float("epsilon", ref Epsilon);
        codec.Bool("center", ref Center);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (!inputs[0].Shape.IsUnranked)
            foreach (int axis in Axes) NormalizeAxis(axis, inputs[0].Shape.Rank);
        return [inputs[0].Type];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => Operators.Cost.Elementwise(inputs, outputs, 6);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var action = new Action { Operator = this, X = inputs[0], Y = outputs[0] };
        TypeDispatch.Float(inputs[0].DataType, ref action);
    }

    private ref struct Action : IFloatAction
    {
        public Normalize Operator;
        public TensorView X, Y;

        public readonly void Invoke<T>() where T : unmanaged, IFloatingPointIeee754<T>, IMinMaxValue<T>
        {
            Span<T> x = X.Span<T>(), y = Y.Span<T>();
            var together = new bool[X.Shape.Rank];
            foreach (int axis in Operator.Axes) together[Operator.NormalizeAxis(axis, X.Shape.Rank)] = true;
            Span<long> strides = stackalloc long[Shape.MaxRank];
            long groups = 1;
            for (int axis = X.Shape.Rank - 1; axis >= 0; axis--)
            {
                strides[axis] = together[axis] ? 0 : groups;
                if (!together[axis]) groups *= X.Shape[axis];
            }
            var means = new double[groups];
            var variances = new double[groups];
            double count = groups == 0 ? 1 : x.Length / (double)groups;
            var walk = new IndexWalk(X.Shape, strides);
            for (int i = 0; Operator.Center && walk.Next(); i++) means[walk.Offset0] += double.CreateTruncating(x[i]) / count;
            walk = new IndexWalk(X.Shape, strides);
            for (int i = 0; walk.Next(); i++)
            {
                double distance = double.CreateTruncating(x[i]) - means[walk.Offset0];
                variances[walk.Offset0] += distance * distance / count;
            }
            walk = new IndexWalk(X.Shape, strides);
            for (int i = 0; walk.Next(); i++)
                y[i] = T.CreateTruncating((double.CreateTruncating(x[i]) - means[walk.Offset0]) / Math.Sqrt(variances[walk.Offset0] + Operator.Epsilon));
        }
    }
}
