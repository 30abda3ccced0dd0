using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Conversion;

/// <summary>What the zoo says of one model, taken for another with the same inputs and outputs.</summary>
public class LikenessTests
{
    private static readonly ModelMetadata Own = new() { Name = "mine", License = "MIT", Source = "mine.onnx" };

    [Fact]
    public void A_model_like_one_of_the_zoo_is_used_as_that_one()
    {
        ModelMetadata taken = LikenessCheck.Take(Own, ModelZoo.Default.Get("ultraface"), Faces());
        Assert.Equal(("mine", "MIT", "mine.onnx", "face-detection"), (taken.Name, taken.License, taken.Source, taken.Task));
        Assert.Equal(("ultraface", "input"), (taken.Decoder!.Kind, taken.Image!.Input));
    }

    [Theory]
    [InlineData("its picture would be the input 'input', and it has 'picture'", "picture", 240, "scores", 4420)]
    [InlineData("its 'scores' would be the output 'scores', and it has 'classes', 'boxes'", "input", 240, "classes", 4420)]
    [InlineData("a picture needs 1x3xHxW", "input", -1, "scores", 4420)]
    [InlineData("expects 400 floats as 'boxes'", "input", 240, "scores", 100)]
    public void What_differs_is_named(string problem, string input, int height, string scores, int rows)
    {
        EdgeException error = Assert.Throws<EdgeException>(() => LikenessCheck.Take(Own, ModelZoo.Default.Get("ultraface"), Faces(input, height, scores, rows)));
        Assert.Equal(ErrorCode.BadUsage, error.Code);
        Assert.StartsWith("'faces' is not like ultraface of the zoo: ", error.Problem);
        Assert.Contains(problem, error.Problem);
    }

    [Fact]
    public void Every_detector_of_the_zoo_says_all_that_its_decoder_needs()
    {
        // Each one is unlike the faces above because of what they have, not because of what the zoo leaves out.
        foreach (ZooModel model in ModelZoo.Default.All.Where(m => m.Task is "face-detection" or "object-detection"))
        {
            if (model.Decoder!.Kind == "ultraface") Assert.Equal(model.Task, LikenessCheck.Take(Own, model, Faces()).Task);
            else Assert.Contains("would be the", Assert.Throws<EdgeException>(() => LikenessCheck.Take(Own, model, Faces())).Problem);
            Assert.Equal(model.Task == "object-detection" ? 80 : 0, model.Labels?.Length ?? 0);
        }
    }

    /// <summary>Rows of two scores and rows of four numbers, made of a picture of 320 columns.</summary>
    private static Graph Faces(string input = "input", int height = 240, string scores = "scores", int rows = 4420)
    {
        var builder = new GraphBuilder("faces");
        Value picture = builder.Input(input, new TensorType(DataType.F32, 1, 3, height < 0 ? builder.Symbol("height") : height, 320));
        Value sum = builder.Add1("sum", new Reduce { Function = ReduceFunction.Sum, Axes = [0, 1, 2, 3], KeepDims = false }, picture);
        foreach ((string name, int count, int length) in ((string, int, int)[])[(scores, 4420, 2), ("boxes", 4420, 4)])
        {
            Value some = builder.Constant($"some/{name}", new Tensor(new TensorType(DataType.F32, 1, name == scores ? rows : count, length)));
            builder.Output(name, builder.Add1(name, new Binary { Function = BinaryFunction.Add }, some, sum));
        }
        return builder.Build();
    }
}
