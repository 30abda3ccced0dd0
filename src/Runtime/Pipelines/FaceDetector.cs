using System.Diagnostics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Finds faces. Give it a model whose metadata says face-detection, then one frame after the other; nothing is allocated per frame
/// while the frames' size and format stay. Not for use by two threads at once.
/// </summary>
public sealed class FaceDetector : IDisposable
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "face-detection";

    private readonly PictureSession picture;
    private readonly IDetectionDecoder decoder;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; it must outlive the detector.</param>
    /// <param name="options">Threshold and threads, or null for what the model file says.</param>
    /// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
    public FaceDetector(EdgeModel model, FaceDetectorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new FaceDetectorOptions();
        ModelMetadata metadata = model.Metadata;
        if (metadata.Task != Task || metadata.Image is not { } image || metadata.Decoder is not { } info) throw WrongTask(metadata);
        picture = new PictureSession(model, image, options);
        try
        {
            decoder = Decoders.Create(new DecoderRequest(metadata.Name, info, Session, picture.Width, picture.Height, options.ScoreThreshold));
        }
        catch
        {
            picture.Dispose();
            throw;
        }
    }

    /// <summary>The session that runs the model. Where the model's device preprocesses, its picture input takes the bytes of frames.</summary>
    public InferenceSession Session => picture.Session;

    /// <summary>True when frames go to the model's device as they are and are preprocessed there; then that is a part of the time of inference.</summary>
    public bool PreprocessesOnDevice => picture.OnDevice;

    /// <summary>How long each stage of the last <see cref="Process"/> took.</summary>
    public StageTimes LastTimes { get; private set; }

    /// <summary>Finds the faces in a frame.</summary>
    /// <returns>The faces, best first, in pixels of the frame; valid until the next call.</returns>
    public ReadOnlySpan<Detection> Process(Frame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        long start = Stopwatch.GetTimestamp();
        picture.Write(frame);
        long preprocessed = Stopwatch.GetTimestamp();
        Session.Run();
        long inferred = Stopwatch.GetTimestamp();
        ReadOnlySpan<Detection> faces = decoder.Read(picture.Covered);
        long decoded = Stopwatch.GetTimestamp();

        LastTimes = new StageTimes(
            Stopwatch.GetElapsedTime(start, preprocessed), Stopwatch.GetElapsedTime(preprocessed, inferred), Stopwatch.GetElapsedTime(inferred, decoded));
        return faces;
    }

    /// <inheritdoc/>
    public void Dispose() => picture.Dispose();

    private static EdgeException WrongTask(ModelMetadata metadata) => new(ErrorCode.WrongTask,
        metadata.Task == Task
            ? $"'{metadata.Name}' says it is for {Task}, but not what picture it takes or how its outputs are read."
            : $"'{metadata.Name}' is for {(metadata.Task.Length > 0 ? metadata.Task : "a task it does not name")}, not for {Task}.",
        "Use a face detector of the zoo, such as blazeface-front.");
}
