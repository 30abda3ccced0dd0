using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Slices of the input along an axis, as many and in the order that the indices say; negative ones count from the end.</summary>
internal sealed class Gather : Operator
{
    public int Axis;

    public override void Attributes(AttributeCodec codec) => codec.Int("axis", ref Axis);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 2);
        Shape x = inputs[0].Shape, indices = inputs[1].Shape;
        if (x.IsUnranked || indices.IsUnranked) return [Moved(inputs[0].Type, Shape.Unranked)];
        int axis = NormalizeAxis(Axis, x.Rank);
        return [Moved(inputs[0].Type, new Shape([.. x.Span[..axis], .. indices.Span, .. x.Span[(axis + 1)..]]))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, 2 * outputs[0].ByteCount + inputs[1].ByteCount);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape x = inputs[0].Shape;
        int axis = NormalizeAxis(Axis, x.Rank), outer = (int)x.Product(0, axis);
        int width = (int)x.Product(axis + 1, x.Rank) * inputs[0].DataType.Size(), at = 0;
        long[] indices = Integers(inputs[1]);
        for (int o = 0; o < outer; o++)
            foreach (long index in indices)
            {
                int from = NormalizeIndex(index, x[axis]);
                inputs[0].Bytes.Slice((o * x[axis] + from) * width, width).CopyTo(outputs[0].Bytes[at..]);
                at += width;
            }
    }
}
