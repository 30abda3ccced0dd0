using System.Diagnostics;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Devices;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Reports;
using Google.Protobuf;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>Measures a model on one backend with one number of threads, beside a peer where there is one.</summary>
internal static class ModelBenchmark
{
    /// <summary>Facts of this machine, found out once.</summary>
    private static readonly Lazy<MachineFacts> Machine = new(() =>
    {
        var here = ThisMachine.Describe();
        return new MachineFacts(here.Processor, here.Architecture, here.Cores, [.. here.InstructionSets], here.System, here.Runtime, Converter.Version);
    });

    /// <summary>Facts of this machine.</summary>
    public static MachineFacts Here => Machine.Value;

    /// <summary>Measures.</summary>
    /// <param name="subject">The model.</param>
    /// <param name="options">Where ours runs, and the threads of each side, at least 1.</param>
    /// <param name="settings">What is measured.</param>
    /// <exception cref="EdgeException">A side cannot run the model.</exception>
    public static BenchReport Measure(BenchSubject subject, SessionOptions options, BenchSettings settings)
    {
        var notes = new List<string>();
        TensorView[] views = subject.Views;
        long start = Stopwatch.GetTimestamp();
        using var session = new InferenceSession(subject.Graph, options);
        TimeSpan load = settings.Loaded + Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        session.Run(views);
        TimeSpan first = Stopwatch.GetElapsedTime(start);
        bool isPlanned = session.Compiled is not null;
        if (!isPlanned) notes.Add("shapes inside of the model depend on data: it is planned in stages as they become known, so its layers are not timed, and runs allocate");
        var ours = new Contender("ours", RunOf(session, subject));

        using IReferenceModel? theirs = settings.Peer is { } peer ? LoadPeer(peer, subject, options.Threads) : null;
        OutputMatch? match = theirs is null ? null : OutputMatch.Of(subject, session, theirs.RunAndRead(), settings.Peer!, options);
        if (match is not null) notes.Add($"outputs {(match.Matches ? "match" : "differ")}: {match.Rule}");
        Contender[] sides = theirs is null ? [ours] : [ours, new Contender(settings.Peer!.Name, theirs.Run, isCompiledAhead: true)];
        Turns.Measure(sides, settings.Limits, options.Threads, part => settings.Progress?.Invoke("running", part), settings.Stop);

        // What is measured from here on needs memory of its own.
        long peakMemory = EngineProcess.Peak();
        PeakFigures? peaks = settings.Peaks?.Invoke(options.Threads);
        LayerTime[] layers = settings.PerLayer && isPlanned ? Profile(subject, options, settings, peaks) : [];
        StartReport? starts = settings.Start ? Starts(subject, options, settings, notes) : null;
        LatencySummary summary = ours.Samples.Summarize();
        var histogram = LatencyHistogram.Of(ours.Samples.Values);
        PeerReport[] peers = [.. sides.Skip(1).Select(side => ReportOf(side, settings.Peer!, histogram))];
        (string backend, string device) = session.Placement is { Backends.Count: > 0 } placement ? (placement.Backends[0].Name, placement.Backends[0].Device) : ("cpu", "");
        return new BenchReport(subject.Name, backend, device, options.Threads, Precision(subject, options, backend), ours.Samples.Count,
            summary.MedianMs, summary.MinMs, summary.P90Ms, summary.P95Ms, summary.P99Ms, load.TotalMilliseconds, first.TotalMilliseconds,
            starts?.Cold.PeakMemoryBytes ?? peakMemory, ours.AllocatedBytes, match?.Matches, peers, peers.Length == 0 ? null : summary.MedianMs / peers[0].MedianMs, layers)
        {
            MaxMs = summary.MaxMs, Noise = BlockNoise.RelativeOf(ours.Samples.Values), Rule = settings.Rule, Histogram = histogram, Start = starts,
            Operators = LayerProfile.Totals(layers), Peaks = peaks, Machine = Here, Notes = [.. notes], Samples = ours.Samples.Values.ToArray(),
        };
    }

    /// <summary>Runs a session that has run before: where shapes inside of the model depend on data there is no plan as a whole, and inputs are given with each run.</summary>
    public static Action RunOf(InferenceSession session, BenchSubject subject)
    {
        if (session.Compiled is not null) return session.Run;
        TensorView[] views = subject.Views;
        return () => session.Run(views);
    }

    /// <summary>The peer with the model and its inputs. Some models contradict themselves where no input's shape is open any more; then the peer has them as they came.</summary>
    /// <exception cref="EdgeException">It refuses the model.</exception>
    public static IReferenceModel LoadPeer(IReferenceRuntime peer, BenchSubject subject, int threads)
    {
        IReferenceModel model;
        try
        {
            model = Load(peer, subject, threads);
        }
        catch (EdgeException) when (subject.LeaveShapesOpen())
        {
            model = Load(peer, subject, threads);
        }
        model.SetInputs(subject.Named);
        return model;
    }

    private static IReferenceModel Load(IReferenceRuntime peer, BenchSubject subject, int threads) =>
        subject.OnnxFile is { } file ? peer.LoadFile(file, threads) : peer.Load(subject.Onnx!.Proto.ToByteArray(), subject.Onnx.Folder, threads, optimize: true);

    private static LayerTime[] Profile(BenchSubject subject, SessionOptions options, BenchSettings settings, PeakFigures? peaks)
    {
        settings.Progress?.Invoke("timing layers", 0);
        return LayerProfile.Measure(subject, options, peaks, settings.Stop);
    }

    private static StartReport Starts(BenchSubject subject, SessionOptions options, BenchSettings settings, List<string> notes)
    {
        settings.Progress?.Invoke("starting anew", 0);
        return StartMeasurement.Measure(subject, options, settings.Peer, notes, settings.Stop);
    }

    private static PeerReport ReportOf(Contender side, IReferenceRuntime peer, LatencyHistogram limits)
    {
        LatencySummary summary = side.Samples.Summarize();
        return new PeerReport(peer.Name, peer.Version, summary.MedianMs, summary.MinMs)
        {
            P90Ms = summary.P90Ms, P95Ms = summary.P95Ms, P99Ms = summary.P99Ms, Noise = BlockNoise.RelativeOf(side.Samples.Values),
            Histogram = LatencyHistogram.Of(side.Samples.Values, limits.LimitsMs), Samples = side.Samples.Values.ToArray(),
        };
    }

    private static string Precision(BenchSubject subject, SessionOptions options, string backend) =>
        backend != "cpu" && options.Precision != GpuPrecision.Float32 ? BackendOptions.NameOf(options.Precision) : subject.Precision;
}
