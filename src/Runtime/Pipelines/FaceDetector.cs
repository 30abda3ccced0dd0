using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Finds faces. Give it a model whose metadata says face-detection, then one frame after the other; nothing is allocated per frame
/// while the frames' size and format stay. Not for use by two threads at once.
/// </summary>
public sealed class FaceDetector : IFrameStage, IDisposable
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "face-detection";

    private readonly DetectionRunner runner;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; it must outlive the detector.</param>
    /// <param name="options">Threshold and threads, or null for what the model file says.</param>
    /// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
    public FaceDetector(EdgeModel model, FaceDetectorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new FaceDetectorOptions();
        runner = new DetectionRunner(model, Task, "Use a face detector of the zoo, such as blazeface-front.", options, options.ScoreThreshold);
    }

    /// <summary>The session that runs the model. Where the model's device preprocesses, its picture input takes the bytes of frames.</summary>
    public InferenceSession Session => runner.Session;

    /// <summary>True when frames go to the model's device as they are and are preprocessed there; then that is a part of the time of inference.</summary>
    public bool PreprocessesOnDevice => runner.PreprocessesOnDevice;

    /// <summary>How long each stage of the last <see cref="Process"/> took.</summary>
    public StageTimes LastTimes => runner.LastTimes;

    /// <summary>Finds the faces in a frame.</summary>
    /// <returns>The faces, best first, in pixels of the frame; valid until the next call.</returns>
    public ReadOnlySpan<Detection> Process(Frame frame) => runner.Process(frame);

    /// <summary>What was found in the last frame that has gone all the way, best first, in its pixels; valid until the next one has.</summary>
    public ReadOnlySpan<Detection> Found => runner.Found;

    /// <inheritdoc/>
    public string Name => "face-detect";

    /// <inheritdoc/>
    public long FailOvers => Session.Faults;

    /// <inheritdoc/>
    public bool Advance(Frame frame, in TimeBudget budget) => runner.Advance(frame, budget);

    /// <inheritdoc/>
    public void Abandon() => runner.Abandon();

    /// <inheritdoc/>
    public void Dispose() => runner.Dispose();
}
