using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Backends.Cpu.Kernels;
using EdgeRuntime.Operators;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>The transcendental functions of the kernels against double precision, over all magnitudes a float can have, in vectors of each width.</summary>
public unsafe class VectorAccuracyTests
{
    /// <summary>Prime, so that the last digits of the samples vary; about 500,000 samples.</summary>
    private const uint Step = 8191;

    private static readonly float[] Corners =
    [
        0, -0f, float.Epsilon, -float.Epsilon, 1e-40f, -1e-40f, 1.17549435e-38f, -1.17549435e-38f, 0.4f, -0.4f, 87.3f, -87.3f, 88, -88, 88.72283f, -88.72283f,
        88.73f, -88.73f, 89, -89, 103.9f, -103.9f, -104, -105, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN, BitConverter.UInt32BitsToSingle(0xFFC00123),
    ];

    [Theory]
    [InlineData("Exp", 2e-7, 0)]
    [InlineData("Sigmoid", 5e-7, 0)]
    [InlineData("Tanh", 5e-7, 0)]
    [InlineData("Erf", 5e-7, 0)]
    [InlineData("Swish", 5e-7, 1e-35)]
    [InlineData("Gelu", 3e-7, 1e-6)]
    [InlineData("GeluTanh", 4e-6, 1e-14)] // The definition itself cancels where 1 + tanh is nearly 0.
    [InlineData("Elu", 3e-7, 2e-7)]
    [InlineData("Softplus", 1e-7, 0)]
    [InlineData("Mish", 1e-7, 0)]
    public void Functions_are_near_the_definition_everywhere(string function, double relative, double absolute)
    {
        // Without fused multiplication and addition the exponent's ln 2 is rounded on the way.
        if (function is "Sigmoid" or "Swish" && !Fma.IsSupported && !AdvSimd.IsSupported) relative = 5e-6;
        UnaryFunction f = Enum.Parse<UnaryFunction>(function);
        List<float> x = [.. Corners];
        for (ulong bits = 0; bits <= uint.MaxValue; bits += Step) x.Add(BitConverter.UInt32BitsToSingle((uint)bits));
        // Most bit patterns are tiny or huge; what activations see is between.
        for (float v = -20; v < 20; v += 0.0003f) x.Add(v);
        for (float v = -110; v < 110; v += 0.007f) x.Add(v);
        float[] from = [.. x], y = new float[from.Length];
        double[] exact = Array.ConvertAll(from, v => UnaryMath.Apply(f, v, 1, 0));
        foreach (int lanes in (int[])[1, 4, 8, 16])
        {
            fixed (float* source = from, target = y) UnaryPass.For(f, 1, 0, lanes).Apply(source, target, y.Length);
            double worst = 0;
            int at = 0;
            for (int i = 0; i < y.Length; i++)
            {
                double excess = Excess(y[i], exact[i], relative, absolute);
                if (excess <= worst) continue;
                worst = excess;
                at = i;
            }
            Assert.True(worst <= 1, $"{f}({from[at]:G9}) is {y[at]:G9} in {lanes} lanes, exactly {exact[at]:G9}: {worst:0.00} times the bound");
        }
    }

    /// <summary>The error in units of what is allowed. Results below 2⁻¹²⁵ may be flushed; those that round to infinity may be just below it.</summary>
    private static double Excess(float actual, double exact, double relative, double absolute)
    {
        if (actual.Equals((float)exact)) return 0;
        double allowed = Math.Max(absolute, relative * Math.Abs(exact)) + 2.36e-38, error = Math.Abs(actual - Math.Clamp(exact, -float.MaxValue, float.MaxValue));
        if (float.IsInfinity(actual) && double.IsFinite(exact)) error = Math.Abs(float.MaxValue - Math.Abs(exact));
        return double.IsNaN(error) ? double.PositiveInfinity : error / allowed;
    }
}
