using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Cuts the input into parts along an axis: of the sizes of the attribute, or of input 1 when given, else equal ones, the last
/// of which may be smaller.
/// </summary>
internal sealed class Split : Operator
{
    public int Axis;

    /// <summary>How many outputs there are.</summary>
    public int Parts = 1;
    public long[] Sizes = [];

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("axis", ref Axis);
        codec.Int("parts", ref Parts);
        codec.Longs("sizes", ref Sizes);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 2);
        if (Parts is < 1 or > 1 << 16) throw Invalid($"{Parts} parts cannot be made.");
        Shape x = inputs[0].Shape;
        TensorType type = inputs[0].Type;
        var outputs = new TensorType[Parts];
        if (x.IsUnranked)
        {
            Array.Fill(outputs, Moved(type, x));
            return outputs;
        }
        int axis = NormalizeAxis(Axis, x.Rank);
        long[]? sizes = Integers(inputs, 1, Sizes);
        if (sizes is { Length: > 0 } && (sizes.Length != Parts || Array.Exists(sizes, v => v is < 0 or > int.MaxValue)
            || (x[axis] >= 0 && sizes.Sum() != x[axis])))
            throw Invalid($"{type} cannot be cut into {Parts} parts of [{string.Join(' ', sizes)}] along axis {axis}.");
        int equal = x[axis] < 0 ? Shape.Unknown : (x[axis] + Parts - 1) / Parts;
        for (int i = 0; i < Parts; i++)
        {
            int size = sizes is null ? Shape.Unknown
                : sizes.Length > 0 ? (int)sizes[i]
                : equal < 0 ? Shape.Unknown : Math.Clamp(x[axis] - i * equal, 0, equal);
            outputs[i] = Moved(type, x.With(axis, size));
        }
        return outputs;
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape x = inputs[0].Shape;
        int axis = NormalizeAxis(Axis, x.Rank), size = inputs[0].DataType.Size();
        int outer = (int)x.Product(0, axis), row = (int)x.Product(axis, x.Rank) * size, column = 0;
        foreach (TensorView output in outputs)
        {
            int width = (int)output.Shape.Product(axis, x.Rank) * size;
            for (int o = 0; o < outer; o++) inputs[0].Bytes.Slice(o * row + column, width).CopyTo(output.Bytes[(o * width)..]);
            column += width;
        }
    }
}
