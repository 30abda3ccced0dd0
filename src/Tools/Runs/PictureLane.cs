using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Tools.Runs;

/// <summary>A pipeline of pictures in a lane of its own, and what is told of it.</summary>
internal sealed class PictureLane
{
    private readonly IReadOnlyList<InferenceSession> sessions;
    private readonly long[] events;
    private readonly Observer observer;

    /// <summary>Prepares it.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="index">Which it is of several.</param>
    /// <param name="options">Order and deadline.</param>
    /// <param name="observer">Sees each frame and its results, on whichever thread works.</param>
    public PictureLane(FramePipeline pipeline, int index, FrameLaneOptions options, Observer observer)
    {
        (Pipeline, Index, this.observer) = (pipeline, index, observer);
        sessions = pipeline.Sessions;
        events = DeviceEvents.Counts(sessions);
        Lane = new FrameLane(pipeline.Name, options, pipeline) { Done = Done };
    }

    /// <summary>Sees a frame and its results, which are those of the pipeline.</summary>
    public delegate void Observer(PictureLane lane, Frame frame, in FrameResult result);

    /// <summary>The pipeline.</summary>
    public FramePipeline Pipeline { get; }

    /// <summary>Which it is of several.</summary>
    public int Index { get; }

    /// <summary>Its lane, with its account.</summary>
    public FrameLane Lane { get; }

    /// <summary>Frames in which something was found.</summary>
    public long FramesWithDetections { get; private set; }

    /// <summary>How long the stages of the pipeline took.</summary>
    public LatencyHistogram Preprocess { get; } = new();

    /// <inheritdoc cref="Preprocess"/>
    public LatencyHistogram Inference { get; } = new();

    /// <inheritdoc cref="Preprocess"/>
    public LatencyHistogram Decode { get; } = new();

    private void Done(Frame frame, in FrameReport report)
    {
        StageTimes times = Pipeline.LastTimes;
        Preprocess.Add(times.Preprocess);
        Inference.Add(times.Inference);
        Decode.Add(times.Decode);
        if (Pipeline.Found.Length > 0) FramesWithDetections++;
        observer(this, frame, new FrameResult(report.CaptureToResult, times, DeviceEvents.Since(sessions, events)));
    }
}
