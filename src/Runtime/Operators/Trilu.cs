using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Keeps one triangle of each matrix and zeroes the other; input 1, when given, shifts the diagonal.</summary>
internal sealed class Trilu : Operator
{
    public bool Upper = true;
    public long Diagonal;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Bool("upper", ref Upper);
        codec.Long("diagonal", ref Diagonal);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 2);
        if (inputs[0].Shape.Rank is 0 or 1) throw Invalid($"{inputs[0].Type} holds no matrix.");
        return [inputs[0].Type];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        long diagonal = inputs.Length > 1 && !inputs[1].IsMissing ? Integers(inputs[1])[0] : Diagonal;
        int rows = inputs[0].Shape[-2], columns = inputs[0].Shape[-1], size = inputs[0].DataType.Size();
        Span<byte> x = inputs[0].Bytes, y = outputs[0].Bytes;
        for (int i = 0; i < x.Length / size; i++)
        {
            long distance = i % columns - i / columns % rows;
            Span<byte> element = y.Slice(i * size, size);
            if (Upper ? distance >= diagonal : distance <= diagonal) x.Slice(i * size, size).CopyTo(element);
            else element.Clear();
        }
    }
}
