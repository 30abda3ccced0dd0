using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Puts elements back where max pooling found them; all else is zero. x and indices are channels first, [N, C, spatial…], and the
/// indices count in the flattened output. Its spatial sizes are the attribute, or follow from the window, or are the last of input 2.
/// </summary>
internal sealed class MaxUnpool : Operator
{
    public Window Window = new();

    public override void Attributes(AttributeCodec codec) => Window.Visit(codec);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 3);
        Window.Validate(Name);
        Shape x = inputs[0].Shape;
        int axes = Window.Axes;
        if (x.IsUnranked) return [new TensorType(inputs[0].DataType, Shape.Unranked)];
        if (x.Rank != axes + 2) throw Invalid($"a window of {axes} axes needs an input of rank {axes + 2}, not {inputs[0].Type}.");
        if (inputs[1].DataType != DataType.I64 || !x.Accepts(inputs[1].Shape)) throw Invalid($"the indices {inputs[1].Type} do not fit {inputs[0].Type}.");
        Shape y = x;
        long[]? sizes = inputs.Length > 2 && !inputs[2].IsMissing ? inputs[2].Integers() : null;
        bool open = inputs.Length > 2 && !inputs[2].IsMissing && sizes is null;
        if (sizes is not null && sizes.Length != x.Rank) throw Invalid($"the output shape [{string.Join(' ', sizes)}] does not have rank {x.Rank}.");
        for (int i = 0; i < axes; i++)
        {
            int size = x[i + 2];
            y = y.With(i + 2, sizes is not null ? checked((int)Math.Max(0, sizes[i + 2]))
                : open || size < 0 ? Shape.Unknown
                : checked(Math.Max(0, (size - 1) * Window.Strides[i] - Window.Pads[i] - Window.Pads[i + axes] + Window.Extent(i))));
        }
        return [inputs[0].Type with { Shape = y }];
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Span<long> indices = inputs[1].Span<long>();
        Span<byte> x = inputs[0].Bytes, y = outputs[0].Bytes;
        int size = inputs[0].DataType.Size();
        long count = outputs[0].Shape.Count;
        // Pooling counted in a tensor of the window's own size; a larger one keeps rows and columns, not flat positions.
        Shape from = Infer([new Operand(inputs[0].Type), new Operand(inputs[1].Type)])[0].Shape, to = outputs[0].Shape;
        y.Clear();
        for (int i = 0; i < indices.Length; i++)
        {
            long index = indices[i], target = 0;
            if (index < 0 || index >= from.Count) throw Invalid($"index {index} is outside of {from}.");
            long stride = from.Count;
            for (int axis = 0; axis < from.Rank; axis++)
            {
                stride /= from[axis];
                long position = index / stride;
                index %= stride;
                target = target * to[axis] + position;
            }
            if (target >= count) throw Invalid($"index {indices[i]} is outside of the output {to}.");
            x.Slice(i * size, size).CopyTo(y[(int)(target * size)..]);
        }
    }
}
