using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Slices at full or partial positions: the last axis of the indices is a position in the axes of the input that follow the batch
/// axes, which both share (ONNX GatherND-13).
/// </summary>
internal sealed class GatherND : Operator
{
    public int BatchAxes;

    public override void Attributes(AttributeCodec codec) => codec.Int("batch_axes", ref BatchAxes);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 2);
        Shape x = inputs[0].Shape, indices = inputs[1].Shape;
        if (x.IsUnranked || indices.IsUnranked || (indices.Rank > 0 && indices[-1] < 0)) return [Moved(inputs[0].Type, Shape.Unranked)];
        if (indices.Rank < 1 || BatchAxes < 0 || BatchAxes >= indices.Rank || BatchAxes + indices[-1] > x.Rank
            || !new Shape(x.Span[..BatchAxes]).Accepts(new Shape(indices.Span[..BatchAxes])))
            throw Invalid($"the indices {inputs[1].Type} with {BatchAxes} batch axes do not point into {inputs[0].Type}.");
        return [Moved(inputs[0].Type, new Shape([.. indices.Span[..^1], .. x.Span[(BatchAxes + indices[-1])..]]))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, 2 * outputs[0].ByteCount + inputs[1].ByteCount);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape x = inputs[0].Shape, shape = inputs[1].Shape;
        int depth = shape[-1], size = inputs[0].DataType.Size();
        int width = (int)x.Product(BatchAxes + depth, x.Rank) * size;
        long[] indices = Integers(inputs[1]);
        int positions = (int)shape.Product(0, shape.Rank - 1), perBatch = (int)shape.Product(BatchAxes, shape.Rank - 1);
        for (int i = 0; i < positions; i++)
        {
            long from = i / perBatch;
            for (int d = 0; d < depth; d++) from = from * x[BatchAxes + d] + NormalizeIndex(indices[i * depth + d], x[BatchAxes + d]);
            inputs[0].Bytes.Slice((int)from * width, width).CopyTo(outputs[0].Bytes[(i * width)..]);
        }
    }
}
