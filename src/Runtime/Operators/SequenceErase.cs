using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>A sequence without the element at a position (input 1, one integer; negative ones count from the end), or without the last.</summary>
internal sealed class SequenceErase : Operator
{
    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 2);
        if (inputs[0].DataType != DataType.Sequence) throw Invalid($"{inputs[0].Type} is no sequence.");
        bool last = inputs.Length < 2 || inputs[1].IsMissing;
        if (inputs[0].Value is not { } sequence || (!last && inputs[1].Value is null)) return [new TensorType(DataType.Sequence, Shape.Unknown)];
        TensorView[] elements = TensorSequence.Read(sequence);
        long left = sequence.Shape.Count - TensorSequence.ElementSize(elements[Index(elements.Length, last ? default : inputs[1].Value!.Value)].Type);
        return [new TensorType(DataType.Sequence, (int)left)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        TensorView[] elements = TensorSequence.Read(inputs[0]);
        int at = Index(elements.Length, inputs.Length > 1 ? inputs[1] : default);
        TensorSequence.Write([.. elements[..at], .. elements[(at + 1)..]], outputs[0]);
    }

    private int Index(int count, in TensorView position)
    {
        if (position.IsMissing) return NormalizeIndex(-1, count);
        return Integers(position) is [long index] ? NormalizeIndex(index, count) : throw Invalid($"{position.Type} is no position.");
    }
}
