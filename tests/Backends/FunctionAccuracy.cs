using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>What each function of the shaders may be off by, over all magnitudes that a float can have.</summary>
internal static class FunctionAccuracy
{
    /// <summary>Prime, so that the last digits of the samples vary; about 260,000 samples.</summary>
    private const uint Step = 16381;

    /// <summary>What a function may be off by.</summary>
    private sealed record Bound(UnaryFunction Function, double Relative, double Absolute = 0, float Alpha = 0, float Beta = 0);

    private static readonly Bound[] Bounds =
    [
        new(UnaryFunction.Identity, 0), new(UnaryFunction.Abs, 0), new(UnaryFunction.Neg, 0), new(UnaryFunction.Sign, 0),
        new(UnaryFunction.Floor, 0), new(UnaryFunction.Ceil, 0), new(UnaryFunction.Round, 0),
        new(UnaryFunction.Reciprocal, 3e-7), new(UnaryFunction.Sqrt, 3e-7), new(UnaryFunction.Square, 1e-7),
        new(UnaryFunction.Exp, 2e-7), new(UnaryFunction.Log, 2e-7), new(UnaryFunction.Erf, 3e-7),
        new(UnaryFunction.Sin, 0, 2e-7), new(UnaryFunction.Cos, 0, 2e-7), new(UnaryFunction.Tan, 5e-7),
        new(UnaryFunction.Asin, 4e-7), new(UnaryFunction.Acos, 0, 4e-7), new(UnaryFunction.Atan, 3e-7),
        new(UnaryFunction.Sinh, 3e-7), new(UnaryFunction.Cosh, 3e-7), new(UnaryFunction.Tanh, 3e-7),
        new(UnaryFunction.Asinh, 5e-7), new(UnaryFunction.Acosh, 5e-7), new(UnaryFunction.Atanh, 5e-7),
        new(UnaryFunction.Relu, 0), new(UnaryFunction.Clip, 0, 0, -1, 6), new(UnaryFunction.LeakyRelu, 1e-7, 0, 0.1f), new(UnaryFunction.ThresholdedRelu, 0, 0, 1),
        new(UnaryFunction.Elu, 2e-7, 2e-7, 1.3f), new(UnaryFunction.Celu, 2e-7, 2e-7, 1.3f), new(UnaryFunction.Selu, 3e-7, 3e-7, 1.6732632f, 1.050701f),
        new(UnaryFunction.Sigmoid, 3e-7), new(UnaryFunction.HardSigmoid, 2e-7, 1e-7, 0.2f, 0.5f), new(UnaryFunction.HardSwish, 2e-7, 3e-7, 1f / 6, 0.5f),
        new(UnaryFunction.Swish, 4e-7, 1e-35, 1), new(UnaryFunction.Gelu, 3e-7, 3e-7), new(UnaryFunction.GeluTanh, 3e-7, 3e-7), // Both cancel below zero.
        new(UnaryFunction.Mish, 4e-7, 1e-14), new(UnaryFunction.Softplus, 3e-7, 3e-16), // The definition loses what 1 + e has no digits for.
        new(UnaryFunction.Softsign, 3e-7), new(UnaryFunction.Shrink, 1e-7, 0, 1, 0.25f),
    ];

    private static readonly float[] Corners =
    [
        0, -0f, float.Epsilon, -float.Epsilon, 1e-40f, -1e-40f, 1.17549435e-38f, -1.17549435e-38f, 0.5f, -0.5f, 1, -1, 0.99999994f, -0.99999994f, 1.0000001f, 1.5f, -1.5f, 2.5f, -2.5f,
        0.625f, 0.75f, 0.41421354f, 2.4142137f, 87.3f, -87.3f, 88.72283f, -88.72283f, 88.73f, -88.73f, 89, -89, 89.4f, 89.42f, 103.9f, -103.9f, -104, -105, 8191.5f, 8192, -8193,
        1e5f, 1e10f, -1e30f, 16777216, 1e9f, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN,
    ];

    private static readonly float[] Samples = [.. Corners, .. Everywhere(), .. Between()];

    /// <summary>All functions.</summary>
    public static IEnumerable<string> Names => Bounds.Select(b => b.Function.ToString());

    /// <summary>The functions that have a bound.</summary>
    public static IEnumerable<UnaryFunction> Functions => Bounds.Select(b => b.Function);

    /// <summary>Compares a function on a device with double precision.</summary>
    public static void Check(string function, string driver, GpuTraits traits, Func<GpuProgram, ICompiledPlan> compile)
    {
        Bound bound = Bounds.Single(b => b.Function.ToString() == function);
        var builder = new GraphBuilder("accuracy");
        var op = new Unary { Function = bound.Function, Alpha = bound.Alpha, Beta = bound.Beta };
        builder.Output("y", builder.Add("node", op, builder.Input("x", new TensorType(DataType.F32, Samples.Length)))[0]);
        ExecutionPlan plan = Planner.Plan(builder.Build());
        using ICompiledPlan compiled = compile(GpuProgram.Build(plan, traits, (_, ways) => ways.Candidates[0]));
        Samples.CopyTo(compiled.Input(0).Span<float>());
        compiled.Run();
        Span<float> y = compiled.Output(0).Span<float>();

        double worst = 0;
        int at = 0;
        for (int i = 0; i < y.Length; i++)
        {
            double excess = Excess(y[i], Samples[i], bound);
            // Devices may take denormals for zero.
            if (excess > 1 && float.IsSubnormal(Samples[i])) excess = Math.Min(excess, Excess(y[i], MathF.CopySign(0, Samples[i]), bound));
            if (excess <= worst) continue;
            worst = excess;
            at = i;
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{function}, {driver}: {worst:0.000} times the bound of {bound.Relative:0.0e0} relative, {bound.Absolute:0.0e0} absolute, at {Samples[at]:G9}");
        Assert.True(worst <= 1, $"{function}({Samples[at]:G9}) is {y[at]:G9}, exactly {Exact(Samples[at], bound):G9}: {worst:0.00} times the bound");
    }

    private static double Exact(float x, Bound bound) => UnaryMath.Apply(bound.Function, x, bound.Alpha, bound.Beta);

    /// <summary>The error in units of what is allowed. Results below the normal floats may be flushed; those that round to infinity may be just below it.</summary>
    private static double Excess(float actual, float x, Bound bound)
    {
        double exact = Exact(x, bound);
        if (actual.Equals((float)exact)) return 0;
        double allowed = Math.Max(bound.Absolute, bound.Relative * Math.Abs(exact)) + 1.2e-38, error = Math.Abs(actual - Math.Clamp(exact, -float.MaxValue, float.MaxValue));
        if (float.IsInfinity(actual) && double.IsFinite(exact)) error = Math.Abs(float.MaxValue - Math.Abs(exact));
        return double.IsNaN(error) ? double.PositiveInfinity : error / allowed;
    }

    private static IEnumerable<float> Everywhere()
    {
        for (ulong bits = 0; bits <= uint.MaxValue; bits += Step) yield return BitConverter.UInt32BitsToSingle((uint)bits);
    }

    /// <summary>Most bit patterns are tiny or huge; what activations see is between.</summary>
    private static IEnumerable<float> Between()
    {
        for (float v = -20; v < 20; v += 0.0007f) yield return v;
        for (float v = -1; v < 1; v += 0.00007f) yield return v;
    }
}
