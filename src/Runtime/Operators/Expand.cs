using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Repeats axes of size 1, so that the input gets the shape it shares by broadcasting with the attribute, or with input 1 when given.</summary>
internal sealed class Expand : Operator
{
    public long[] Target = [];

    public override void Attributes(AttributeCodec codec) => codec.Longs("target", ref Target);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 2);
        if (Integers(inputs, 1, Target) is not { } target)
        {
            if (inputs[1].Elements is { } elements && elements.Length <= Shape.MaxRank)
                return [Moved(inputs[0].Type, Broadcast.Shapes(inputs[0].Shape, new Shape(Array.ConvertAll(elements, ShapeElements.Dimension))))];
        }
        else
        {
            if (target.Length > Shape.MaxRank || Array.Exists(target, v => v is < 0 or > int.MaxValue))
                throw Invalid($"[{string.Join(' ', target)}] is no shape.");
            return [Moved(inputs[0].Type, Broadcast.Shapes(inputs[0].Shape, new Shape(Array.ConvertAll(target, v => (int)v))))];
        }
        int rank = inputs[1].Shape.Rank == 1 ? inputs[1].Shape[0] : Shape.Unknown;
        if (rank is < 0 or > Shape.MaxRank) return [Moved(inputs[0].Type, Shape.Unranked)];
        return [Moved(inputs[0].Type, Broadcast.Shapes(inputs[0].Shape, Shape.OfRank(rank)))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(inputs[0].Shape, outputs[0].Shape, strides);
        StridedCopy.Run(inputs[0], outputs[0], outputs[0].Shape, strides);
    }
}
