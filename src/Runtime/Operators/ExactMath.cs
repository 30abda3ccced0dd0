namespace EdgeRuntime.Operators;

/// <summary>
/// Elementary functions in double precision from sums, products, quotients and square roots alone, which IEEE 754 defines to the last bit: every processor and system gives the same tables of quantized functions. The functions of
/// <see cref="Math"/> are the C library's, and differ from one to the next in the last place. Errors are some units of the last place.
/// </summary>
internal static class ExactMath
{
    // Constants in two or three parts, of which the first has so many zeros at its end that products with small integers are exact.
    private const double Ln2High = 6.93147180369123816490e-01, Ln2Low = 1.90821492927058770002e-10;
    private const double HalfPiHigh = 1.57079632673412561417e+00, HalfPiMiddle = 6.07710050630396597660e-11, HalfPiLow = 2.02226624879595063154e-21;

    /// <summary>Beyond, whole turns cannot be taken away exactly in three parts.</summary>
    private const double LargestAngle = 1 << 20;

    public static double Exp(double x)
    {
        if (double.IsNaN(x)) return x;
        if (x > 710) return double.PositiveInfinity;
        if (x < -746) return 0;
        double n = Math.Round(x / (Ln2High + Ln2Low)), r = x - n * Ln2High - n * Ln2Low, sum = 1;
        // The series of eʳ for |r| < 0.35.
        for (int k = 14; k > 0; k--) sum = 1 + r / k * sum;
        return Math.ScaleB(sum, (int)n);
    }

    public static double Log(double x)
    {
        if (double.IsNaN(x) || x < 0) return double.NaN;
        if (x == 0) return double.NegativeInfinity;
        if (double.IsInfinity(x)) return x;
        int exponent = Math.ILogB(x);
        double m = Math.ScaleB(x, -exponent);
        if (m > 1.4142135623730951)
        {
            m /= 2;
            exponent++;
        }
        // 2·artanh((m - 1) / (m + 1)), where the argument is below 0.172.
        double s = (m - 1) / (m + 1), square = s * s, sum = 0;
        for (int k = 27; k > 0; k -= 2) sum = 1.0 / k + square * sum;
        return exponent * Ln2High + (2 * s * sum + exponent * Ln2Low);
    }

    /// <summary>ln(1 + x), exact where x is small.</summary>
    public static double Log1P(double x)
    {
        double sum = 1 + x;
        return sum == 1 || double.IsPositiveInfinity(sum) ? x : Log(sum) * x / (sum - 1);
    }

    public static double Sin(double x) => Math.Abs(x) <= LargestAngle ? Turned(x, 0) : Math.Sin(x);

    public static double Cos(double x) => Math.Abs(x) <= LargestAngle ? Turned(x, 1) : Math.Cos(x);

    public static double Tan(double x) => Math.Abs(x) <= LargestAngle ? Turned(x, 0) / Turned(x, 1) : Math.Tan(x);

    public static double Asin(double x) => Atan(x / Math.Sqrt((1 - x) * (1 + x)));

    public static double Acos(double x) => HalfPiHigh + HalfPiMiddle - Asin(x);

    public static double Atan(double x)
    {
        if (double.IsNaN(x)) return x;
        bool inverse = Math.Abs(x) > 1;
        double t = inverse ? 1 / x : x;
        // Half the angle, twice: the tangent is below 0.2 then.
        t /= 1 + Math.Sqrt(1 + t * t);
        t /= 1 + Math.Sqrt(1 + t * t);
        double square = t * t, sum = 0;
        for (int k = 29; k > 0; k -= 2) sum = 1.0 / k - square * sum;
        double angle = 4 * t * sum;
        return !inverse ? angle : x > 0 ? HalfPiHigh + (HalfPiMiddle - angle) : -HalfPiHigh - (HalfPiMiddle + angle);
    }

    public static double Sinh(double x)
    {
        if (Math.Abs(x) > 0.5) return Math.Abs(x) < 700 ? (Exp(x) - Exp(-x)) / 2 : Exp(x / 2) / 2 * Exp(x / 2) - Exp(-x / 2) / 2 * Exp(-x / 2);
        double square = x * x, sum = 1;
        for (int k = 17; k > 1; k -= 2) sum = 1 + square / (k * (k - 1)) * sum;
        return x * sum;
    }

    public static double Cosh(double x) => Math.Abs(x) < 700 ? (Exp(x) + Exp(-x)) / 2 : Exp(Math.Abs(x) / 2) / 2 * Exp(Math.Abs(x) / 2);

    public static double Tanh(double x) => Math.Abs(x) > 22 ? Math.Sign(x) : Sinh(x) / Cosh(x);

    public static double Asinh(double x)
    {
        double a = Math.Abs(x), y = a > 1e150 ? Log(a) + (Ln2High + Ln2Low) : Log1P(a + a * a / (1 + Math.Sqrt(1 + a * a)));
        return x < 0 ? -y : y;
    }

    public static double Acosh(double x) => x < 1 ? double.NaN : x > 1e150 ? Log(x) + (Ln2High + Ln2Low) : Log1P(x - 1 + Math.Sqrt((x - 1) * (x + 1)));

    public static double Atanh(double x) => Log1P(2 * x / (1 - x)) / 2;

    /// <summary>The sine of x and some quarter turns.</summary>
    private static double Turned(double x, int quarters)
    {
        double n = Math.Round(x / (HalfPiHigh + HalfPiMiddle)), r = x - n * HalfPiHigh - n * HalfPiMiddle - n * HalfPiLow, square = r * r, sum = 1;
        quarters = ((int)n + quarters) & 3;
        // The series of sine and cosine for |r| < 0.79.
        bool isCosine = (quarters & 1) != 0;
        for (int k = isCosine ? 22 : 23; k > 1; k -= 2) sum = 1 - square / (k * (k - 1)) * sum;
        double y = isCosine ? sum : r * sum;
        return (quarters & 2) != 0 ? -y : y;
    }
}
