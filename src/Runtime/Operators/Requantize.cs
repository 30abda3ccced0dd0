using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The one rule by which sums of integers become 8-bit numbers; every backend gives the same bytes.</summary>
/// <remarks>
/// <para>docs/numerics.md is the whole of it: types, products, sums, functions, means, interpolation, why it is exact, and what stays in floats; <see cref="NumericVectors"/> are its test. In short: a quantized number q stands for the
/// real s·(q - z). Sums of products are exact 32-bit integers that wrap around, padding adds nothing, and
/// y = saturate(roundHalfToEven(float(acc) · m) + zy) with m = fl(fl(sx·sw) / sy), each operation rounded to single precision. F32 results are fl(float(acc) · fl(sx·sw)).</para>
/// <para>Nothing is contracted into a fused multiply-add, except in sums of two numbers, where y = saturate(roundHalfToEven(fma(a, ra, fma(b, rb, c)))) has two by definition. An activation that clamps is a clamp of y; see
/// <see cref="Clamp"/>. Other activations of convolutions are computed from the sums; see <see cref="AppliedFunction"/>. Functions of one number are tables of 256 bytes, made of functions that are the same on every system (<see cref="ExactMath"/>).</para>
/// </remarks>
internal static class Requantize
{
    /// <summary>The smallest and largest number of an 8-bit type.</summary>
    public static (int Low, int High) Range(DataType type) => type == DataType.I8 ? (sbyte.MinValue, sbyte.MaxValue) : (byte.MinValue, byte.MaxValue);

    /// <summary>What sums are multiplied by, for a product of operands of these scales.</summary>
    public static float Multiplier(float scaleA, float scaleB, float scaleY) => scaleA * scaleB / scaleY;

    /// <summary>A sum as a number from <paramref name="low"/> to <paramref name="high"/>, both within 8 bits.</summary>
    public static int Apply(int sum, float multiplier, int zeroPoint, int low, int high) => Round(sum * multiplier, zeroPoint, low, high);

    /// <summary>A number of steps, which is not NaN, as a number from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public static int Round(float steps, int zeroPoint, int low, int high) =>
        (int)Math.Clamp(MathF.Round(steps, MidpointRounding.ToEven), low - zeroPoint, high - zeroPoint) + zeroPoint;

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
