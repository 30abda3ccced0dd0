using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Runs;

/// <summary>A pipeline as verbs see it: a frame in, detections out. Not for use by two threads at once.</summary>
internal abstract class FramePipeline : IDisposable
{
    /// <summary>Names of the classes, by <see cref="Detection.Label"/>.</summary>
    public abstract IReadOnlyList<string> Labels { get; }

    /// <summary>How long the stages of the last frame took.</summary>
    public abstract StageTimes LastTimes { get; }

    /// <summary>What is found in a frame, best first; valid until the next call.</summary>
    public abstract ReadOnlySpan<Detection> Process(Frame frame);

    /// <summary>What runs where, and why.</summary>
    public abstract string Explain();

    public abstract void Dispose();
}
