using System.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Reference;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>
/// The way from a model's file to its first result: cold in processes of their own, warm in this one, where ours and the peer's take turns. .NET compiles code at its
/// first use, and once more when it has been used some thirty times; a peer is compiled ahead. The cold figure has that in it, as a program that starts has; the warm one is what a
/// model costs whose code is compiled.
/// </summary>
internal static class StartMeasurement
{
    private const int Starts = 9, ColdStarts = 3;

    /// <summary>Starts of ours before any is counted, so that code is compiled for good.</summary>
    private const int WarmUp = 40;

    /// <summary>What those may take of a large model, whose time is not in code that is used once a start.</summary>
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromSeconds(4);

    /// <summary>Measures.</summary>
    /// <param name="subject">The model.</param>
    /// <param name="options">Where ours runs.</param>
    /// <param name="peer">The peer, or null.</param>
    /// <param name="notes">Told what could not be measured.</param>
    /// <param name="stop">Ends it.</param>
    public static StartReport Measure(BenchSubject subject, SessionOptions options, IReferenceRuntime? peer, ICollection<string> notes, CancellationToken stop)
    {
        EngineInput[] inputs = EngineProcess.WriteInputs(subject);
        string? onnx = peer is null ? null : subject.OnnxFile;
        if (peer is not null && onnx is null) notes.Add($"how {peer.Name} starts was not measured: the model's weights are in files beside it");
        var task = new EngineTask
        {
            Engine = EngineTask.Ours, Model = subject.EdgeFile, Inputs = inputs, Threads = options.Threads, Backend = options.Backend, Device = options.Device, Precision = options.Precision, Tuning = options.Tuning,
        };
        var cold = new List<EngineResult>();
        var peerCold = new List<EngineResult>();
        for (int i = 0; i < ColdStarts; i++)
        {
            cold.Add(EngineProcess.Start(task, subject.Folder, stop));
            if (onnx is not null) peerCold.Add(EngineProcess.Start(task with { Engine = EngineTask.Peer, Model = onnx }, subject.Folder, stop));
        }
        var warm = new List<StartTimes>();
        var peerWarm = new List<StartTimes>();
        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < WarmUp && Stopwatch.GetElapsedTime(begun) < LongestWarmUp; i++)
        {
            stop.ThrowIfCancellationRequested();
            StartOurs(subject, options);
        }
        // The compiler works beside the program, and begins when nothing new was called for a tenth of a second.
        Thread.Sleep(300);
        // The first of each is not counted: it brings in code and files.
        for (int i = -1; i < Starts; i++)
        {
            stop.ThrowIfCancellationRequested();
            StartTimes ours = StartOurs(subject, options);
            if (i >= 0) warm.Add(ours);
            if (onnx is null) continue;
            StartTimes theirs = StartPeer(subject, peer!, onnx, options.Threads);
            if (i >= 0) peerWarm.Add(theirs);
        }
        return Summarize(Middle(cold), Middle(warm), peerCold.Count > 0 ? Middle(peerCold) : null, peerWarm.Count > 0 ? Middle(peerWarm) : null);
    }

    /// <summary>The report with its ratios.</summary>
    public static StartReport Summarize(StartTimes cold, StartTimes warm, StartTimes? peerCold, StartTimes? peerWarm) => new(cold, warm, peerCold, peerWarm)
    {
        ColdRatio = cold.TotalMs / peerCold?.TotalMs, WarmRatio = warm.TotalMs / peerWarm?.TotalMs, MemoryRatio = (double?)cold.PeakMemoryBytes / peerCold?.PeakMemoryBytes,
    };

    /// <summary>The start in the middle by its whole length.</summary>
    private static StartTimes Middle(List<StartTimes> starts) => starts.OrderBy(s => s.TotalMs).ElementAt(starts.Count / 2);

    private static StartTimes Middle(List<EngineResult> starts)
    {
        StartTimes middle = Middle([.. starts.Select(s => new StartTimes(s.LoadMs, s.FirstMs))]);
        return middle with { PeakMemoryBytes = (long)BlockNoise.Median([.. starts.Select(s => (double)s.PeakMemoryBytes)]), IdleMemoryBytes = (long)BlockNoise.Median([.. starts.Select(s => (double)s.IdleMemoryBytes)]) };
    }

    private static StartTimes StartOurs(BenchSubject subject, SessionOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        using EdgeModel model = EdgeReader.Read(subject.EdgeFile);
        using var session = new InferenceSession(model.Graph, options);
        double load = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        start = Stopwatch.GetTimestamp();
        session.Run(subject.Views);
        return new StartTimes(load, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private static StartTimes StartPeer(BenchSubject subject, IReferenceRuntime peer, string onnx, int threads)
    {
        long start = Stopwatch.GetTimestamp();
        using IReferenceModel model = peer.LoadFile(onnx, threads);
        double load = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        model.SetInputs(subject.Named);
        start = Stopwatch.GetTimestamp();
        model.Run();
        return new StartTimes(load, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}
