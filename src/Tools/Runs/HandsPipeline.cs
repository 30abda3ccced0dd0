using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipeline <c>hands</c>: boxes around hands, left or right, with 21 points each.</summary>
internal sealed class HandsPipeline : FramePipeline
{
    /// <summary>Each hand costs a run of the second model in every frame that must not take long.</summary>
    private const int MostInRealtime = 4;

    private readonly HandEstimator hands;

    private HandsPipeline(HandEstimator hands) => this.hands = hands;

    public override IReadOnlyList<string> Labels => HandEstimator.Labels;

    public override StageTimes LastTimes => hands.LastTimes;

    public override bool PreprocessesOnDevice => hands.PreprocessesOnDevice;

    public override InferenceSession Session => hands.Sessions[0];

    public override IReadOnlyList<InferenceSession> Sessions => hands.Sessions;

    public override string Name => hands.Name;

    public override long FailOvers => hands.FailOvers;

    public override ReadOnlySpan<Detection> Found => hands.Found;

    /// <summary>Makes it.</summary>
    public static FramePipeline Create(EdgeModel model, PipelineOptions options)
    {
        var settings = new CropOptions(options.Session) { ScoreThreshold = options.ScoreThreshold, Follows = options.Follows, Smooths = options.Smooths };
        return new HandsPipeline(new HandEstimator(options.Finder!, model, options.IsRealtime ? settings with { Most = MostInRealtime } : settings));
    }

    public override ReadOnlySpan<Detection> Process(Frame frame) => hands.Process(frame);

    public override bool Advance(Frame frame, in TimeBudget budget) => hands.Advance(frame, budget);

    public override void Abandon() => hands.Abandon();

    public override void WarmUp(FrameSource? source = null)
    {
        base.WarmUp(source);
        hands.WarmUp();
        hands.Reset();
    }

    public override void Dispose() => hands.Dispose();
}
