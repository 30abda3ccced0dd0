using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>Frame to detections: preprocessing, model, and the decoder that the model file names. What detectors of every kind are made of.</summary>
internal sealed class DetectionRunner : IDisposable
{
    private readonly PictureSession picture;
    private readonly IDetectionDecoder decoder;
    private readonly PictureSteps steps;
    private Detection[] kept = new Detection[64];
    private int found;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="task">The task it must declare.</param>
    /// <param name="remedy">What to do when it is for another one.</param>
    /// <param name="options">Where it runs.</param>
    /// <param name="scoreThreshold">Overrides the model file's, if not null.</param>
    /// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
    public DetectionRunner(EdgeModel model, string task, string remedy, SessionOptions options, float? scoreThreshold)
    {
        ModelMetadata metadata = model.Metadata;
        if (metadata.Task != task || metadata.Image is not { } image || metadata.Decoder is not { } info)
        {
            throw metadata.Task != task ? ModelTask.Wrong(metadata, task, remedy)
                : new EdgeException(ErrorCode.WrongTask, $"'{metadata.Name}' says it is for {task}, but not what picture it takes or how its outputs are read.", remedy);
        }
        picture = new PictureSession(model, image, options);
        try
        {
            decoder = Decoders.Create(new DecoderRequest(metadata.Name, info, Session, picture.Width, picture.Height, scoreThreshold) { Labels = metadata.Labels });
            steps = new PictureSteps(picture, Decode);
        }
        catch
        {
            picture.Dispose();
            throw;
        }
    }

    /// <summary>The session that runs the model.</summary>
    public InferenceSession Session => picture.Session;

    /// <summary>True when frames go to the model's device as they are and are preprocessed there.</summary>
    public bool PreprocessesOnDevice => picture.OnDevice;

    /// <summary>How long each stage of the last <see cref="Process"/> took.</summary>
    public StageTimes LastTimes => steps.LastTimes;

    /// <summary>What is in the last frame that has gone all the way, best first; valid until the next one has.</summary>
    public ReadOnlySpan<Detection> Found => kept.AsSpan(0, found);

    /// <summary>What is in a frame, best first; valid until the next call.</summary>
    public ReadOnlySpan<Detection> Process(Frame frame)
    {
        steps.Run(frame);
        return Found;
    }

    /// <summary>Does what fits of it; true when <see cref="Found"/> tells of the frame.</summary>
    public bool Advance(Frame frame, in TimeBudget budget) => steps.Advance(frame, budget);

    /// <summary>Gives up the frame that was begun, if any.</summary>
    public void Abandon() => steps.Abandon();

    /// <inheritdoc/>
    public void Dispose() => picture.Dispose();

    private void Decode()
    {
        ReadOnlySpan<Detection> detections = decoder.Read(picture.Covered);
        if (detections.Length > kept.Length) kept = new Detection[Math.Max(detections.Length, 2 * kept.Length)];
        detections.CopyTo(kept);
        found = detections.Length;
    }
}
