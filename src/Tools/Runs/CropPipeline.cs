using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Tools.Runs;

/// <summary>A pipeline of two models: what the one finds, the other looks at.</summary>
/// <param name="stage">Both; it belongs to the pipeline.</param>
/// <param name="labels">Names of what it finds.</param>
internal class CropPipeline(CropStage stage, IReadOnlyList<string> labels) : FramePipeline
{
    public override IReadOnlyList<string> Labels => labels;

    public override StageTimes LastTimes => stage.LastTimes;

    public override bool PreprocessesOnDevice => stage.PreprocessesOnDevice;

    public override string Name => stage.Name;

    public override long FailOvers => stage.FailOvers;

    public override ReadOnlySpan<Detection> Found => stage.Found;

    public override ReadOnlySpan<Detection> Process(Frame frame) => stage.Process(frame);

    public override bool Advance(Frame frame, in TimeBudget budget) => stage.Advance(frame, budget);

    public override void Abandon() => stage.Abandon();

    public override void WarmUp(FrameSource? source = null)
    {
        base.WarmUp(source);
        stage.WarmUp();
        stage.Reset();
    }

    public override InferenceSession Session => stage.Sessions[0];

    public override IReadOnlyList<InferenceSession> Sessions => stage.Sessions;

    public override void Dispose() => stage.Dispose();
}
