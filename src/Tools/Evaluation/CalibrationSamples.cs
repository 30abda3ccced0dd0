using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Evaluation.Sources;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Opens the samples that a model is calibrated on.</summary>
internal static class CalibrationSamples
{
    /// <summary>More samples do not make ranges better, only slower to find.</summary>
    private const int Most = 64;

    private const int Seed = 1;

    /// <summary>The set for models that look at people and their surroundings.</summary>
    private const string People = "npm:people";

    /// <summary>The tasks of such models.</summary>
    private static readonly string[] OfPeople = ["face-detection", "object-detection"];

    /// <summary>What the user names, or else what the project has for the model. What a set holds back from training is held back from calibration, too.</summary>
    /// <param name="model">The float model.</param>
    /// <param name="source">A folder, video or set as --data takes it, or null.</param>
    /// <exception cref="EdgeException">It cannot be read, or there is nothing.</exception>
    public static SampleSet Open(EdgeModel model, string? source)
    {
        if (source is not null) return Named(model, source);
        ZooModel? zoo = model.Metadata.SourceSha256.Length > 0 ? ModelZoo.Default.FindBySha256(model.Metadata.SourceSha256) : null;
        if (Known(model.Metadata, zoo) is { } known) return zoo?.Before is { } maker ? new RowSamples(model, maker, Read(known), Most) : Named(model, known, zoo?.View);
        if (MadeInputs.For(model) is { } made) return made;
        string what = model.Metadata.Image is not null ? "a folder with 64 or more pictures" : model.Metadata.Sound is not null ? "a folder with sound" : "a folder with .npz files, an array for each input,";
        throw new EdgeException(ErrorCode.BadUsage, $"Quantizing '{model.Metadata.Name}' needs samples of what it will see, and the project has none for it.", $"Give {what} like the real ones with --calibrate.");
    }

    private static SampleSet Named(EdgeModel model, string source, SampleView? view = null)
    {
        DataSource data = Read(source);
        if (model.Metadata.Image is not null && data.Samples.Count > 0 && data.Samples.All(s => s is { Truth: null, Content: PictureContent }))
            return PictureSamples.OfFiles(model, [.. data.Some(Most, Seed).Samples.Select(s => ((PictureContent)s.Content).Path)], data.Description, view);
        return new DataSampleSet(model, data.WithoutHeldBack(data.HeldBack).Some(Most, Seed));
    }

    /// <summary>A set as --data takes it, which is called by its own name: what is written into files does not say where on a machine it lay.</summary>
    public static DataSource Read(string source)
    {
        DataSource data = SourceReaders.Read(source);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(source));
        return PackageSource.Knows(source) || name.Length == 0 ? data : data with { Description = data.Description.Replace(source, name, StringComparison.Ordinal) };
    }

    /// <summary>The samples that the zoo names for a model, or null.</summary>
    private static string? Known(ModelMetadata metadata, ZooModel? zoo)
    {
        string? samples = zoo?.Samples;
        if (samples is null && OfPeople.Contains(metadata.Task)) return People;
        return samples is null || PackageSource.Knows(samples) ? samples : Path.Combine(ModelZoo.Default.Folder, samples);
    }
}
