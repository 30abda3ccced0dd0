using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Finds things of many kinds. Give it a model whose metadata says object-detection, then one frame after the other. While the frames' size and
/// format stay, nothing is allocated per frame. Not for use by two threads at once.
/// </summary>
public sealed class ObjectDetector : IFrameStage, IDisposable
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "object-detection";

    private readonly DetectionRunner runner;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; it must outlive the detector.</param>
    /// <param name="options">Threshold and threads, or null for what the model file says.</param>
    /// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
    public ObjectDetector(EdgeModel model, ObjectDetectorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new ObjectDetectorOptions();
        runner = new DetectionRunner(model, Task, "Use an object detector of the zoo, such as centernet.", options, options.ScoreThreshold);
        Labels = model.Metadata.Labels;
    }

    /// <summary>Names of the kinds, by <see cref="Detection.Label"/>.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The session that runs the model. Where the model's device preprocesses, its picture input takes the bytes of frames.</summary>
    public InferenceSession Session => runner.Session;

    /// <summary>True when frames go to the model's device as they are and are preprocessed there; then that is a part of the time of inference.</summary>
    public bool PreprocessesOnDevice => runner.PreprocessesOnDevice;

    /// <summary>How long each stage of the last <see cref="Process"/> took.</summary>
    public StageTimes LastTimes => runner.LastTimes;

    /// <summary>Finds the things in a frame.</summary>
    /// <returns>They, best first, in pixels of the frame; valid until the next call.</returns>
    public ReadOnlySpan<Detection> Process(Frame frame) => runner.Process(frame);

    /// <summary>What was found in the last frame that has gone all the way, best first, in its pixels; valid until the next one has.</summary>
    public ReadOnlySpan<Detection> Found => runner.Found;

    /// <inheritdoc/>
    public string Name => "object-detect";

    /// <inheritdoc/>
    public long FailOvers => Session.Faults;

    /// <inheritdoc/>
    public bool Advance(Frame frame, in TimeBudget budget) => runner.Advance(frame, budget);

    /// <inheritdoc/>
    public void Abandon() => runner.Abandon();

    /// <inheritdoc/>
    public void Dispose() => runner.Dispose();
}
