using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines.Faces;

/// <summary>
/// Says whose faces are in a picture: finds them, turns each upright, and compares what a second model makes of it with the faces of a gallery. The label of what is found is 0 for somebody unknown, else a
/// person's place in <see cref="FaceGallery.Names"/> and 1; its score is the likeness. Of faces that are followed it is that of what was seen of them of late.
/// </summary>
public sealed class FaceRecognizer : CropStage
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "face-embedding";

    /// <summary>The label of faces that are in no gallery.</summary>
    public const string Unknown = "unknown";

    private const string Kind = "features", Remedy = "Use a model of the zoo that tells faces apart, such as face-feature.";

    private readonly FaceGallery? gallery;
    private readonly ModelMetadata metadata;
    private readonly int output, length;
    private readonly float[] features;
    private readonly float threshold;
    private readonly FaceMemory? memory;

    /// <summary>Prepares the models.</summary>
    /// <param name="finder">A model whose metadata says face-detection, with key points; it must outlive the recognizer.</param>
    /// <param name="model">A model whose metadata says face-embedding; it must outlive the recognizer.</param>
    /// <param name="gallery">Faces that are known; null for none. It must not be changed while frames are recognized.</param>
    /// <param name="options">How, or null for the defaults.</param>
    /// <exception cref="EdgeException">A model is for another task or cannot run, or the gallery is another model's.</exception>
    public FaceRecognizer(EdgeModel finder, EdgeModel model, FaceGallery? gallery = null, FaceRecognizerOptions? options = null)
        : this(finder, model, gallery, options ?? new FaceRecognizerOptions(), default)
    {
    }

    private FaceRecognizer(EdgeModel finder, EdgeModel model, FaceGallery? gallery, FaceRecognizerOptions options, ValueTuple _)
        : base(Finder(finder, options), finder, model, Task, Remedy, options, CropEdge.Black)
    {
        try
        {
            metadata = model.Metadata;
            if (metadata.Decoder is not { Kind: Kind } info) throw new EdgeException(ErrorCode.WrongTask, $"'{metadata.Name}' says it is for {Task}, but not which output has the features.", Remedy);
            var request = new DecoderRequest(metadata.Name, info, CropSession, InputWidth, InputHeight, null);
            output = request.Output("features");
            TensorType type = CropSession.Graph.Outputs[output].Value.Type;
            if (type.DataType != DataType.F32 || !type.Shape.IsStatic || type.Shape.Count is < 1 or > 65536) throw request.Wrong($"has features of the type {type}, where a vector of floats is expected");
            length = (int)type.Shape.Count;
            threshold = options.LeastLikeness ?? (float)request.Number("threshold", -1, 1);
            gallery?.Require(metadata, length);
            this.gallery = gallery;
            features = new float[Slots * length];
            if (options.Follows) memory = new FaceMemory(length, options.Most);
            Labels = [Unknown, .. gallery?.Names ?? []];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override string Name => "face-recognize";

    /// <summary>What the labels mean: somebody unknown, and the names of the gallery.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>From which likeness on two faces are taken for one person's.</summary>
    public float Threshold => threshold;

    /// <summary>The features of a face that was found, of length 1; valid until the next frame has gone all the way.</summary>
    /// <param name="index">Its place in <see cref="CropStage.Found"/>.</param>
    public ReadOnlySpan<float> Features(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Found.Length, nameof(index));
        return features.AsSpan(SlotOf(index) * length, length);
    }

    /// <summary>An empty gallery for faces that this recognizer's model tells apart.</summary>
    public FaceGallery NewGallery() => new(metadata, length);

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        memory?.Reset();
    }

    private protected override bool TryCrop(in Detection candidate, out Crop place) => FaceAlignment.TryAlign(candidate, out place);

    private protected override bool Read(int slot, in Crop place, TimeSpan time, ref Detection detection)
    {
        Span<float> own = features.AsSpan(slot * length, length);
        CropSession.Output(output).Span<float>().CopyTo(own);
        if (!FaceGallery.TryNormalize(own)) return false;
        float likeness = float.NegativeInfinity;
        int person = gallery?.Nearest(memory is null ? own : memory.Mean(detection.Track, time, own), out likeness) ?? -1;
        (detection.Label, detection.Score) = (likeness >= threshold ? person + 1 : 0, Math.Clamp(likeness, 0, 1));
        return true;
    }

    private static FaceDetector Finder(EdgeModel finder, FaceRecognizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(finder);
        FaceAlignment.RequirePoints(finder.Metadata);
        return new FaceDetector(finder, new FaceDetectorOptions(options) { ScoreThreshold = FinderScore(finder, options) });
    }
}
