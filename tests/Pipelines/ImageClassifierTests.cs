using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>Pictures to classes: the digits model on digits it was not trained with, and models made here.</summary>
public class ImageClassifierTests
{
    [Theory]
    [InlineData("digits.onnx")]
    [InlineData("digits.edge")]
    public void The_shipped_model_reads_digits_that_were_held_back(string file)
    {
        (float[] Picture, int Digit)[] digits = NpmDigits.Get();
        Assert.Equal(2000, digits.Length);
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", file), stop: TestContext.Current.CancellationToken);
        using var classifier = new ImageClassifier(loaded.Model);
        var frame = new Frame();
        frame.Resize(28, 28);
        int right = 0;
        foreach ((float[] picture, int digit) in digits)
        {
            for (int i = 0; i < picture.Length; i++) frame.Pixels.Slice(3 * i, 3).Fill((byte)MathF.Round(255 * picture[i]));
            ReadOnlySpan<Classification> found = classifier.Process(frame);
            Assert.Equal(10, found.Length);
            if (found[0].Label == digit) right++;
        }
        Assert.True(right >= 0.975 * digits.Length, $"{right} of {digits.Length} are right");
        TestContext.Current.TestOutputHelper?.WriteLine($"{right} of {digits.Length}");
    }

    [Fact]
    public void The_shipped_models_are_the_ones_the_manifest_declares()
    {
        ZooModel[] shipped = [.. ModelZoo.Default.All.Where(m => ModelZoo.Default.Shipped(m.File) is not null)];
        Assert.NotEmpty(shipped);
        foreach (ZooModel model in shipped)
        {
            Assert.Equal(Repository.File("models", model.File), ModelCache.Default.Find(model));
            using EdgeModel converted = EdgeReader.Read(Repository.File("models", model.Name + ".edge"));
            Assert.Equal(model.Sha256, converted.Metadata.SourceSha256);
        }
    }

    [Fact]
    public void Classes_come_best_first_as_probabilities_where_the_model_file_says_how()
    {
        using var plain = new ImageClassifier(Model());
        using var probable = new ImageClassifier(Model(new Dictionary<string, double[]> { ["softmax"] = [1] }));
        Frame frame = Coloured(10, 40, 30);
        Assert.Equal([new(1, 40), new(2, 30), new(0, 10)], plain.Process(frame).ToArray());
        Classification[] found = probable.Process(frame).ToArray();
        Assert.Equal([1, 2, 0], found.Select(f => f.Label));
        Assert.Equal(1 / (1 + Math.Exp(-10) + Math.Exp(-30)), found[0].Score, 5);
        Assert.Equal(1, found.Sum(f => f.Score), 5);
        Assert.Equal(["red", "green", "blue"], probable.Labels);
        // Equal scores: by number.
        Assert.Equal([0, 1, 2], plain.Process(Coloured(9, 9, 9)).ToArray().Select(f => f.Label));
    }

    [Fact]
    public void Allocates_nothing_per_frame()
    {
        using var classifier = new ImageClassifier(Model(new Dictionary<string, double[]> { ["softmax"] = [1] }));
        Frame frame = Coloured(1, 2, 3);
        for (int i = 0; i < 100; i++) classifier.Process(frame);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 200; i++) classifier.Process(frame);
        }));
    }

    [Fact]
    public void Refuses_models_that_do_not_say_what_it_needs()
    {
        EdgeModel model = Model();
        AssertRefused(model.Metadata with { Task = "face-detection" }, "face-detection");
        AssertRefused(model.Metadata with { Decoder = null }, "scores");
        AssertRefused(model.Metadata with { Image = null }, "picture");
        AssertRefused(model.Metadata with { Labels = ["a", "b"] }, "3 scores for 2 labels");
        AssertRefused(model.Metadata with { Decoder = new DecoderInfo { Kind = "classes" } }, "scores");
        AssertRefused(model.Metadata with { Decoder = model.Metadata.Decoder! with { Parameters = new Dictionary<string, double[]> { ["softmax"] = [2] } } }, "softmax");

        void AssertRefused(ModelMetadata metadata, string part)
        {
            EdgeException error = Assert.Throws<EdgeException>(() => new ImageClassifier(new EdgeModel(model.Graph, metadata)));
            Assert.Equal(ErrorCode.WrongTask, error.Code);
            Assert.Contains(part, error.Problem);
        }
    }

    /// <summary>Red, green and blue of one pixel are the scores.</summary>
    private static EdgeModel Model(Dictionary<string, double[]>? parameters = null)
    {
        var builder = new GraphBuilder("g");
        Value x = builder.Input("x", new TensorType(DataType.F32, 1, 3, 1, 1));
        builder.Output("y", builder.Add1("clip", new Unary { Function = UnaryFunction.Relu }, x));
        return new EdgeModel(builder.Build(), new ModelMetadata
        {
            Name = "colours",
            Task = ImageClassifier.Task,
            Image = new ImageInput { Input = "x" },
            Labels = ["red", "green", "blue"],
            Decoder = new DecoderInfo { Kind = "classes", Parameters = parameters ?? [], Outputs = new Dictionary<string, string> { ["scores"] = "y" } },
        });
    }

    private static Frame Coloured(byte red, byte green, byte blue)
    {
        var frame = new Frame();
        frame.Resize(2, 2);
        for (int i = 0; i < 4; i++) (frame.Pixels[3 * i], frame.Pixels[3 * i + 1], frame.Pixels[3 * i + 2]) = (red, green, blue);
        return frame;
    }
}
