using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Compares what a backend computes with an operator's definition.</summary>
internal static class Closeness
{
    /// <summary>Floats within a tolerance, all else to the bit.</summary>
    public static void Check(TensorView expected, TensorView actual, Tolerance tolerance, string where)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        if (expected.DataType != DataType.F32)
        {
            Assert.True(expected.Bytes.SequenceEqual(actual.Bytes), $"{where}: the bytes differ.");
            return;
        }
        Span<float> e = expected.Span<float>(), a = actual.Span<float>();
        for (int i = 0; i < e.Length; i++)
            if (!tolerance.Accepts(a[i], e[i])) Assert.Fail($"{where}: element {i} of {expected.Shape} is {a[i]:G9}, expected {e[i]:G9}.");
    }
}
