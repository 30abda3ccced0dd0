using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>A sequence (input 0) with a tensor more (input 1), at a position (input 2, one integer; negative ones count from the end) or behind the last.</summary>
internal sealed class SequenceInsert : Operator
{
    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 3);
        if (inputs[0].DataType != DataType.Sequence) throw Invalid($"{inputs[0].Type} is no sequence.");
        if (!inputs[0].Shape.IsStatic || !inputs[1].Shape.IsStatic) return [new TensorType(DataType.Sequence, Shape.Unknown)];
        long bytes = inputs[0].Shape.Count + TensorSequence.ElementSize(inputs[1].Type);
        return bytes <= int.MaxValue ? [new TensorType(DataType.Sequence, (int)bytes)] : throw Invalid($"a sequence of {bytes:N0} bytes is too large.");
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        TensorView[] elements = TensorSequence.Read(inputs[0]);
        if (elements.Length > 0 && elements[0].DataType != inputs[1].DataType) throw Invalid($"{inputs[1].Type} cannot be in a sequence of {elements[0].Type}.");
        int at = elements.Length;
        if (inputs.Length > 2 && !inputs[2].IsMissing)
        {
            if (Integers(inputs[2]) is not [long position] || position < -elements.Length || position > elements.Length)
                throw Invalid($"nothing can be inserted there into {elements.Length} elements.");
            at = (int)(position < 0 ? position + elements.Length : position);
        }
        TensorSequence.Write([.. elements[..at], inputs[1], .. elements[at..]], outputs[0]);
    }
}
