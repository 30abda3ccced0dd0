using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>A sequence of its inputs, which are of one type; an optional value is one of at most one.</summary>
internal sealed class SequenceConstruct : Operator
{
    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 0, int.MaxValue);
        long bytes = TensorSequence.EmptySize;
        foreach (Operand input in inputs)
        {
            if (input.IsMissing) throw Invalid("an element is missing.");
            if (input.DataType != inputs[0].DataType) throw Invalid($"{inputs[0].Type} and {input.Type} cannot be in one sequence.");
            if (bytes >= 0) bytes = input.Shape.IsStatic ? bytes + TensorSequence.ElementSize(input.Type) : Shape.Unknown;
        }
        if (bytes > int.MaxValue) throw Invalid($"a sequence of {bytes:N0} bytes is too large.");
        return [new TensorType(DataType.Sequence, (int)bytes)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) => TensorSequence.Write(inputs, outputs[0]);
}
