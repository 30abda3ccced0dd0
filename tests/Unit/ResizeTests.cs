using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

/// <summary>Where resized elements come from; the expected values follow from the formulas of ONNX Resize-19.</summary>
public class ResizeTests
{
    [Theory]
    [InlineData("HalfPixel", new float[] { 0, 0.25f, 0.75f, 1.25f, 1.75f, 2 })]
    [InlineData("AlignCorners", new float[] { 0, 0.4f, 0.8f, 1.2f, 1.6f, 2 })]
    [InlineData("Asymmetric", new float[] { 0, 0.5f, 1, 1.5f, 2, 2 })]
    [InlineData("TensorFlowHalfPixel", new float[] { 0.25f, 0.75f, 1.25f, 1.75f, 2, 2 })]
    public void Linear_positions(string coordinates, float[] expected)
    {
        float[] actual = Run(new Resize { Interpolation = Interpolation.Linear, Coordinates = Enum.Parse<ResizeCoordinates>(coordinates), Sizes = [6] }, 0, 1, 2);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-6f);
    }

    [Theory]
    [InlineData("Floor", new float[] { 0, 0, 1, 1 })]
    [InlineData("Ceil", new float[] { 0, 1, 1, 1 })]
    [InlineData("PreferFloor", new float[] { 0, 0, 1, 1 })]
    [InlineData("PreferCeil", new float[] { 0, 1, 1, 1 })]
    public void Nearest_rounding(string rounding, float[] expected)
    {
        // Asymmetric by two: the positions are 0, 0.5, 1, 1.5.
        var resize = new Resize { Coordinates = ResizeCoordinates.Asymmetric, Rounding = Enum.Parse<NearestRounding>(rounding), Scales = [2] };
        Assert.Equal(expected, Run(resize, 0, 1));
    }

    [Fact]
    public void PyTorch_takes_the_first_for_a_result_of_one()
    {
        Assert.Equal([1f], Run(new Resize { Interpolation = Interpolation.Linear, Sizes = [1] }, 0, 1, 2));
        Assert.Equal([0f], Run(new Resize { Interpolation = Interpolation.Linear, Coordinates = ResizeCoordinates.PyTorchHalfPixel, Sizes = [1] }, 0, 1, 2));
    }

    [Fact]
    public void Crop_and_resize_extrapolates()
    {
        var resize = new Resize { Interpolation = Interpolation.Linear, Coordinates = ResizeCoordinates.CropAndResize, Extrapolation = 9, Sizes = [4] };
        using Tensor x = Tensor.Vector(0f, 1, 2, 3);
        Tensor y = new OperatorSample(resize, x, Tensor.Vector(1 / 3f, 4 / 3f)).Evaluate()[0];
        Assert.Equal([1f, 2, 3, 9], y.Span<float>().ToArray());
    }

    [Fact]
    public void Antialiasing_takes_the_mean_of_what_vanishes()
    {
        float[] plain = Run(new Resize { Interpolation = Interpolation.Linear, Sizes = [2] }, 0, 0, 0, 8, 0, 0, 0, 0);
        float[] wide = Run(new Resize { Interpolation = Interpolation.Linear, AntiAlias = true, Sizes = [2] }, 0, 0, 0, 8, 0, 0, 0, 0);
        Assert.Equal([0f, 0], plain);
        Assert.True(wide[0] > 0.5f && wide[0] < 2 && wide[1] > 0);
    }

    [Theory]
    [InlineData("Stretch", 6, 4)]
    [InlineData("NotLarger", 4, 4)]
    [InlineData("NotSmaller", 6, 6)]
    public void Aspect_ratio(string policy, int height, int width)
    {
        var resize = new Resize { AspectRatio = Enum.Parse<AspectRatio>(policy), Sizes = [6, 4] };
        Assert.Equal(new Shape(height, width), resize.Infer([new Operand(new TensorType(DataType.F32, 2, 2))])[0].Shape);
    }

    private static float[] Run(Resize resize, params ReadOnlySpan<float> x) =>
        new OperatorSample(resize, Tensor.Vector(x)).Evaluate()[0].Span<float>().ToArray();
}
