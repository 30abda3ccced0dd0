namespace EdgeRuntime.Operators;

/// <summary>The unary functions in double precision: the definition for every float type, and of the tables of quantized numbers. See <see cref="ExactMath"/>.</summary>
internal static class UnaryMath
{
    public static double Apply(UnaryFunction function, double x, double alpha, double beta) => function switch
    {
        UnaryFunction.Identity => x,
        UnaryFunction.Abs => Math.Abs(x),
        UnaryFunction.Neg => -x,
        UnaryFunction.Sign => double.IsNaN(x) ? x : Math.Sign(x),
        UnaryFunction.Reciprocal => 1 / x,
        UnaryFunction.Sqrt => Math.Sqrt(x),
        UnaryFunction.Square => x * x,
        UnaryFunction.Exp => ExactMath.Exp(x),
        UnaryFunction.Log => ExactMath.Log(x),
        UnaryFunction.Floor => Math.Floor(x),
        UnaryFunction.Ceil => Math.Ceiling(x),
        UnaryFunction.Round => Math.Round(x, MidpointRounding.ToEven),
        UnaryFunction.Erf => Erf(x),
        UnaryFunction.Sin => ExactMath.Sin(x),
        UnaryFunction.Cos => ExactMath.Cos(x),
        UnaryFunction.Tan => ExactMath.Tan(x),
        UnaryFunction.Asin => ExactMath.Asin(x),
        UnaryFunction.Acos => ExactMath.Acos(x),
        UnaryFunction.Atan => ExactMath.Atan(x),
        UnaryFunction.Sinh => ExactMath.Sinh(x),
        UnaryFunction.Cosh => ExactMath.Cosh(x),
        UnaryFunction.Tanh => ExactMath.Tanh(x),
        UnaryFunction.Asinh => ExactMath.Asinh(x),
        UnaryFunction.Acosh => ExactMath.Acosh(x),
        UnaryFunction.Atanh => ExactMath.Atanh(x),
        UnaryFunction.Relu => x < 0 ? 0 : x,
        UnaryFunction.Clip => x < alpha ? alpha : x > beta ? beta : x,
        UnaryFunction.LeakyRelu => x < 0 ? alpha * x : x,
        UnaryFunction.Elu => x < 0 ? alpha * (ExactMath.Exp(x) - 1) : x,
        UnaryFunction.Celu => Math.Max(0, x) + Math.Min(0, alpha * (ExactMath.Exp(x / alpha) - 1)),
        UnaryFunction.Selu => beta * (x > 0 ? x : alpha * (ExactMath.Exp(x) - 1)),
        UnaryFunction.ThresholdedRelu => x > alpha ? x : 0,
        UnaryFunction.Sigmoid => Sigmoid(x),
        UnaryFunction.HardSigmoid => Math.Clamp(alpha * x + beta, 0, 1),
        UnaryFunction.HardSwish => x * Math.Clamp(alpha * x + beta, 0, 1),
        UnaryFunction.Swish => x * Sigmoid(alpha * x),
        UnaryFunction.Gelu => 0.5 * x * (1 + Erf(x / Math.Sqrt(2))),
        UnaryFunction.GeluTanh => 0.5 * x * (1 + ExactMath.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
        UnaryFunction.Mish => x * ExactMath.Tanh(Softplus(x)),
        UnaryFunction.Softplus => Softplus(x),
        UnaryFunction.Softsign => x / (1 + Math.Abs(x)),
        UnaryFunction.Shrink => x < -alpha ? x + beta : x > alpha ? x - beta : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "It has no value as a real number."),
    };

    private static double Sigmoid(double x) => 1 / (1 + ExactMath.Exp(-x));

    private static double Softplus(double x) => Math.Max(x, 0) + ExactMath.Log(1 + ExactMath.Exp(-Math.Abs(x)));

    /// <summary>The error function: its Maclaurin series near zero, a continued fraction of erfc far from it (Abramowitz and Stegun 7.1.5, 7.1.14).</summary>
    private static double Erf(double x)
    {
        double a = Math.Abs(x);
        if (double.IsNaN(x)) return x;
        if (a > 6) return Math.Sign(x);
        if (a < 2.5)
        {
            double term = x, sum = x;
            for (int n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
            {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }
            return 2 / Math.Sqrt(Math.PI) * sum;
        }
        double fraction = a;
        for (int k = 60; k > 0; k--) fraction = a + k / 2.0 / fraction;
        return Math.Sign(x) * (1 - ExactMath.Exp(-a * a) / Math.Sqrt(Math.PI) / fraction);
    }
}
