using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The number of elements of a sequence (I64).</summary>
internal sealed class SequenceLength : Operator
{
    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        return inputs[0].DataType == DataType.Sequence ? [new TensorType(DataType.I64)] : throw Invalid($"{inputs[0].Type} is no sequence.");
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => new(1, outputs[0].ByteCount);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        outputs[0].Span<long>()[0] = TensorSequence.Read(inputs[0]).Length;
}
