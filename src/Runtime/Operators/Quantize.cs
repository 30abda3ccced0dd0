using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// round(x / scale) + zero point, halves to even, saturated, NaN as 0: for the whole tensor or for each index along an axis. Inputs: x, scale, and
/// optionally the zero point.
/// </summary>
internal sealed class Quantize : Operator
{
    public int Axis = 1;

    /// <summary>How many neighbours along the axis share a scale; 0 where each index has its own.</summary>
    public int BlockSize;

    /// <summary>The type of the result when there is no zero point to take it from.</summary>
    public DataType To = DataType.U8;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("axis", ref Axis);
        codec.Int("block_size", ref BlockSize);
        codec.DataType("to", ref To);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 3);
        CheckScale(inputs, Axis);
        DataType type = inputs.Length > 2 && !inputs[2].IsMissing ? inputs[2].DataType : To;
        if (type.IsFloat() || type.Size() is 0 or > 4) throw Invalid($"{type} holds no quantized numbers.");
        return [new TensorType(type, inputs[0].Shape, Known(inputs, type))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => Operators.Cost.Elementwise(inputs, outputs, 3);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        double[] x = Elements.Read(inputs[0]), scale = Elements.Read(inputs[1]), zero = inputs.Length > 2 ? Elements.Read(inputs[2]) : [];
        var scales = new ScaleIndex(inputs[0].Shape, inputs[1].Shape, Axis, BlockSize);
        for (int i = 0; i < x.Length; i++)
        {
            int channel = scales[i];
            // The quotient is one of single precision by definition, so that every engine rounds the same number.
            float quotient = (float)x[i] / (float)scale[channel];
            x[i] = (float.IsNaN(quotient) ? 0 : Math.Round((double)quotient, MidpointRounding.ToEven)) + (zero.Length > 0 ? zero[channel] : 0);
        }
        Elements.Write(outputs[0], x);
    }

    /// <summary>What constant scales and zero points of 8-bit numbers say, for the type; null when it cannot be told, or makes no sense.</summary>
    public static Quantization? Known(ReadOnlySpan<Operand> inputs, DataType type)
    {
        bool hasZero = inputs.Length > 2 && !inputs[2].IsMissing;
        if (type is not (DataType.U8 or DataType.I8) || inputs[1].Value is not { } scales || scales.DataType != DataType.F32 || scales.Shape.Count != 1) return null;
        if (hasZero && inputs[2].Value is null) return null;
        float scale = scales.Span<float>()[0];
        return scale > 0 && float.IsFinite(scale) ? new Quantization(scale, hasZero ? Requantize.Element(inputs[2].Value!.Value, 0) : 0) : null;
    }

    /// <summary>How far apart the channels of an axis lie, and how many scales there are.</summary>
    public static (int Inner, int Count) Blocks(in Shape x, in Shape scale, int axis)
    {
        int count = (int)scale.Count;
        if (scale.Rank == 0 || count == 1) return (1, 1);
        return ((int)x.Product((axis < 0 ? axis + x.Rank : axis) + 1, x.Rank), count);
    }

    private void CheckScale(ReadOnlySpan<Operand> inputs, int axis)
    {
        if (!Fits(inputs, axis, BlockSize)) throw Invalid($"the scale {inputs[1].Type} and the zero point do not fit {inputs[0].Type} along axis {axis}.");
    }

    /// <summary>True when scale and zero point are scalars or vectors as long as the axis, or have an element for each block along it.</summary>
    public static bool Fits(ReadOnlySpan<Operand> inputs, int axis, int blockSize)
    {
        Shape x = inputs[0].Shape, scale = inputs[1].Shape;
        if (inputs.Length > 2 && !inputs[2].IsMissing && !scale.Accepts(inputs[2].Shape)) return false;
        if (blockSize != 0) return blockSize > 0 && ScaleIndex.FitsBlocks(x, scale, axis, blockSize);
        if (x.IsUnranked || scale.IsUnranked || scale.Rank == 0 || scale == new Shape(1)) return true;
        if (scale.Rank != 1 || axis < -x.Rank || axis >= x.Rank) return false;
        return scale[0] < 0 || x[axis] < 0 || scale[0] == x[axis];
    }
}
