using EdgeRuntime.Tensors;
using Xunit;
using static EdgeRuntime.Tests.Unit.OnnxModels;
using static EdgeRuntime.Tests.Unit.SpatialOperatorTests;

namespace EdgeRuntime.Tests.Unit;

/// <summary>What ONNX's own cases leave out of normalisation.</summary>
public class NormalizationTests
{
    [Theory]
    [InlineData(18, 2)]
    [InlineData(21, 6)]
    public void Groups_of_channels_are_normalised_together(int opset, int factors)
    {
        using Tensor x = Noise(1, 2, 6, 5, 3), scale = Noise(2, factors), bias = Noise(3, factors);
        float[] actual = Run("GroupNormalization", opset, [Int("num_groups", 2), Float("epsilon", 1e-3f)], x, scale, bias).Elements;

        float[] input = x.Span<float>().ToArray();
        int size = 3 * 5 * 3;
        var expected = new double[input.Length];
        for (int group = 0; group < 4; group++)
        {
            float[] part = input[(group * size)..((group + 1) * size)];
            double mean = part.Average(v => (double)v), variance = part.Average(v => (v - mean) * (v - mean));
            for (int i = 0; i < size; i++)
            {
                int factor = (group % 2 * 3 + i / 15) / (6 / factors);
                expected[group * size + i] = (part[i] - mean) / Math.Sqrt(variance + 1e-3) * scale.Span<float>()[factor] + bias.Span<float>()[factor];
            }
        }
        AssertClose(expected, actual);
    }

    [Fact]
    public void Root_mean_square_does_not_centre()
    {
        using Tensor x = Tensor.From<float>(new Shape(1, 2), 3, 4), scale = Tensor.From<float>(new Shape(2), 1, 2);
        double root = Math.Sqrt(12.5 + 1e-5);
        AssertClose([3 / root, 8 / root], Run("RMSNormalization", 23, [], x, scale).Elements);
    }

    [Fact]
    public void Vectors_of_zeros_stay_zero()
    {
        using Tensor x = Tensor.From<float>(new Shape(2, 2), 3, -4, 0, 0);
        AssertClose([0.6, -0.8, 0, 0], Run("LpNormalization", 1, [], x).Elements);
        AssertClose([3 / 7.0, -4 / 7.0, 0, 0], Run("LpNormalization", 1, [Int("p", 1)], x).Elements);
    }

    [Theory]
    [InlineData(1, 6)]
    [InlineData(0, 12)]
    [InlineData(2, 3)]
    public void Until_operator_set_13_softmax_joins_the_axes_that_follow(int axis, int together)
    {
        using Tensor x = Noise(1, 2, 2, 3);
        float[] actual = Run("Softmax", 11, [Int("axis", axis)], x).Elements;
        double[] expected = [.. x.Span<float>().ToArray().Chunk(together).SelectMany(row => row.Select(v => Math.Exp(v) / row.Sum(u => Math.Exp(u))))];
        AssertClose(expected, actual);
    }

    [Fact]
    public void Batch_statistics_that_are_no_constants_are_computed_with()
    {
        using Tensor x = Noise(1, 2, 3, 4), scale = Noise(2, 3), bias = Noise(3, 3), mean = Noise(4, 3), variance = Tensor.From<float>(new Shape(3), 0.5f, 1, 2);
        float[] actual = Run("BatchNormalization", 15, [], x, scale, bias, mean, variance).Elements;
        var expected = new double[24];
        for (int i = 0; i < 24; i++)
        {
            int c = i / 4 % 3;
            expected[i] = (x.Span<float>()[i] - mean.Span<float>()[c]) / Math.Sqrt(variance.Span<float>()[c] + 1e-5) * scale.Span<float>()[c] + bias.Span<float>()[c];
        }
        AssertClose(expected, actual);
    }
}
