using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Verification;

/// <summary>The models in integers that must give the same bytes everywhere: those of the benchmark's suite, quantized by us or as they came, and of the shipped ones those that can be quantized.</summary>
/// <param name="files">Where models are.</param>
/// <param name="integers">Quantizes them, once.</param>
internal sealed class IntegerModels(SuiteFiles files, SuiteIntegers integers)
{
    private static readonly string[] Shipped = ["keywords", "digits"];

    /// <summary>What models of pictures see where the project has no set of pictures for them.</summary>
    private const string Picture = "astronaut.png";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SuiteModel> All { get; } = [.. BenchSuite.Load().Models.Where(m => m.Int8 || m.Quantized), .. Shipped.Select(name => new SuiteModel { Name = name, Int8 = true })];

    /// <summary>The model; a reason where it is not to be had.</summary>
    /// <param name="model">Which one.</param>
    /// <param name="stop">Ends it.</param>
    public (EdgeModel? Model, string? Reason) Get(SuiteModel model, CancellationToken stop)
    {
        (string? path, string? reason) = ModelZoo.Default.Shipped($"{model.Name}.onnx") is { } shipped ? (shipped, null) : files.Find(model, null, stop);
        if (path is null) return (null, reason);
        OnnxModel onnx = OnnxReader.Read(path);
        Dictionary<string, Shape> shapes = model.Shapes.ToDictionary(s => s.Key, s => new Shape(s.Value));
        if (model.Quantized) return (Converter.Convert(onnx, new ConversionOptions { InputShapes = shapes, Name = model.Name }).Model, null);
        (EdgeModel? bytes, string? note) = integers.Get(onnx, model.Name, shapes);
        return bytes is null ? (null, note) : (bytes, null);
    }

    /// <summary>Inputs for a model: pictures or sounds where the project has some for it, else numbers by chance.</summary>
    /// <param name="model">The model.</param>
    /// <param name="count">How many.</param>
    public static (Tensor[][] Inputs, string What) Samples(EdgeModel model, int count)
    {
        SampleSet set;
        try
        {
            set = CalibrationSamples.Open(model, null);
        }
        catch (EdgeException e) when (e.Code is ErrorCode.BadUsage or ErrorCode.CannotFetch or ErrorCode.MissingTool)
        {
            set = model.Metadata.Image is not null ? new PictureSamples(model, Path.Combine(ModelZoo.Default.Folder, Picture)) : new ChanceSamples(model.Graph);
        }
        using (set) return ([.. Enumerable.Range(0, Math.Min(count, set.Count)).Select(set.Inputs)], set is ChanceSamples ? "numbers by chance" : "real");
    }
}
