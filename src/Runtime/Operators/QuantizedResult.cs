using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// How an operator whose operands are quantized (see <see cref="TensorType.Quantization"/>) writes what it computes: 8-bit numbers of a scale and zero
/// point, or F32, the reals themselves. None for operators of plain numbers.
/// </summary>
/// <param name="Type">U8, I8 or F32; None for none.</param>
/// <param name="Scale">Scale of 8-bit results.</param>
/// <param name="ZeroPoint">Zero point of 8-bit results.</param>
internal record struct QuantizedResult(DataType Type, float Scale = 0, int ZeroPoint = 0)
{
    /// <summary>True for operators of plain numbers.</summary>
    public readonly bool IsNone => Type == DataType.None;

    /// <summary>The result of a tensor's type and quantization.</summary>
    public static QuantizedResult Like(in TensorType type) =>
        type.Quantization is { Axis: < 0 } q ? new(type.DataType, q.Scales[0], q.ZeroPoints[0]) : default;

    /// <summary>Visits the three parts as attributes.</summary>
    public void Visit(AttributeCodec codec)
    {
        if (IsNone && codec.OmitsNothings) return;
        DataType type = Type;
        float scale = Scale;
        int zeroPoint = ZeroPoint;
        codec.DataType("result", ref type);
        codec.Float("result_scale", ref scale);
        codec.Int("result_zero_point", ref zeroPoint);
        this = new QuantizedResult(type, scale, zeroPoint);
    }

    /// <summary>The type of a result of that shape.</summary>
    public readonly TensorType Of(in Shape shape) => Type == DataType.F32 ? new(Type, shape) : new(Type, shape, new Quantization(Scale, ZeroPoint));

    /// <summary>What is wrong with it, or null.</summary>
    public readonly string? Problem => Type switch
    {
        DataType.F32 => null,
        DataType.U8 or DataType.I8 when !(Scale > 0) || !float.IsFinite(Scale) => $"the result's scale {Scale} is not a positive finite number.",
        DataType.U8 when ZeroPoint is < 0 or > byte.MaxValue => $"the result's zero point {ZeroPoint} is no u8.",
        DataType.I8 when ZeroPoint is < sbyte.MinValue or > sbyte.MaxValue => $"the result's zero point {ZeroPoint} is no i8.",
        DataType.U8 or DataType.I8 => null,
        _ => $"{Type} holds no quantized results.",
    };

    /// <summary>What is wrong with an operand that should be 8-bit and quantized, or null.</summary>
    /// <param name="type">The operand's type.</param>
    /// <param name="axis">The axis along which it may have scales of its own, or -1.</param>
    public static string? OperandProblem(in TensorType type, int axis = -1)
    {
        if (type.DataType is not (DataType.U8 or DataType.I8) || type.Quantization is not { } quantization) return $"{type} is not quantized to 8 bits.";
        if (quantization.Axis >= 0 && quantization.Axis != axis) return $"{type} has scales along another axis than {axis}.";
        if (quantization.Axis >= 0 && !type.Shape.IsUnranked && (quantization.Axis >= type.Shape.Rank || (type.Shape[quantization.Axis] is >= 0 and int size && size != quantization.Scales.Length)))
            return $"{type} has {quantization.Scales.Length} scales along axis {quantization.Axis}.";
        (int low, int high) = Requantize.Range(type.DataType);
        foreach (int zero in quantization.ZeroPoints)
            if (zero < low || zero > high) return $"{type} has the zero point {zero}.";
        return null;
    }
}
