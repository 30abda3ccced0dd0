using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The mean of quantized numbers as a quantized number; see <see cref="Requantize"/>.</summary>
internal readonly struct QuantizedMean(in TensorType x, in QuantizedResult result)
{
    private readonly float scale = x.Quantization!.Scales[0], scaleY = result.Scale;
    private readonly int zeroY = result.ZeroPoint;
    private readonly (int Low, int High) range = Requantize.Range(result.Type);

    /// <summary>Zero point of the operand.</summary>
    public int Zero { get; } = x.Quantization!.ZeroPoints[0];

    /// <summary>What the sum of <paramref name="count"/> numbers is multiplied by.</summary>
    public float Multiplier(int count) => scale / (scaleY * count);

    /// <summary>The mean of numbers whose sum less their zero points is given; that of none is zero.</summary>
    public byte Apply(int sum, int count) => unchecked((byte)Requantize.Apply(sum, count == 0 ? 0 : Multiplier(count), zeroY, range.Low, range.High));
}
