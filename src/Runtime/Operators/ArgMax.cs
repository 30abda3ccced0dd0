using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The index of the largest (or smallest) element along an axis, as I64; of equal ones the first (or last).</summary>
internal sealed class ArgMax : Operator
{
    public int Axis;
    public bool KeepDims = true;
    public bool SelectLast;
    public bool Smallest;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("axis", ref Axis);
        codec.Bool("keep_dims", ref KeepDims);
        codec.Bool("select_last", ref SelectLast);
        codec.Bool("smallest", ref Smallest);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [new TensorType(DataType.I64, x)];
        int axis = NormalizeAxis(Axis, x.Rank);
        if (x[axis] == 0) throw Invalid($"axis {axis} of {inputs[0].Type} is empty; it has no largest element.");
        return [new TensorType(DataType.I64, KeepDims ? x.With(axis, 1) : new Shape([.. x.Span[..axis], .. x.Span[(axis + 1)..]]))];
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var action = new Action { Operator = this, X = inputs[0], Y = outputs[0] };
        TypeDispatch.Number(inputs[0].DataType, ref action);
    }

    private ref struct Action : INumberAction
    {
        public ArgMax Operator;
        public TensorView X, Y;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<T> x = X.Span<T>();
            Span<long> y = Y.Span<long>();
            int axis = Operator.NormalizeAxis(Operator.Axis, X.Shape.Rank), length = X.Shape[axis];
            int inner = (int)X.Shape.Product(axis + 1, X.Shape.Rank);
            for (int i = 0; i < y.Length; i++)
            {
                int first = i / inner * length * inner + i % inner, best = 0;
                for (int j = 1; j < length; j++)
                {
                    T candidate = x[first + j * inner], champion = x[first + best * inner];
                    bool better = Operator.Smallest ? candidate < champion : candidate > champion;
                    if (better || (Operator.SelectLast && candidate == champion)) best = j;
                }
                y[i] = best;
            }
        }
    }
}
