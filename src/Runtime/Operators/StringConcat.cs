using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The texts of input 1 put behind those of input 0, with broadcasting.</summary>
internal sealed class StringConcat : Operator
{
    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 2);
        if (inputs[0].DataType != DataType.Text || inputs[1].DataType != DataType.Text) throw Invalid($"{inputs[0].Type} and {inputs[1].Type} are no texts.");
        return [new TensorType(DataType.Text, Broadcast.Shapes(inputs[0].Shape, inputs[1].Shape))];
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape shape = outputs[0].Shape;
        Span<long> stridesA = stackalloc long[Shape.MaxRank], stridesB = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(inputs[0].Shape, shape, stridesA);
        Broadcast.Strides(inputs[1].Shape, shape, stridesB);
        Span<TextElement> a = inputs[0].Span<TextElement>(), b = inputs[1].Span<TextElement>(), y = outputs[0].Span<TextElement>();
        var walk = new IndexWalk(shape, stridesA, stridesB);
        for (int i = 0; walk.Next(); i++) y[i] = TextElement.From([.. a[(int)walk.Offset0].Utf8Bytes, .. b[(int)walk.Offset1].Utf8Bytes]);
    }
}
