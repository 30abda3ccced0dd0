using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Pictures, or frames of a video, as inputs of a model that says how a picture becomes its input. They are kept as the model's input: resized, in floats.</summary>
internal sealed class PictureSamples : SampleSet
{
    /// <summary>With fewer pictures than this, variants of them are made for calibration, up to <see cref="Varied"/> in all.</summary>
    private const int Few = 32, Varied = 64;

    /// <summary>Of so many variants of each picture parts are cut out, until there are <see cref="Varied"/>.</summary>
    private const int VariantsToCut = 40;

    private readonly List<(string Name, float[] Elements)> pictures = [];
    private readonly TensorType type;

    /// <summary>Reads pictures.</summary>
    /// <param name="model">The model; its only input takes a picture.</param>
    /// <param name="source">A picture, a folder of pictures, or a video.</param>
    /// <param name="most">How many to take at most.</param>
    /// <param name="every">Of how many frames one is taken.</param>
    /// <param name="first">The number of the first frame that is taken.</param>
    /// <exception cref="EdgeException">The model takes no picture, or the source cannot be read or holds none.</exception>
    public PictureSamples(EdgeModel model, string source, int most = 64, int every = 1, int first = 0)
    {
        using FrameSource frames = FrameSource.Open(source);
        type = Read(model, frames, most, every, first, null);
        Description = $"{pictures.Count} pictures of {Path.GetFileName(Path.TrimEndingDirectorySeparator(source))}";
    }

    /// <summary>Takes all pictures of a source.</summary>
    /// <param name="model">The model; its only input takes a picture.</param>
    /// <param name="frames">The pictures.</param>
    /// <param name="description">What they are, in a few words.</param>
    public PictureSamples(EdgeModel model, FrameSource frames, string description)
    {
        type = Read(model, frames, int.MaxValue, 1, 0, null);
        Description = description;
    }

    private PictureSamples(EdgeModel model, FrameSource frames, PictureCutter cutter, string description)
    {
        type = Read(model, frames, Varied, 1, 0, cutter);
        Description = $"{pictures.Count} {cutter.What} cut out of {description}";
    }

    /// <summary>For calibration: pictures of files, and where they are few, variants of them (see <see cref="VariedPictures"/>).</summary>
    /// <param name="model">The model; its only input takes a picture.</param>
    /// <param name="files">Pictures.</param>
    /// <param name="description">What they are, in a few words.</param>
    /// <param name="view">What the model sees of pictures; null where it sees them whole.</param>
    /// <exception cref="EdgeException">The model takes no picture, or one cannot be read, or there is nothing on them that it would look at.</exception>
    public static PictureSamples OfFiles(EdgeModel model, IReadOnlyList<string> files, string description, SampleView? view = null)
    {
        if (files.Count >= Few && view is null)
        {
            using var each = new PictureFiles([.. files.Take(Varied)]);
            return new PictureSamples(model, each, description);
        }
        var originals = new List<(string, Frame)>();
        foreach (string file in files.Take(Varied))
        {
            using FrameSource source = FrameSource.Open(file);
            var picture = new Frame();
            if (source.Read(picture)) originals.Add((Path.GetFileName(file), picture));
        }
        int count = originals.Count < Few ? Varied : originals.Count;
        string variants = originals.Count < Few ? $"{count} variants of {description}" : description;
        if (view is not null && view.Of != ViewKind.Text)
        {
            using var many = new VariedPictures(originals, originals.Count * VariantsToCut);
            using var cutter = new PictureCutter(view, model.Metadata.Decoder);
            return new PictureSamples(model, many, cutter, $"variants of {description}");
        }
        using var varied = new VariedPictures(originals, originals.Count == 0 ? 0 : count);
        if (view is null) return new PictureSamples(model, varied, variants);
        using var lettered = new LetteredPictures(varied);
        return new PictureSamples(model, lettered, $"{variants} with text");
    }

    public override int Count => pictures.Count;

    public override string Description { get; }

    public override string NameOf(int index) => pictures[index].Name;

    public override Tensor[] Inputs(int index)
    {
        var tensor = new Tensor(type);
        pictures[index].Elements.CopyTo(tensor.Span<float>());
        return [tensor];
    }

    private TensorType Read(EdgeModel model, FrameSource frames, int most, int every, int first, PictureCutter? cutter)
    {
        ImageInput image = model.Metadata.Image ?? throw new EdgeException(ErrorCode.WrongTask, $"'{model.Metadata.Name}' does not say how a picture becomes its input.", "Give samples as .npz files.");
        if (model.Graph.Inputs is not [{ } input] || input.Name != image.Input)
            throw new EdgeException(ErrorCode.WrongTask, $"'{model.Metadata.Name}' has {model.Graph.Inputs.Count} inputs; pictures fill only '{image.Input}'.", "Give samples as .npz files.");
        TensorType type = input.Type;
        // An open size is what the zoo tries it with.
        if (!type.Shape.IsStatic && TrialFacts.Find(new ModelFacts(model).Case.Shapes, input.Name) is { } sizes) type = new TensorType(type.DataType, sizes);
        ImagePreprocessor? whole = cutter is null ? new ImagePreprocessor(image, type) : null;
        CropPreprocessor? parts = cutter is null ? null : new CropPreprocessor(image, type, CropEdge.Repeat);
        var frame = new Frame();
        for (int i = 0; pictures.Count < most && frames.Read(frame); i++)
        {
            if (i < first || (i - first) % every != 0) continue;
            string name = frames.FrameName ?? $"frame {i}";
            if (whole is not null)
            {
                float[] elements = new float[type.Shape.Count];
                whole.Write(frame, elements);
                pictures.Add((name, elements));
                continue;
            }
            foreach (Crop place in cutter!.Cut(frame))
            {
                if (pictures.Count == most) break;
                float[] elements = new float[type.Shape.Count];
                parts!.Write(frame, place, elements);
                pictures.Add(($"{name}, {pictures.Count}", elements));
            }
        }
        return type;
    }
}
