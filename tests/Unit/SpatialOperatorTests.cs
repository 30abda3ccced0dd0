using EdgeRuntime.Tensors;
using Xunit;
using static EdgeRuntime.Tests.Unit.OnnxModels;

namespace EdgeRuntime.Tests.Unit;

/// <summary>What ONNX's own cases leave out of convolution and pooling.</summary>
public class SpatialOperatorTests
{
    [Theory]
    [InlineData(1, 1, 1, 0, 0)]
    [InlineData(2, 2, 1, 1, 1)]
    [InlineData(3, 3, 2, 1, 0)]
    [InlineData(2, 2, 2, 0, 1)]
    public void Transposed_convolution_scatters_the_kernel(int groups, int stride, int dilation, int pad, int outputPadding)
    {
        int channels = 2 * groups, perGroup = 3, h = 5, w = 3, k = 3;
        using Tensor x = Noise(1, 2, channels, h, w), weight = Noise(2, channels, perGroup, k, k), bias = Noise(3, groups * perGroup);
        (Shape shape, float[] actual) = Run("ConvTranspose", 11,
            [Int("group", groups), Ints("strides", stride, stride), Ints("dilations", dilation, dilation), Ints("pads", pad, pad, pad, pad), Ints("output_padding", outputPadding, outputPadding)],
            x, weight, bias);

        int oh = stride * (h - 1) + outputPadding + (k - 1) * dilation + 1 - 2 * pad, ow = stride * (w - 1) + outputPadding + (k - 1) * dilation + 1 - 2 * pad;
        Assert.Equal(new Shape(2, groups * perGroup, oh, ow), shape);
        var expected = new double[actual.Length];
        for (int i = 0; i < expected.Length; i++) expected[i] = bias.Span<float>()[i / (oh * ow) % (groups * perGroup)];
        for (int n = 0; n < 2; n++)
            for (int c = 0; c < channels; c++)
                for (int o = 0; o < perGroup; o++)
                    for (int p = 0; p < h * w; p++)
                        for (int tap = 0; tap < k * k; tap++)
                        {
                            int row = p / w * stride + tap / k * dilation - pad, column = p % w * stride + tap % k * dilation - pad;
                            if (row < 0 || column < 0 || row >= oh || column >= ow) continue;
                            int channel = c / 2 * perGroup + o;
                            expected[((n * groups * perGroup + channel) * oh + row) * ow + column] +=
                                (double)x.Span<float>()[(n * channels + c) * h * w + p] * weight.Span<float>()[(c * perGroup + o) * k * k + tap];
                        }
        AssertClose(expected, actual);
    }

    [Fact]
    public void Transposed_convolution_finds_the_pads_for_an_output_shape()
    {
        using Tensor x = Noise(1, 1, 1, 3), weight = Noise(2, 1, 1, 3);
        (Shape whole, float[] all) = Run("ConvTranspose", 11, [Ints("strides", 2)], x, weight);
        (Shape cut, float[] some) = Run("ConvTranspose", 11, [Ints("strides", 2), Ints("output_shape", 6)], x, weight);
        Assert.Equal(new Shape(1, 1, 7), whole);
        Assert.Equal(new Shape(1, 1, 6), cut);
        // One pixel is too many; unless SAME_UPPER is asked for it goes at the beginning.
        AssertClose([.. all[1..].Select(v => (double)v)], some);
    }

    [Fact]
    public void Average_in_ceil_mode_counts_padding_but_not_what_is_beyond()
    {
        using Tensor x = Tensor.From<float>(new Shape(1, 1, 6), 1, 2, 3, 4, 5, 6);
        Assert.Equal([1f, 3, 5, 3], Run("AveragePool", 19, [Ints("kernel_shape", 3), Ints("strides", 2), Ints("pads", 1, 1), Int("ceil_mode", 1), Int("count_include_pad", 1)], x).Elements);
        Assert.Equal([1.5f, 3, 5, 6], Run("AveragePool", 19, [Ints("kernel_shape", 3), Ints("strides", 2), Ints("pads", 1, 1), Int("ceil_mode", 1)], x).Elements);
    }

    [Fact]
    public void Average_and_power_windows_may_be_dilated()
    {
        using Tensor x = Tensor.From<float>(new Shape(1, 1, 5), 1, -2, 3, 4, 5);
        Assert.Equal([2f, 1, 4], Run("AveragePool", 19, [Ints("kernel_shape", 2), Ints("dilations", 2)], x).Elements);
        AssertClose([Math.Cbrt(28), Math.Cbrt(72), Math.Cbrt(152)], Run("LpPool", 18, [Ints("kernel_shape", 2), Ints("dilations", 2), Int("p", 3)], x).Elements);
    }

    [Fact]
    public void Power_pooling_over_the_whole_picture()
    {
        using Tensor x = Tensor.From<float>(new Shape(1, 2, 1, 2), 3, -4, 5, 12);
        Assert.Equal([5f, 13], Run("GlobalLpPool", 2, [], x).Elements);
        Assert.Equal([7f, 17], Run("GlobalLpPool", 2, [Int("p", 1)], x).Elements);
    }

    internal static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-5 + 1e-5 * Math.Abs(expected[i]), $"element {i} is {actual[i]}, expected {expected[i]}");
    }
}
