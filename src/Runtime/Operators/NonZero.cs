using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The positions of all elements that are not zero, in order, as a matrix with one row for each axis (I64).</summary>
internal sealed class NonZero : Operator
{
    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        int rank = inputs[0].Shape.IsUnranked ? Shape.Unknown : inputs[0].Shape.Rank;
        int count = inputs[0].Value is { } x ? Elements.Read(x).Count(v => v != 0) : Shape.Unknown;
        return [new TensorType(DataType.I64, rank, count)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(inputs[0].Shape.Count, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        double[] x = Elements.Read(inputs[0]);
        Span<long> y = outputs[0].Span<long>();
        int count = outputs[0].Shape[1], found = 0;
        var at = new IndexWalk(inputs[0].Shape, []);
        for (int i = 0; at.Next(); i++)
        {
            if (x[i] == 0) continue;
            for (int axis = 0; axis < inputs[0].Shape.Rank; axis++) y[axis * count + found] = at[axis];
            found++;
        }
    }
}
