namespace EdgeRuntime.Operators;

/// <summary>How far from the definition a faster implementation of an operator may be: |a - b| ≤ absolute + relative · |b|.</summary>
/// <param name="Absolute">Allowed difference near zero.</param>
/// <param name="Relative">Allowed difference in proportion to the value.</param>
public readonly record struct Tolerance(float Absolute, float Relative)
{
    /// <summary>The same bits.</summary>
    public static Tolerance Exact => default;

    /// <summary>A few units in the last place: element-wise float functions.</summary>
    public static Tolerance Rounding => new(1e-6f, 2e-6f);

    /// <summary>Sums of products whose order differs.</summary>
    public static Tolerance Accumulation => new(1e-5f, 1e-4f);

    /// <summary>True when <paramref name="actual"/> is close enough; NaN equals NaN, and infinities equal themselves.</summary>
    public bool Accepts(double actual, double expected)
    {
        if (actual.Equals(expected)) return true;
        return Math.Abs(actual - expected) <= Absolute + Relative * Math.Abs(expected);
    }
}
