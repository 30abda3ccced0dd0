using System.Diagnostics;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Reports;
using EdgeRuntime.Tools.Verification;
using Google.Protobuf;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>Measures a model; ours and a peer take turns, so that what else the machine does strikes both alike.</summary>
internal static class ModelBenchmark
{
    /// <summary>Runs that are not counted, on each side.</summary>
    private const int WarmUp = 30;

    /// <summary>Runs whose steps are timed.</summary>
    private const int ProfiledRuns = 100;

    /// <summary>Measures.</summary>
    /// <param name="graph">The model, all shapes known.</param>
    /// <param name="name">Its name.</param>
    /// <param name="options">Where ours runs, and the threads of each side.</param>
    /// <param name="runs">Counted runs.</param>
    /// <param name="loaded">How long it took to get the graph.</param>
    /// <param name="peer">The peer and the source model it runs, or null.</param>
    /// <param name="perLayer">True to time each step, in runs of their own.</param>
    public static BenchReport Measure(Graph graph, string name, SessionOptions options, int runs, TimeSpan loaded, (IReferenceRuntime Runtime, OnnxModel Model)? peer, bool perLayer)
    {
        Tensor[] values = RandomInput.For(graph, seed: 1);
        long start = Stopwatch.GetTimestamp();
        using var session = new InferenceSession(graph, options);
        TimeSpan load = loaded + Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        session.Run(Array.ConvertAll(values, v => v.View));
        TimeSpan first = Stopwatch.GetElapsedTime(start);

        using IReferenceModel? theirs = peer?.Runtime.Load(peer.Value.Model.Proto.ToByteArray(), peer.Value.Model.Folder, options.Threads, optimize: true);
        theirs?.SetInputs([.. graph.Inputs.Select((v, i) => (v.Name, values[i].View))]);
        bool? match = theirs is null ? null : Match(graph, session, theirs.RunAndRead());

        var ours = new LatencySamples("ours");
        var other = new LatencySamples("peer");
        long allocated = 0;
        for (int i = -WarmUp; i < runs; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            start = Stopwatch.GetTimestamp();
            session.Run();
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            if (i >= 0) allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            if (i >= 0) ours.Add(time);
            if (theirs is null) continue;
            start = Stopwatch.GetTimestamp();
            theirs.Run();
            if (i >= 0) other.Add(Stopwatch.GetElapsedTime(start));
        }
        LatencySummary summary = ours.Summarize(), peerSummary = other.Summarize();
        PeerReport[] peers = peer is null ? [] : [new PeerReport(peer.Value.Runtime.Name, peer.Value.Runtime.Version, peerSummary.MedianMs, peerSummary.MinMs)];
        (string backend, string device) = session.Placement is { } placement ? (placement.Backends[0].Name, placement.Backends[0].Device) : ("interpreter", "");
        return new BenchReport(name, backend, device, options.Threads, Precision(graph, options, backend), runs,
            summary.MedianMs, summary.MinMs, summary.P90Ms, summary.P95Ms, summary.P99Ms, load.TotalMilliseconds, first.TotalMilliseconds,
            Process.GetCurrentProcess().PeakWorkingSet64, allocated, match, peers, peer is null ? null : summary.MedianMs / peerSummary.MedianMs,
            perLayer ? Layers(graph, values, options) : []);
    }

    private static string Precision(Graph graph, SessionOptions options, string backend) =>
        backend != "cpu" && options.Precision != GpuPrecision.Float32 ? BackendOptions.NameOf(options.Precision)
        : graph.Constants.Any(c => c.Type.DataType == DataType.F16) ? "fp16 weights" : "fp32";

    private static bool Match(Graph graph, InferenceSession session, IReadOnlyDictionary<string, Tensor> expected)
    {
        for (int i = 0; i < graph.Outputs.Count; i++)
        {
            if (!expected.TryGetValue(graph.Outputs[i].Name, out Tensor? theirs)) continue;
            TensorView actual = session.Output(i);
            var difference = TensorDifference.Of(actual, theirs.View);
            if (actual.DataType.IsFloat() ? difference.MaxRelative > TensorDifference.FloatTolerance : difference.MaxAbsolute > 0) return false;
        }
        return true;
    }

    private static LayerTime[] Layers(Graph graph, Tensor[] values, SessionOptions options)
    {
        using var session = new InferenceSession(graph, options with { Profile = true });
        session.Run(Array.ConvertAll(values, v => v.View));
        if (session.Compiled is not { } compiled) return [];
        IReadOnlyList<string> backends = session.StepBackends!;
        IReadOnlyList<PlanStep> steps = compiled.Plan.Steps;
        var samples = new double[steps.Count][];
        for (int s = 0; s < samples.Length; s++) samples[s] = new double[ProfiledRuns];
        for (int i = -WarmUp; i < ProfiledRuns; i++)
        {
            session.Run();
            for (int s = 0; i >= 0 && s < samples.Length; s++) samples[s][i] = compiled.StepNanoseconds[s];
        }
        double[] medians = Array.ConvertAll(samples, s =>
        {
            Array.Sort(s);
            return s[s.Length / 2];
        });
        double total = medians.Sum();
        return [.. steps.Select((step, i) => new LayerTime(step.Name, step.Operator.Name, backends[i], compiled.Kernels[i], medians[i] / 1e3, total > 0 ? medians[i] / total : 0,
            medians[i] > 0 ? step.Cost.Operations / medians[i] : 0, medians[i] > 0 ? step.Cost.Bytes / medians[i] : 0))];
    }
}
