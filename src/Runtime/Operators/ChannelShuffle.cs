using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Joins tensors along the last axis, takes its channels as [groups, n] and turns them to [n, groups], and cuts the result into equal parts along it again. It is in no model file: plans for the
/// CPU alone have it in place of the operators that it is made of.
/// </summary>
internal sealed class ChannelShuffle : Operator
{
    public int Groups = 1;

    /// <summary>How many outputs there are.</summary>
    public int Parts = 1;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("groups", ref Groups);
        codec.Int("parts", ref Parts);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, int.MaxValue);
        TensorType joined = new Concat { Axis = -1 }.Infer(inputs)[0];
        if (Groups < 1 || Parts is < 1 or > 1 << 16) throw Invalid($"{Groups} groups and {Parts} parts cannot be made.");
        var outputs = new TensorType[Parts];
        Shape shape = joined.Shape;
        if (!shape.IsUnranked && shape[-1] >= 0)
        {
            if (shape[-1] % Groups != 0 || shape[-1] % Parts != 0) throw Invalid($"{shape[-1]} channels cannot be shuffled in {Groups} groups and cut into {Parts} parts.");
            shape = shape.With(shape.Rank - 1, shape[-1] / Parts);
        }
        Array.Fill(outputs, Moved(joined, shape));
        return outputs;
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        int size = outputs[0].DataType.Size(), width = outputs[0].Shape[-1], channels = width * Parts;
        long pixels = width == 0 ? 0 : outputs[0].Shape.Count / width;
        byte[] row = new byte[channels * size];
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            int column = 0;
            foreach (TensorView input in inputs)
            {
                int own = input.Shape[-1] * size;
                input.Bytes.Slice(pixel * own, own).CopyTo(row.AsSpan(column));
                column += own;
            }
            for (int channel = 0; channel < channels; channel++)
            {
                int from = channel % Groups * (channels / Groups) + channel / Groups;
                row.AsSpan(from * size, size).CopyTo(outputs[channel / width].Bytes[((pixel * width + channel % width) * size)..]);
            }
        }
    }
}
