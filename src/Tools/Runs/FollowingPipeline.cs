using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Tracking;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Tools.Runs;

/// <summary>A pipeline that finds things, and follows them.</summary>
internal sealed class FollowingPipeline : FramePipeline
{
    private const float DefaultThreshold = 0.5f, LowShare = 0.4f;

    private readonly FramePipeline finds;
    private readonly ObjectTracker tracker;

    public FollowingPipeline(FrameEntry entry, EdgeModel model, PipelineOptions options)
    {
        double[]? known = model.Metadata.Decoder?.Parameters.GetValueOrDefault("score_threshold");
        float high = options.ScoreThreshold ?? (known is [var threshold] ? (float)threshold : DefaultThreshold);
        // What is half hidden has a lower score than what begins a track.
        finds = entry.Create(model, options with { ScoreThreshold = high * LowShare });
        tracker = new ObjectTracker(new TrackerOptions { HighScore = high, LowScore = high * LowShare, Smooths = options.Smooths });
    }

    public override IReadOnlyList<string> Labels => finds.Labels;

    public override StageTimes LastTimes => finds.LastTimes;

    public override bool PreprocessesOnDevice => finds.PreprocessesOnDevice;

    public override string Name => finds.Name;

    public override ReadOnlySpan<Detection> Found => tracker.Found;

    public override InferenceSession Session => finds.Session;

    public override ReadOnlySpan<Detection> Process(Frame frame) => tracker.Process(finds.Process(frame), frame.Time);

    public override bool Advance(Frame frame, in TimeBudget budget)
    {
        if (!finds.Advance(frame, budget)) return false;
        tracker.Process(finds.Found, frame.Time);
        return true;
    }

    public override void Abandon() => finds.Abandon();

    public override void DrawUnder(Frame frame) => finds.DrawUnder(frame);

    public override void WarmUp(Realtime.FrameSource? source = null)
    {
        finds.WarmUp(source);
        tracker.Reset();
    }

    public override void Dispose() => finds.Dispose();
}
