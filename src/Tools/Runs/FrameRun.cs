using System.Diagnostics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Runs;

/// <summary>
/// Runs a pipeline over a source: read, process, hand on, until the source ends, the limit is reached or somebody asks to stop.
/// Every frame that was read is handed on; <see cref="FramesRead"/> and <see cref="Results"/> say so.
/// </summary>
internal sealed class FrameRun(FrameSource source, FramePipeline pipeline)
{
    private readonly Frame frame = new();
    private readonly IReadOnlyList<InferenceSession> sessions = pipeline.Sessions;
    private readonly long[] events = DeviceEvents.Counts(pipeline.Sessions);

    /// <summary>Sees each frame and its results; the frame may be drawn on.</summary>
    public delegate void Observer(Frame frame, in FrameResult result, ReadOnlySpan<Detection> detections);

    /// <summary>Frames that the source gave.</summary>
    public long FramesRead { get; private set; }

    /// <summary>Frames that were processed and handed on.</summary>
    public long Results { get; private set; }

    /// <summary>Frames in which something was found.</summary>
    public long FramesWithDetections { get; private set; }

    /// <summary>Latency of the whole way, from capture (for files: from the moment the frame was decoded) to the result.</summary>
    public LatencySamples CaptureToResult { get; } = new("capture to result");

    /// <summary>Latency of the three stages.</summary>
    public IReadOnlyList<LatencySamples> Stages { get; } = pipeline.PreprocessesOnDevice
        ? [new("preprocess", "upload"), new("inference", "preprocess, inference"), new("decode")]
        : [new("preprocess"), new("inference"), new("decode")];

    /// <summary>Looks at each frame of a source that goes on, or null.</summary>
    public SourceWatch? Watch { get; init; }

    /// <summary>Runs. A source that fails in the middle throws after the frames before were handed on.</summary>
    /// <exception cref="EdgeException">The source or the pipeline failed.</exception>
    public void Run(Observer observer, long limit, CancellationToken stop)
    {
        while (Results < limit && Read(source, frame, stop))
        {
            TimeSpan captured = source.IsLive ? frame.Time : Stopwatch.GetElapsedTime(0);
            FramesRead++;
            Watch?.Look(frame, captured);
            ReadOnlySpan<Detection> detections = pipeline.Process(frame);
            var result = new FrameResult(Stopwatch.GetElapsedTime(0) - captured, pipeline.LastTimes, DeviceEvents.Since(sessions, events));

            CaptureToResult.Add(result.CaptureToResult);
            Stages[0].Add(result.Stages.Preprocess);
            Stages[1].Add(result.Stages.Inference);
            Stages[2].Add(result.Stages.Decode);
            if (detections.Length > 0) FramesWithDetections++;
            observer(frame, result, detections);
            Results++;
        }
    }

    /// <summary>Reads the next frame; false at the end, or when somebody asked to stop.</summary>
    /// <exception cref="EdgeException">The source failed.</exception>
    public static bool Read(FrameSource source, Frame frame, CancellationToken stop)
    {
        if (stop.IsCancellationRequested) return false;
        // A camera that gives no frame would hold up Ctrl-C for ever: closing it ends the wait.
        using CancellationTokenRegistration registration = stop.Register(source.Dispose);
        try
        {
            return source.Read(frame);
        }
        catch (Exception e) when (stop.IsCancellationRequested && e is EdgeException or ObjectDisposedException or IOException)
        {
            return false;
        }
    }
}

/// <summary>What is known of a processed frame beside its detections.</summary>
/// <param name="CaptureToResult">Age of the frame when its result was there.</param>
/// <param name="Stages">How long each stage took.</param>
/// <param name="Events">What happened to devices meanwhile.</param>
internal readonly record struct FrameResult(TimeSpan CaptureToResult, StageTimes Stages, IReadOnlyList<BackendEvent> Events)
{
    /// <summary>True when a device failed meanwhile and another finished the frame.</summary>
    public bool FailedOver => Events.Any(e => e.Kind == BackendEventKind.Fault);
}
