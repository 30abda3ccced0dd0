using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Media;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Evaluation;

/// <summary>What detectors find in other precisions against what they find in floats. Skipped where models, pictures or videos are not on this machine.</summary>
public class QuantizedDetectorTests
{
    /// <summary>As <c>convert --quantize int8</c> makes it where nothing else is said. For some of them this is less than 0.97 and 0.90, which are the goal: what may not be lost again.</summary>
    [Theory]
    [InlineData("blazeface-front", 0.97, 0.95)]
    [InlineData("blazeface-back", 0.97, 0.88)]
    [InlineData("ultraface", 0.97, 0.90)]
    [InlineData("yunet", 0.97, 0.90)]
    [InlineData("fastestdet", 0.97, 0.90)]
    [InlineData("nanodet-m", 0.87, 0.83)]
    [InlineData("yolox-nano", 0.97, 0.92)]
    public void Integers_find_what_floats_find(string name, double least, double leastAt50To95)
    {
        string source = Source(name);
        using EdgeModel floats = Converter.Convert(source).Model;
        using EdgeModel integers = QuantizedModels.Get(name);
        (double at50, double at50To95) = Measure(floats, integers);
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: AP@0.5 {at50:0.0000}, AP@[.5:.95] {at50To95:0.0000}");
        Assert.True(at50 >= least && at50To95 >= leastAt50To95, $"AP@0.5 {at50:0.0000} and AP@[.5:.95] {at50To95:0.0000} of what floats find; {least} and {leastAt50To95} are asked for");
    }

    /// <summary>Its noise is spread over all layers: the last ones in floats cost a fraction of what the noisiest would, with conversions around each.</summary>
    [Fact]
    public void Layers_that_stay_in_floats_are_the_last_ones_where_that_takes_least_time()
    {
        using EdgeModel integers = QuantizedModels.Get("blazeface-back");
        LayerEvidence[] layers = [.. integers.Metadata.Quantization!.Layers];
        int floats = layers.Count(l => l.Precision != "int8");
        Assert.InRange(floats, 1, layers.Length / 2);
        Assert.All(layers[^floats..], l => Assert.NotEqual("int8", l.Precision));
    }

    [Fact]
    public void A_model_finds_all_that_it_finds_and_as_good_as_all_with_half_precision()
    {
        string source = Source("ultraface");
        using EdgeModel floats = Converter.Convert(source).Model, halves = Converter.Convert(source, new ConversionOptions { Precision = WeightPrecision.Fp16 }).Model;
        Assert.Equal((1, 1), Measure(floats, floats));
        (double at50, double at50To95) = Measure(floats, halves);
        Assert.InRange(at50, 0.99, 1);
        Assert.InRange(at50To95, 0.97, 1);
    }

    /// <summary>The model's file: in the cache of models, or with the test data.</summary>
    private static string Source(string name)
    {
        MediaFiles.NeedFfmpeg();
        ZooModel model = ModelZoo.Default.Get(name);
        string? path = ModelCache.Default.Find(model);
        if (path is null && Repository.FindData("models") is { } folder)
            path = Directory.EnumerateFiles(folder, "*.onnx").FirstOrDefault(f => new FileInfo(f).Length == model.Bytes && ModelCache.HashOf(f) == model.Sha256);
        Assert.SkipUnless(path is not null, $"{name} is not on this machine");
        return path;
    }

    private static (double At50, double At50To95) Measure(EdgeModel reference, EdgeModel candidate)
    {
        using DetectorSamples samples = DetectorSamples.ForMeasuring(reference);
        using var first = new InferenceSession(reference.Graph, new SessionOptions { Threads = 2 });
        using var second = new InferenceSession(candidate.Graph, new SessionOptions { Threads = 2 });
        var agreement = Assert.IsType<DetectionAgreement>(Agreement.For(reference));
        for (int i = 0; i < samples.Count; i++)
        {
            Tensor[] inputs = samples.Inputs(i);
            TensorView[] views = [.. inputs.Select(t => t.View)];
            first.Run(views);
            second.Run(views);
            agreement.Add(Outputs(first), Outputs(second));
            foreach (Tensor input in inputs) input.Dispose();
        }
        TestContext.Current.TestOutputHelper!.WriteLine($"{samples.Count} pictures, {agreement.Classes.Sum(c => c.Boxes)} boxes of {agreement.Classes.Count} classes");
        return (agreement.Value, agreement.ValueAt50To95);
    }

    private static TensorView[] Outputs(InferenceSession session) => [.. Enumerable.Range(0, session.Graph.Outputs.Count).Select(session.Output)];
}
