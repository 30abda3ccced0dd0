using System.Diagnostics;
using System.Text.Json;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Tools.Runs;

/// <summary>A pipeline as verbs see it: a frame in, detections out. Not for use by two threads at once.</summary>
internal abstract class FramePipeline : IFrameStage, IDisposable
{
    private const int WarmUps = 20, WarmUpSide = 256;

    /// <summary>Large models have had their code compiled after a run or two.</summary>
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromMilliseconds(300);

    /// <summary>Names of the classes, by <see cref="Detection.Label"/>.</summary>
    public abstract IReadOnlyList<string> Labels { get; }

    /// <summary>How long the stages of the last frame took.</summary>
    public abstract StageTimes LastTimes { get; }

    /// <summary>True when frames go to the model's device as they are: then the time of inference has the preprocessing in it.</summary>
    public abstract bool PreprocessesOnDevice { get; }

    /// <summary>What was found in the last frame, best first; valid until the next has gone all the way.</summary>
    public abstract ReadOnlySpan<Detection> Found { get; }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public virtual long FailOvers => Session.Faults;

    /// <summary>What is found in a frame, best first; valid until the next call.</summary>
    public abstract ReadOnlySpan<Detection> Process(Frame frame);

    /// <inheritdoc/>
    public abstract bool Advance(Frame frame, in TimeBudget budget);

    /// <inheritdoc/>
    public abstract void Abandon();

    /// <summary>Lets code be compiled and memory be touched on blank frames, so that the first frame is as fast as the others.</summary>
    /// <param name="source">Where frames will be from, so that a device is prepared for their size; null where it is not known.</param>
    public virtual void WarmUp(FrameSource? source = null)
    {
        var blank = new Frame();
        (int width, int height) = source is { Width: > 0, Height: > 0 } ? (source.Width, source.Height) : (WarmUpSide, WarmUpSide);
        blank.Resize(width, height);
        blank.Pixels.Clear();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < WarmUps && (i == 0 || Stopwatch.GetElapsedTime(start) < LongestWarmUp); i++) Process(blank);
    }

    /// <summary>Whether what it found is drawn as boxes with labels; else all of it is what <see cref="DrawUnder"/> draws.</summary>
    public virtual bool DrawsBoxes => true;

    /// <summary>Draws on the last frame what lies beneath boxes and labels, such as a mask.</summary>
    public virtual void DrawUnder(Frame frame)
    {
    }

    /// <summary>Adds what else is known of a thing in <see cref="Found"/> to its JSON object.</summary>
    public virtual void WriteJson(Utf8JsonWriter json, int index)
    {
    }

    /// <summary>The session that runs the model.</summary>
    public abstract InferenceSession Session { get; }

    /// <summary>All sessions, where there are several models.</summary>
    public virtual IReadOnlyList<InferenceSession> Sessions => [Session];

    /// <summary>The pipelines that it is put together of; itself where it is one.</summary>
    public virtual IReadOnlyList<FramePipeline> Parts => [this];

    public abstract void Dispose();
}
