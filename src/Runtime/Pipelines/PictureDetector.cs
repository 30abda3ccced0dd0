using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// What finds things in pictures: a model with the decoder that its file names. Give it one frame after the other; while the frames' size and format stay, nothing is allocated per frame. Not for use by
/// two threads at once.
/// </summary>
public abstract class PictureDetector : IFrameStage, IDisposable
{
    private readonly DetectionRunner runner;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; it must outlive the detector.</param>
    /// <param name="task">The task it must declare.</param>
    /// <param name="remedy">What to do when it is for another one.</param>
    /// <param name="options">Threshold and where it runs.</param>
    /// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
    private protected PictureDetector(EdgeModel model, string task, string remedy, DetectorOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        runner = new DetectionRunner(model, task, remedy, options, options.ScoreThreshold);
    }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <summary>The session that runs the model. Where the model's device preprocesses, its picture input takes the bytes of frames.</summary>
    public InferenceSession Session => runner.Session;

    /// <summary>True when frames go to the model's device as they are and are preprocessed there; then that is a part of the time of inference.</summary>
    public bool PreprocessesOnDevice => runner.PreprocessesOnDevice;

    /// <summary>How long each stage of the last <see cref="Process"/> took.</summary>
    public StageTimes LastTimes => runner.LastTimes;

    /// <summary>What was found in the last frame that has gone all the way, best first, in its pixels; valid until the next one has.</summary>
    public ReadOnlySpan<Detection> Found => runner.Found;

    /// <inheritdoc/>
    public long FailOvers => Session.Faults;

    /// <summary>Finds what there is in a frame.</summary>
    /// <returns>It, best first, in pixels of the frame; valid until the next call.</returns>
    public ReadOnlySpan<Detection> Process(Frame frame) => runner.Process(frame);

    /// <inheritdoc/>
    public bool Advance(Frame frame, in TimeBudget budget) => runner.Advance(frame, budget);

    /// <inheritdoc/>
    public void Abandon() => runner.Abandon();

    /// <inheritdoc/>
    public void Dispose()
    {
        runner.Dispose();
        GC.SuppressFinalize(this);
    }
}
