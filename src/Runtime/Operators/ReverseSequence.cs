using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Reverses the first elements along the time axis, for each index of the batch axis as many as input 1 says.</summary>
internal sealed class ReverseSequence : Operator
{
    public int BatchAxis = 1;
    public int TimeAxis;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("batch_axis", ref BatchAxis);
        codec.Int("time_axis", ref TimeAxis);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 2);
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [inputs[0].Type];
        int batch = NormalizeAxis(BatchAxis, x.Rank), time = NormalizeAxis(TimeAxis, x.Rank);
        if (batch == time) throw Invalid("batch and time axis are the same.");
        if (!new Shape(x[batch]).Accepts(inputs[1].Shape)) throw Invalid($"{inputs[1].Type} does not give a length for each index along axis {batch} of {inputs[0].Type}.");
        return [inputs[0].Type];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape shape = inputs[0].Shape;
        int batch = NormalizeAxis(BatchAxis, shape.Rank), time = NormalizeAxis(TimeAxis, shape.Rank), size = inputs[0].DataType.Size();
        long[] lengths = Integers(inputs[1]);
        if (Array.Exists(lengths, v => v < 0 || v > shape[time])) throw Invalid($"a length of [{string.Join(' ', lengths)}] exceeds the time axis of {inputs[0].Type}.");
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(shape, strides);
        var at = new IndexWalk(shape, strides);
        while (at.Next())
        {
            long length = lengths[at[batch]], t = at[time];
            long from = t < length ? at.Offset0 + (length - 1 - 2 * t) * strides[time] : at.Offset0;
            inputs[0].Bytes.Slice((int)from * size, size).CopyTo(outputs[0].Bytes[((int)at.Offset0 * size)..]);
        }
    }
}
