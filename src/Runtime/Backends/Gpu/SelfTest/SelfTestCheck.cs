using System.Globalization;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.SelfTest;

/// <summary>Compares what a device computed with the definition.</summary>
internal static class SelfTestCheck
{
    /// <summary>How far 16 bits may be off; they have eleven digits, and sums are of a hundred products at most.</summary>
    private static readonly Tolerance HalfStorage = new(4e-3f, 4e-3f), HalfArithmetic = new(4e-2f, 2e-2f);

    /// <summary>The largest difference, and what is wrong; null where nothing is.</summary>
    public static (double MaxError, string? Problem) Compare(TensorView expected, TensorView actual, Tolerance tolerance, GpuPrecision precision)
    {
        if (expected.DataType != DataType.F32) return expected.Bytes.SequenceEqual(actual.Bytes) ? (0, null) : (0, "some integers are wrong");
        tolerance = precision switch
        {
            GpuPrecision.Float16Storage => HalfStorage,
            GpuPrecision.Float16 => HalfArithmetic,
            _ => tolerance,
        };
        double most = 0;
        string? problem = null;
        ReadOnlySpan<float> e = expected.Span<float>(), a = actual.Span<float>();
        for (int i = 0; i < e.Length; i++)
        {
            most = Math.Max(most, double.IsNaN(a[i]) ? double.PositiveInfinity : Math.Abs((double)a[i] - e[i]));
            if (problem is null && !tolerance.Accepts(a[i], e[i])) problem = string.Create(CultureInfo.InvariantCulture, $"element {i} is {a[i]:G6} in place of {e[i]:G6}");
        }
        return (most, problem);
    }
}
