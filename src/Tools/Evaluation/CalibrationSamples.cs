using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Demo;
using EdgeRuntime.Tools.Evaluation.Sources;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Opens the samples that a model is calibrated on.</summary>
internal static class CalibrationSamples
{
    /// <summary>More samples do not make ranges better, only slower to find.</summary>
    private const int Most = 128;

    private const int Seed = 1;

    private const string Picture = "astronaut.png";

    /// <summary>Side and number of the pieces that are cut out of the sample picture.</summary>
    private const int Side = 384, Pieces = 32;

    /// <summary>What the user names, or else what the project has for the model. What a set holds back from training is held back from calibration, too.</summary>
    /// <param name="model">The float model.</param>
    /// <param name="source">A folder, video or set as --data takes it, or null.</param>
    /// <exception cref="EdgeException">It cannot be read, or there is nothing.</exception>
    public static SampleSet Open(EdgeModel model, string? source)
    {
        source ??= Known(model.Metadata);
        if (source is not null) return Named(model, source);
        string what = model.Metadata.Image is not null ? "a folder with 64 or more pictures" : model.Metadata.Sound is not null ? "a folder with sound" : "a folder with .npz files, an array for each input,";
        // A sample picture shows a face: what faces are looked for in can be calibrated on pieces of it, and other models cannot.
        if (model.Metadata.Task == "face-detection" && ModelZoo.Default.Shipped(Picture) is { } path)
        {
            var picture = new Frame();
            using (FrameSource file = FrameSource.Open(path)) file.Read(picture);
            using var pieces = new MovingCrop(picture, Side, Pieces, rate: 25);
            return new PictureSamples(model, pieces, $"{Pieces} pieces of {Picture}");
        }
        throw new EdgeException(ErrorCode.BadUsage, $"Quantizing '{model.Metadata.Name}' needs samples of what it will see, and the project has none for it.", $"Give {what} like the real ones with --calibrate.");
    }

    private static SampleSet Named(EdgeModel model, string source)
    {
        // Videos, and pictures that need no labels.
        bool isPictures = model.Metadata.Image is not null && (File.Exists(source) ? SourceReaders.ContentOf(source) is null or PictureContent && Path.GetExtension(source) is not (".json" or ".csv" or ".npz" or ".npy")
            : Directory.Exists(source) && Directory.EnumerateFiles(source).Any(f => SourceReaders.ContentOf(f) is PictureContent));
        if (isPictures) return new PictureSamples(model, source);
        DataSource data = Read(source);
        return new DataSampleSet(model, data.WithoutHeldBack(data.HeldBack).Some(Most, Seed));
    }

    /// <summary>A set as --data takes it, which is called by its own name: what is written into files does not say where on a machine it lay.</summary>
    public static DataSource Read(string source)
    {
        DataSource data = SourceReaders.Read(source);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(source));
        return DigitSource.Knows(source) || name.Length == 0 ? data : data with { Description = data.Description.Replace(source, name, StringComparison.Ordinal) };
    }

    /// <summary>The samples that the zoo names for a model, or null.</summary>
    private static string? Known(ModelMetadata metadata)
    {
        string? samples = metadata.SourceSha256.Length > 0 ? ModelZoo.Default.FindBySha256(metadata.SourceSha256)?.Samples : null;
        return samples is null || DigitSource.Knows(samples) ? samples : Path.Combine(ModelZoo.Default.Folder, samples);
    }
}
