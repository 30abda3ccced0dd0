namespace EdgeRuntime.Operators;

/// <summary>
/// Functions that convolutions of integers apply to their sums before they round them, so that nothing is rounded to 8 bits in between. They are made of sums, products and integers alone, each rounded by itself, so that
/// all processors and shaders give the same bits; docs/numerics.md says how.
/// </summary>
internal static class AppliedFunction
{
    /// <summary>e to the power of more than this is 2 to the power of <see cref="Most"/>: sigmoids are 0 or 1 long before.</summary>
    public const float Most = 64;

    /// <summary>2 to the power of d, for |d| up to a half: 1 + d·(C1 + d·(C2 + d·(C3 + d·C4))), off by at most 4 parts of a million.</summary>
    public const float C1 = 0.6931210160255432f, C2 = 0.2402234971523285f, C3 = 0.055921975523233414f, C4 = 0.00966636836528778f;

    /// <summary>These bits less those of a number are those of about one over it. Two steps of Newton's make it good to 7 parts of a million.</summary>
    public const int ReciprocalBits = 0x7EF311C7;

    /// <summary>Larger parameters are refused, so that nothing overflows.</summary>
    private const float LargestParameter = 1 << 20;

    /// <summary>True for the functions that there are, with parameters that they can have.</summary>
    public static bool Has(in Activation activation) => activation.Function is UnaryFunction.LeakyRelu or UnaryFunction.Swish or UnaryFunction.HardSwish
        && Math.Abs(activation.Alpha) <= LargestParameter && Math.Abs(activation.Beta) <= LargestParameter;

    /// <summary>What Swish multiplies its operand by, to have the exponent of a power of two.</summary>
    public static float ExponentOf(float alpha) => (float)(alpha * -1.4426950408889634);

    /// <summary>The function's value.</summary>
    public static float Apply(in Activation activation, float x) => activation.Function switch
    {
        UnaryFunction.LeakyRelu => x < 0 ? x * activation.Alpha : x,
        UnaryFunction.HardSwish => x * Math.Max(Math.Min(x * activation.Alpha + activation.Beta, 1), 0),
        _ => x * Sigmoid(x * ExponentOf(activation.Alpha)),
    };

    /// <summary>1 / (1 + 2 to the power of u).</summary>
    private static float Sigmoid(float u)
    {
        u = Math.Max(Math.Min(u, Most), -Most);
        float n = MathF.Round(u), d = u - n;
        float power = 1 + d * (C1 + d * (C2 + d * (C3 + d * C4)));
        float sum = 1 + MathF.ScaleB(power, (int)n);
        float y = BitConverter.Int32BitsToSingle(ReciprocalBits - BitConverter.SingleToInt32Bits(sum));
        y *= 2 - sum * y;
        return y * (2 - sum * y);
    }
}
