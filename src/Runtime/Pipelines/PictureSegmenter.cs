using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Tells what of a picture shows what is looked for, such as people, and what is behind. Give it a model whose metadata says segmentation, then one frame after the other; nothing is allocated per frame
/// while the frames' size and format stay. Not for use by two threads at once.
/// </summary>
public sealed class PictureSegmenter : IFrameStage, IDisposable
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "segmentation";

    private const string Remedy = "Use a model of segmentation of the zoo, such as selfie.";

    private readonly PictureSession picture;
    private readonly MaskDecoder decoder;
    private readonly MaskSmoother? smoother;
    private readonly PictureSteps steps;
    private Frame? current;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; it must outlive the segmenter.</param>
    /// <param name="options">Smoothing and where it runs, or null for the defaults.</param>
    /// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
    public PictureSegmenter(EdgeModel model, SegmenterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelMetadata metadata = model.Metadata;
        if (metadata.Task != Task) throw ModelTask.Wrong(metadata, Task, Remedy);
        if (metadata.Image is not { } image || metadata.Decoder is not { } info)
            throw new EdgeException(ErrorCode.WrongTask, $"'{metadata.Name}' says it is for {Task}, but not what picture it takes or how its outputs are read.", Remedy);
        options ??= new SegmenterOptions();
        picture = new PictureSession(model, image, options);
        try
        {
            decoder = new MaskDecoder(new DecoderRequest(metadata.Name, info, Session, picture.Width, picture.Height, null));
            Mask = new SegmentationMask(decoder.Columns, decoder.Rows);
            if (options.Smoothing > TimeSpan.Zero) smoother = new MaskSmoother(decoder.Columns * decoder.Rows, options.Smoothing);
            steps = new PictureSteps(picture, Decode);
        }
        catch
        {
            picture.Dispose();
            throw;
        }
        Label = metadata.Labels is [var label, ..] ? label : "person";
    }

    /// <inheritdoc/>
    public string Name => "segment";

    /// <summary>What the mask shows, such as a person.</summary>
    public string Label { get; }

    /// <summary>The session that runs the model. Where the model's device preprocesses, its picture input takes the bytes of frames.</summary>
    public InferenceSession Session => picture.Session;

    /// <summary>True when frames go to the model's device as they are and are preprocessed there; then that is a part of the time of inference.</summary>
    public bool PreprocessesOnDevice => picture.OnDevice;

    /// <summary>How long each stage of the last frame took.</summary>
    public StageTimes LastTimes => steps.LastTimes;

    /// <summary>The mask of the last frame that has gone all the way: the same object each time, with other cells.</summary>
    public SegmentationMask Mask { get; }

    /// <inheritdoc/>
    public long FailOvers => Session.Faults;

    /// <summary>Makes the mask of a frame.</summary>
    /// <returns>It, valid until the next call.</returns>
    public SegmentationMask Process(Frame frame)
    {
        current = frame;
        steps.Run(frame);
        return Mask;
    }

    /// <inheritdoc/>
    public bool Advance(Frame frame, in TimeBudget budget)
    {
        current = frame;
        return steps.Advance(frame, budget);
    }

    /// <summary>Forgets the frames before: what comes next is of another source.</summary>
    public void Reset()
    {
        smoother?.Reset();
        Mask.Belong(0, 0, default);
    }

    /// <inheritdoc/>
    public void Abandon() => steps.Abandon();

    /// <inheritdoc/>
    public void Dispose() => picture.Dispose();

    private void Decode()
    {
        Frame frame = current!;
        decoder.Read(Mask.Target);
        smoother?.Next(Mask.Target, frame.Width, frame.Height, picture.Covered, frame.Time);
        Mask.Belong(frame.Width, frame.Height, picture.Covered);
    }
}
