using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// A new axis along which the element at the index is the second value, all others the first. Negative indices count from the end;
/// indices outside give the first value only. Inputs: indices, depth (one number), values (two).
/// </summary>
internal sealed class OneHot : Operator
{
    public int Axis = -1;

    public override void Attributes(AttributeCodec codec) => codec.Int("axis", ref Axis);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 3, 3);
        Shape x = inputs[0].Shape;
        if (!new Shape(2).Accepts(inputs[2].Shape)) throw Invalid($"the values {inputs[2].Type} are not two.");
        if (x.IsUnranked) return [new TensorType(inputs[2].DataType, x)];
        int axis = NormalizeAxis(Axis, x.Rank + 1), depth = Shape.Unknown;
        if (Elements.Scalar(inputs[1]) is { } known)
            depth = known is >= 0 and <= int.MaxValue ? (int)known : throw Invalid($"the depth {known} is not possible.");
        return [new TensorType(inputs[2].DataType, new Shape([.. x.Span[..axis], depth, .. x.Span[axis..]]))];
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape y = outputs[0].Shape;
        int axis = NormalizeAxis(Axis, y.Rank), depth = y[axis], size = inputs[2].DataType.Size();
        int inner = (int)y.Product(axis + 1, y.Rank), count = (int)y.Count;
        double[] indices = Elements.Read(inputs[0]);
        for (int i = 0; i < count; i++)
        {
            double index = Math.Truncate(indices[i / (depth * inner) * inner + i % inner]);
            if (index < 0) index += depth;
            inputs[2].Bytes.Slice(index == i / inner % depth ? size : 0, size).CopyTo(outputs[0].Bytes[(i * size)..]);
        }
    }
}
