using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>For each position of the indices, the input's element at that position but for one axis, where the index stands.</summary>
internal sealed class GatherElements : Operator
{
    public int Axis;

    public override void Attributes(AttributeCodec codec) => codec.Int("axis", ref Axis);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 2);
        Shape x = inputs[0].Shape, indices = inputs[1].Shape;
        if (!x.IsUnranked && !indices.IsUnranked)
        {
            int axis = NormalizeAxis(Axis, x.Rank);
            if (indices.Rank != x.Rank) throw Invalid($"{inputs[0].Type} and indices {inputs[1].Type} differ in rank.");
            for (int i = 0; i < x.Rank; i++)
                if (i != axis && x[i] >= 0 && indices[i] > x[i]) throw Invalid($"the indices {inputs[1].Type} exceed {inputs[0].Type}.");
        }
        return [Moved(inputs[0].Type, indices)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, 2 * outputs[0].ByteCount + inputs[1].ByteCount);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape x = inputs[0].Shape;
        int axis = NormalizeAxis(Axis, x.Rank), size = inputs[0].DataType.Size();
        long[] indices = Integers(inputs[1]);
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(x, strides);
        var at = new IndexWalk(inputs[1].Shape, strides);
        for (int i = 0; at.Next(); i++)
        {
            long from = at.Offset0 + (NormalizeIndex(indices[i], x[axis]) - at[axis]) * strides[axis];
            inputs[0].Bytes.Slice((int)from * size, size).CopyTo(outputs[0].Bytes[(i * size)..]);
        }
    }
}
