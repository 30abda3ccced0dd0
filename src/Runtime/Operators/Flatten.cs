using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The same elements as a matrix: the axes before one axis make the rows, the others the columns.</summary>
internal sealed class Flatten : Operator
{
    public int Axis = 1;

    public override bool IsView => true;

    public override void Attributes(AttributeCodec codec) => codec.Int("axis", ref Axis);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [Moved(inputs[0].Type, Shape.OfRank(2))];
        int axis = Axis < 0 ? Axis + x.Rank : Axis;
        if (axis < 0 || axis > x.Rank) throw Invalid($"axis {Axis} is outside of rank {x.Rank}.");
        return [Moved(inputs[0].Type, new Shape(Product(x.Span[..axis]), Product(x.Span[axis..])))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => default;

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        inputs[0].Bytes.CopyTo(outputs[0].Bytes);

    /// <summary>One open dimension among ones keeps its symbol.</summary>
    private static int Product(ReadOnlySpan<int> sizes)
    {
        int product = 1;
        foreach (int size in sizes)
            product = product == 1 ? size : size == 1 ? product : product < 0 || size < 0 ? Shape.Unknown : checked(product * size);
        return product;
    }
}
