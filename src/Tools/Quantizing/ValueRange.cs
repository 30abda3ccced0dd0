using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>The reals that the 256 numbers of a quantized value stand for. 0 is always among them, exactly: padding and clamps need it.</summary>
/// <param name="Low">The least, 0 or below.</param>
/// <param name="High">The greatest, 0 or above.</param>
/// <param name="Method">How it was chosen, for reports: min-max, percentile, mse, entropy, or fixed where a function's own bounds say it.</param>
internal readonly record struct ValueRange(float Low, float High, string Method)
{
    /// <summary>Below this a scale would make quotients infinite; a constant zero needs one all the same.</summary>
    private const float LeastScale = 1e-30f;

    /// <summary>The range from the least to the greatest of some numbers, widened to hold 0.</summary>
    public static ValueRange Of(float low, float high, string method) => new(Math.Min(low, 0), Math.Max(high, 0), method);

    /// <summary>Distance of two neighbours.</summary>
    public float Scale => Math.Max((float)(((double)High - Low) / 255), LeastScale);

    /// <summary>The number that stands for 0.</summary>
    public byte ZeroPoint => (byte)Math.Clamp(Math.Round(-Low / (double)Scale), 0, 255);

    /// <summary>As a tensor's type has it.</summary>
    public Quantization Quantization => new(Scale, ZeroPoint);
}
