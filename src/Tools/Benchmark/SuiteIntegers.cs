using System.Security.Cryptography;
using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Quantizing;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>
/// The suite's models in integers, made as <c>convert --quantize int8</c> makes them and kept for this very program: another one may quantize otherwise. A model that convert would refuse
/// for what it loses is measured all the same, and its row says so.
/// </summary>
/// <param name="folder">Where they are kept.</param>
/// <param name="stop">Ends it.</param>
internal sealed class SuiteIntegers(string folder, CancellationToken stop)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    /// <summary>The model in integers, and what has to be known of it; a reason where it cannot be quantized.</summary>
    /// <param name="onnx">The source.</param>
    /// <param name="name">Name of the model.</param>
    /// <param name="shapes">Shapes of its inputs.</param>
    public (EdgeModel? Model, string? Note) Get(OnnxModel onnx, string name, IReadOnlyDictionary<string, Shape> shapes)
    {
        string path = Path.Combine(folder, $"{name}-{Key(onnx, shapes)}.edge");
        if (!File.Exists(path) && Make(onnx, name, shapes, path) is { } reason) return (null, reason);
        EdgeModel model = EdgeReader.Read(path);
        return (model, model.Metadata.Quantization is { } evidence ? NoteOf(evidence) : null);
    }

    /// <summary>What a row says of its integers: only where convert would not have written them, or where nobody knows what they lose on real input.</summary>
    internal static string? NoteOf(QuantizationEvidence evidence)
    {
        int floats = evidence.Layers.Count(l => l.Precision != "int8");
        string layers = floats == 0 ? "" : $", {floats} of {evidence.Layers.Count} layers in floats";
        return evidence.FloatValue - evidence.Value > evidence.MaxDrop
            ? FormattableString.Invariant($"loses more than convert allows: {evidence.Metric} {evidence.Value:0.###} on {evidence.EvaluationSet}{layers}")
            : floats > 0 ? layers[2..] : null;
    }

    private string? Make(OnnxModel onnx, string name, IReadOnlyDictionary<string, Shape> shapes, string path)
    {
        var options = new ConversionOptions
        {
            InputShapes = shapes, Name = name, Quantization = new QuantizationOptions { Mode = QuantizationMode.Int8, Calibration = Samples, Stop = stop },
        };
        EdgeModel model;
        try
        {
            model = Converter.Convert(onnx, options).Model;
        }
        catch (QuantizationRefusal refusal)
        {
            QuantizedModel best = refusal.Quantized;
            model = new EdgeModel(best.Graph, best.Float.Metadata with { Quantization = best.Evidence }, best.Float);
        }
        catch (EdgeException e)
        {
            return e.Problem;
        }
        using (model)
        {
            Directory.CreateDirectory(folder);
            // Another program, of another version, may be measuring with its own just now.
            foreach (string old in Directory.EnumerateFiles(folder, $"{name}-????????????????.edge"))
                if (File.GetLastWriteTimeUtc(old) < DateTime.UtcNow - Kept) File.Delete(old);
            EdgeWriter.Write(path, model);
        }
        return null;
    }

    /// <summary>What the project has to calibrate on, else numbers by chance: how fast integers are does not depend on them.</summary>
    private static SampleSet Samples(EdgeModel model)
    {
        try
        {
            return CalibrationSamples.Open(model, null);
        }
        catch (EdgeException e) when (e.Code == ErrorCode.BadUsage)
        {
            return new ChanceSamples(model.Graph);
        }
    }

    private static string Key(OnnxModel onnx, IReadOnlyDictionary<string, Shape> shapes)
    {
        var text = new StringBuilder(onnx.Sha256);
        foreach ((string input, Shape shape) in shapes.OrderBy(s => s.Key, StringComparer.Ordinal)) text.Append($" {input}={shape}");
        text.Append($" {typeof(Converter).Assembly.ManifestModule.ModuleVersionId} {typeof(Graph).Assembly.ManifestModule.ModuleVersionId}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }
}
