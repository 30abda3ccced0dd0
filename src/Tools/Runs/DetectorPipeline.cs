using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Tools.Runs;

/// <summary>A pipeline of one detector.</summary>
/// <param name="detector">The detector; it belongs to the pipeline.</param>
/// <param name="labels">Names of what it finds.</param>
internal sealed class DetectorPipeline(PictureDetector detector, IReadOnlyList<string> labels) : FramePipeline
{
    public override IReadOnlyList<string> Labels => labels;

    public override StageTimes LastTimes => detector.LastTimes;

    public override bool PreprocessesOnDevice => detector.PreprocessesOnDevice;

    public override string Name => detector.Name;

    public override ReadOnlySpan<Detection> Found => detector.Found;

    public override ReadOnlySpan<Detection> Process(Frame frame) => detector.Process(frame);

    public override bool Advance(Frame frame, in TimeBudget budget) => detector.Advance(frame, budget);

    public override void Abandon() => detector.Abandon();

    public override InferenceSession Session => detector.Session;

    public override void Dispose() => detector.Dispose();

    /// <summary>The pipeline <c>face-detect</c>.</summary>
    public static FramePipeline Faces(Format.EdgeModel model, PipelineOptions options) =>
        new DetectorPipeline(new FaceDetector(model, new FaceDetectorOptions(options.Session) { ScoreThreshold = options.ScoreThreshold }), ["face"]);

    /// <summary>The pipeline <c>object-detect</c>.</summary>
    public static FramePipeline Objects(Format.EdgeModel model, PipelineOptions options)
    {
        var detector = new ObjectDetector(model, new ObjectDetectorOptions(options.Session) { ScoreThreshold = options.ScoreThreshold });
        return new DetectorPipeline(detector, detector.Labels);
    }

    /// <summary>The pipeline <c>pose</c>.</summary>
    public static FramePipeline Poses(Format.EdgeModel model, PipelineOptions options) =>
        new DetectorPipeline(new PoseEstimator(model, new DetectorOptions(options.Session) { ScoreThreshold = options.ScoreThreshold }), ["person"]);
}
