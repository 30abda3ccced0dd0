using System.Diagnostics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;

namespace EdgeRuntime.Tools.Runs;

/// <summary>How a run in realtime goes on.</summary>
/// <param name="Tick">What a host's loop of 60 rounds a second spares in each, or null for a thread that does nothing else.</param>
/// <param name="Deadline">The age at which results are of no use any more, or null.</param>
/// <param name="Limit">Most frames that are captured.</param>
internal sealed record RealtimeOptions(TimeSpan? Tick, TimeSpan? Deadline, long Limit);

/// <summary>Runs a pipeline over a source as if both were live: frames come at their own rate, the newest wins, and what became of each is counted.</summary>
internal sealed class RealtimeRun : IDisposable
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1.0 / 60), Look = TimeSpan.FromMilliseconds(100);

    private readonly RealtimeEngine engine = new();
    private readonly FrameCapture capture;
    private readonly RealtimeOptions options;

    /// <summary>Prepares it.</summary>
    /// <param name="source">Where frames come from; the run closes it.</param>
    /// <param name="pipeline">What is done with them.</param>
    /// <param name="observer">Sees each frame and its results, on whichever thread works; the frame may be drawn on.</param>
    /// <param name="options">How.</param>
    public RealtimeRun(FrameSource source, FramePipeline pipeline, FrameRun.Observer observer, RealtimeOptions options)
    {
        this.options = options;
        long events = pipeline.Session.EventCount;
        Lane = new FrameLane(pipeline.Name, new FrameLaneOptions { Deadline = options.Deadline }, pipeline)
        {
            Done = (Frame frame, in FrameReport report) =>
            {
                StageTimes times = pipeline.LastTimes;
                Preprocess.Add(times.Preprocess);
                Inference.Add(times.Inference);
                Decode.Add(times.Decode);
                if (pipeline.Found.Length > 0) FramesWithDetections++;
                observer(frame, new FrameResult(report.CaptureToResult, times, DeviceEvents.Since(pipeline.Session, events)), pipeline.Found);
                events = pipeline.Session.EventCount;
            },
        };
        engine.Add(Lane);
        capture = new FrameCapture(source, Lane) { IsPaced = true, Limit = options.Limit };
    }

    /// <summary>The frames' lane, with its account.</summary>
    public FrameLane Lane { get; }

    /// <summary>Frames in which something was found.</summary>
    public long FramesWithDetections { get; private set; }

    /// <summary>How long the stages of the pipeline took.</summary>
    public LatencyHistogram Preprocess { get; } = new();

    /// <inheritdoc cref="Preprocess"/>
    public LatencyHistogram Inference { get; } = new();

    /// <inheritdoc cref="Preprocess"/>
    public LatencyHistogram Decode { get; } = new();

    /// <summary>How long the rounds of the host's loop took; null where there was none.</summary>
    public LatencyHistogram? Ticks { get; private set; }

    /// <summary>Runs until the source ends or somebody asks to stop.</summary>
    /// <exception cref="EdgeException">The source or the pipeline failed; what came before is counted.</exception>
    public void Run(CancellationToken stop)
    {
        if (options.Tick is null) engine.Start();
        capture.Start();
        try
        {
            if (options.Tick is { } budget) Loop(budget, stop);
            else
                while (!engine.Wait(Look) && !stop.IsCancellationRequested)
                {
                }
        }
        finally
        {
            Dispose();
        }
        if (capture.Failure is { } failure && !stop.IsCancellationRequested) throw failure;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        engine.Stop();
        capture.Dispose();
    }

    /// <summary>What a game does: a round at fixed times, of which inference may take a part.</summary>
    private void Loop(TimeSpan budget, CancellationToken stop)
    {
        Ticks = new LatencyHistogram();
        long next = Stopwatch.GetTimestamp();
        while (!Lane.IsComplete && !stop.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            engine.Tick(budget);
            Ticks.Add(Stopwatch.GetElapsedTime(start));
            next += (long)(Round.TotalSeconds * Stopwatch.Frequency);
            TimeSpan left = TimeSpan.FromSeconds((double)(next - Stopwatch.GetTimestamp()) / Stopwatch.Frequency);
            if (left > TimeSpan.Zero) Thread.Sleep(left);
        }
    }
}
