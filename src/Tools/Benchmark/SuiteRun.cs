using System.Diagnostics;
using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>Measures the suite: of each model ours in floats, ours in integers and the peer take turns in one run, once for each number of threads.</summary>
/// <param name="files">Where models are.</param>
/// <param name="integers">Makes them in integers.</param>
/// <param name="peer">The peer.</param>
/// <param name="settings">What is measured.</param>
internal sealed class SuiteRun(SuiteFiles files, SuiteIntegers integers, IReferenceRuntime peer, SuiteSettings settings)
{
    private readonly List<SuiteRow> rows = [];
    private readonly List<SuiteGap> missing = [];

    /// <summary>Measures models.</summary>
    /// <param name="models">Which ones.</param>
    /// <param name="progress">Told the model, what is done with it, and the share of all that is done.</param>
    public SuiteReport Run(IReadOnlyList<SuiteModel> models, Action<string, double>? progress)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < models.Count; i++)
        {
            SuiteModel model = models[i];
            double done = i / (double)models.Count;
            settings.Stop.ThrowIfCancellationRequested();
            Action<string> stage = what => progress?.Invoke($"{model.Name}: {what}", done);
            (string? file, string? reason) = files.Find(model, stage, settings.Stop);
            try
            {
                if (file is null) missing.Add(new SuiteGap(model.Name, reason!));
                else Measure(model, file, stage);
            }
            catch (EdgeException e)
            {
                missing.Add(new SuiteGap(model.Name, e.Problem));
            }
        }
        return SuiteReport.Of(ModelBenchmark.Here, $"{peer.Name} {peer.Version}", rows, missing, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private void Measure(SuiteModel model, string file, Action<string> stage)
    {
        stage("converting");
        OnnxModel onnx = OnnxReader.Read(file);
        Dictionary<string, Shape> shapes = model.Shapes.ToDictionary(s => s.Key, s => new Shape(s.Value));
        using EdgeModel floats = Converter.Convert(onnx, new ConversionOptions { InputShapes = shapes, Name = model.Name }).Model;
        using var subject = new BenchSubject(floats, onnx, null);
        EdgeModel? bytes = null;
        string? note = null;
        if (model.Int8 && settings.Int8)
        {
            stage("quantizing");
            (bytes, note) = integers.Get(onnx, model.Name, shapes);
            if (bytes is null) missing.Add(new SuiteGap($"{model.Name} in int8", note!));
        }
        using (bytes)
        {
            foreach (int threads in settings.Threads)
            {
                stage($"running with {Quantity.Of(threads, "thread")}");
                Measure(model, subject, bytes, threads, note, threads == settings.Threads[0]);
            }
        }
    }

    private void Measure(SuiteModel model, BenchSubject subject, EdgeModel? bytes, int threads, string? note, bool isFirst)
    {
        var options = new SessionOptions { Backend = BackendKind.Cpu, Threads = threads, Tuning = settings.Tuning };
        using var session = new InferenceSession(subject.Graph, options);
        session.Run(subject.Views);
        using IReferenceModel theirs = ModelBenchmark.LoadPeer(peer, subject, threads);
        IReadOnlyDictionary<string, Tensor> expected = theirs.RunAndRead();
        // Once is enough: the number of threads does not change what is computed.
        OutputMatch? match = isFirst ? OutputMatch.Of(subject, session, expected, peer, options) : null;
        using InferenceSession? second = bytes is null ? null : new InferenceSession(bytes.Graph, options);
        second?.Run(subject.Views);
        double? signal = second is null ? null : OutputMatch.SignalToNoise(second, expected);

        var ours = new Contender("ours", ModelBenchmark.RunOf(session, subject));
        var other = new Contender(peer.Name, theirs.Run, isCompiledAhead: true);
        Contender? inBytes = second is null ? null : new Contender(SuiteRow.Int8, ModelBenchmark.RunOf(second, subject));
        Contender[] sides = inBytes is null ? [ours, other] : [ours, inBytes, other];
        Turns.Measure(sides, settings.Limits, threads, stop: settings.Stop);
        StartReport? start = isFirst && settings.Start ? StartMeasurement.Measure(subject, options, peer, [], settings.Stop) : null;
        rows.Add(RowOf(model.Name, threads, model.Variant, ours, other) with { OutputsMatch = match?.Matches, Start = start, Note = match is { Matches: false } ? match.Rule : null });
        if (inBytes is not null) rows.Add(RowOf(model.Name, threads, SuiteRow.Int8, inBytes, other) with { SignalToNoiseDb = signal, Note = note });
    }

    private static SuiteRow RowOf(string model, int threads, string variant, Contender ours, Contender peer)
    {
        LatencySummary mine = ours.Samples.Summarize(), theirs = peer.Samples.Summarize();
        return new SuiteRow(model, threads, variant, ours.Samples.Count, mine.MedianMs, mine.MinMs, BlockNoise.RelativeOf(ours.Samples.Values), theirs.MedianMs, theirs.MinMs,
            BlockNoise.RelativeOf(peer.Samples.Values), mine.MedianMs / theirs.MedianMs, ours.AllocatedBytes, null, null);
    }
}
