using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>Measures the suite's models, in floats and in integers, where they are placed by measuring, beside each backend alone.</summary>
/// <param name="files">Where models are.</param>
/// <param name="integers">Makes them in integers.</param>
/// <param name="options">Threads and tuning.</param>
/// <param name="limits">How many runs are counted.</param>
/// <param name="stop">Ends it.</param>
internal sealed class PlacementSuite(SuiteFiles files, SuiteIntegers integers, SessionOptions options, TurnLimits limits, CancellationToken stop)
{
    private readonly List<PlacementRow> rows = [];
    private readonly List<SuiteGap> missing = [];

    /// <summary>Measures models.</summary>
    /// <param name="models">Which ones.</param>
    /// <param name="progress">Told the model, what is done with it, and the share of all that is done.</param>
    public PlacementReport Run(IReadOnlyList<SuiteModel> models, Action<string, double>? progress)
    {
        for (int i = 0; i < models.Count; i++)
        {
            SuiteModel model = models[i];
            double done = i / (double)models.Count;
            stop.ThrowIfCancellationRequested();
            (string? file, string? reason) = files.Find(model, what => progress?.Invoke($"{model.Name}: {what}", done), stop);
            try
            {
                if (file is null) missing.Add(new SuiteGap(model.Name, reason!));
                else Measure(model, file, what => progress?.Invoke($"{model.Name}: {what}", done));
            }
            catch (EdgeException e)
            {
                missing.Add(new SuiteGap(model.Name, e.Problem));
            }
        }
        return new PlacementReport(ModelBenchmark.Here, [.. rows], [.. missing]);
    }

    private void Measure(SuiteModel model, string file, Action<string> stage)
    {
        stage("converting");
        OnnxModel onnx = OnnxReader.Read(file);
        Dictionary<string, Shape> shapes = model.Shapes.ToDictionary(s => s.Key, s => new Shape(s.Value));
        using EdgeModel floats = Converter.Convert(onnx, new ConversionOptions { InputShapes = shapes, Name = model.Name }).Model;
        Compare(floats, model.Variant);
        if (!model.Int8) return;
        stage("quantizing");
        (EdgeModel? bytes, string? note) = integers.Get(onnx, model.Name, shapes);
        using (bytes)
        {
            if (bytes is null) missing.Add(new SuiteGap($"{model.Name} in int8", note!));
            else Compare(bytes, SuiteRow.Int8);
        }

        void Compare(EdgeModel own, string variant)
        {
            stage($"running in {variant}");
            using var subject = new BenchSubject(own, null, null);
            rows.Add(PlacementBench.Measure(subject, variant, options, limits, stop) with { Model = model.Name });
        }
    }
}
