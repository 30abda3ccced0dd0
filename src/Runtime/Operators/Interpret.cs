using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The same 8-bit numbers, which now stand for reals by this scale and zero point. It costs no step.</summary>
internal sealed class Interpret : Operator
{
    public float Scale = 1;
    public int ZeroPoint;

    public override bool IsView => true;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Float("scale", ref Scale);
        codec.Int("zero_point", ref ZeroPoint);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        var result = new QuantizedResult(inputs[0].DataType, Scale, ZeroPoint);
        if (inputs[0].DataType is not (DataType.U8 or DataType.I8)) throw Invalid($"{inputs[0].Type} has not 8 bits.");
        if (result.Problem is { } problem) throw Invalid(problem);
        return [result.Of(inputs[0].Shape)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => new(0, 0);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) => inputs[0].Bytes.CopyTo(outputs[0].Bytes);
}
