using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipeline <c>face-detect</c>.</summary>
internal sealed class FacePipeline(EdgeModel model, PipelineOptions options) : FramePipeline
{
    private static readonly string[] Face = ["face"];

    private readonly FaceDetector detector = new(model, new FaceDetectorOptions { ScoreThreshold = options.ScoreThreshold, Threads = options.Threads });

    public override IReadOnlyList<string> Labels => Face;

    public override StageTimes LastTimes => detector.LastTimes;

    public override ReadOnlySpan<Detection> Process(Frame frame) => detector.Process(frame);

    public override string Explain() => detector.Session.Explain();

    public override void Dispose() => detector.Dispose();
}
