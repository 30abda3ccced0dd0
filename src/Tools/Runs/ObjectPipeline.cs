using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipeline <c>object-detect</c>.</summary>
internal sealed class ObjectPipeline(EdgeModel model, PipelineOptions options) : FramePipeline
{
    private readonly ObjectDetector detector = new(model, new ObjectDetectorOptions(options.Session) { ScoreThreshold = options.ScoreThreshold });

    public override IReadOnlyList<string> Labels => detector.Labels;

    public override StageTimes LastTimes => detector.LastTimes;

    public override bool PreprocessesOnDevice => detector.PreprocessesOnDevice;

    public override string Name => detector.Name;

    public override ReadOnlySpan<Detection> Found => detector.Found;

    public override ReadOnlySpan<Detection> Process(Frame frame) => detector.Process(frame);

    public override bool Advance(Frame frame, in TimeBudget budget) => detector.Advance(frame, budget);

    public override void Abandon() => detector.Abandon();

    public override InferenceSession Session => detector.Session;

    public override void Dispose() => detector.Dispose();
}
