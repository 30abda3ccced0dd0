using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Says what a picture shows. Give it a model whose metadata says image-classification, then one frame after the other; nothing is allocated per
/// frame while the frames' size and format stay. Not for use by two threads at once.
/// </summary>
public sealed class ImageClassifier : IFrameStage, IDisposable
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "image-classification";

    private readonly PictureSession picture;
    private readonly ClassScores scores;
    private readonly PictureSteps steps;
    private readonly Classification[] found;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; it must outlive the classifier.</param>
    /// <param name="options">Where it runs, or null for the defaults.</param>
    /// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
    public ImageClassifier(EdgeModel model, SessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ClassScores.Require(model.Metadata, Task);
        ImageInput image = model.Metadata.Image ?? throw new EdgeException(ErrorCode.WrongTask,
            $"'{model.Metadata.Name}' does not say how a picture becomes its input.", "Convert the model again with metadata that does.");
        picture = new PictureSession(model, image, options ?? new SessionOptions());
        try
        {
            scores = new ClassScores(model.Metadata, Task, Session);
            found = new Classification[scores.Count];
            steps = new PictureSteps(picture, Decode);
        }
        catch
        {
            picture.Dispose();
            throw;
        }
        Labels = model.Metadata.Labels;
    }

    /// <summary>Names of the classes, by <see cref="Classification.Label"/>; empty where the model file has none.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The session that runs the model. Where the model's device preprocesses, its picture input takes the bytes of frames.</summary>
    public InferenceSession Session => picture.Session;

    /// <summary>True when frames go to the model's device as they are and are preprocessed there; then that is a part of the time of inference.</summary>
    public bool PreprocessesOnDevice => picture.OnDevice;

    /// <summary>How long each stage of the last <see cref="Process"/> took.</summary>
    public StageTimes LastTimes => steps.LastTimes;

    /// <summary>All classes, best first, of the last frame that has gone all the way; valid until the next one has.</summary>
    public ReadOnlySpan<Classification> Found => found;

    /// <inheritdoc/>
    public string Name => "classify";

    /// <inheritdoc/>
    public long FailOvers => Session.Faults;

    /// <summary>Says what a frame shows.</summary>
    /// <returns>All classes, best first; valid until the next call.</returns>
    public ReadOnlySpan<Classification> Process(Frame frame)
    {
        steps.Run(frame);
        return Found;
    }

    /// <inheritdoc/>
    public bool Advance(Frame frame, in TimeBudget budget) => steps.Advance(frame, budget);

    /// <inheritdoc/>
    public void Abandon() => steps.Abandon();

    /// <inheritdoc/>
    public void Dispose() => picture.Dispose();

    private void Decode() => scores.Read().CopyTo(found);
}
