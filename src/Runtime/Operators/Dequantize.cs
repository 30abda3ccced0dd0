using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>(x - zero point) · scale, for the whole tensor or for each index along an axis. Inputs: x, scale, and optionally the zero point.</summary>
internal sealed class Dequantize : Operator
{
    public int Axis = 1;

    /// <summary>How many neighbours along the axis share a scale; 0 where each index has its own.</summary>
    public int BlockSize;

    public override Tolerance Tolerance => Tolerance.Rounding;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("axis", ref Axis);
        codec.Int("block_size", ref BlockSize);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 3);
        if (!Quantize.Fits(inputs, Axis, BlockSize)) throw Invalid($"the scale {inputs[1].Type} and the zero point do not fit {inputs[0].Type} along axis {Axis}.");
        return [new TensorType(inputs[1].DataType, inputs[0].Shape)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => Operators.Cost.Elementwise(inputs, outputs, 2);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        double[] x = Elements.Read(inputs[0]), scale = Elements.Read(inputs[1]), zero = inputs.Length > 2 ? Elements.Read(inputs[2]) : [];
        var scales = new ScaleIndex(inputs[0].Shape, inputs[1].Shape, Axis, BlockSize);
        for (int i = 0; i < x.Length; i++)
        {
            int channel = scales[i];
            x[i] = (x[i] - (zero.Length > 0 ? zero[channel] : 0)) * scale[channel];
        }
        Elements.Write(outputs[0], x);
    }
}
