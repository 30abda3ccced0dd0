using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Quantizes F32 to U8 by the range of the very data, zero included (ONNX DynamicQuantizeLinear-11). Outputs: numbers, scale, zero point.
/// </summary>
internal sealed class DynamicQuantize : Operator
{
    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (inputs[0].DataType != DataType.F32) throw Invalid($"{inputs[0].Type} is not of type f32.");
        return [new TensorType(DataType.U8, inputs[0].Shape), new TensorType(DataType.F32), new TensorType(DataType.U8)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => Operators.Cost.Elementwise(inputs, outputs, 5);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        float low = 0, high = 0;
        foreach (float value in inputs[0].Span<float>())
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }
        float scale = high == low ? 1 : (high - low) / 255;
        outputs[1].Span<float>()[0] = scale;
        outputs[2].Span<byte>()[0] = byte.CreateSaturating(MathF.Round(-low / scale, MidpointRounding.ToEven));
        new Quantize().Evaluate([inputs[0], outputs[1], outputs[2]], outputs[..1]);
    }
}
