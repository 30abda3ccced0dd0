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

    /// <summary>The sets for detectors of faces.</summary>
    private static readonly string[] Faces = ["npm:people"];

    /// <summary>The sets for detectors of things. Portraits alone leave half of such a model asleep, and what was not seen awake is rounded coarsely.</summary>
    private static readonly string[] Things = ["npm:people", "npm:town", "npm:outdoors"];

    /// <summary>What the user names, or else what the project has for the model. What a set holds back from training is held back from calibration, too.</summary>
    /// <param name="model">The float model.</param>
    /// <param name="source">A folder, video or set as --data takes it, or null.</param>
    /// <exception cref="EdgeException">It cannot be read, or there is nothing.</exception>
    public static SampleSet Open(EdgeModel model, string? source)
    {
        if (source is not null) return Named(model, Read(source));
        ZooModel? zoo = model.Metadata.SourceSha256.Length > 0 ? ModelZoo.Default.FindBySha256(model.Metadata.SourceSha256) : null;
        if (Known(model.Metadata, zoo) is { Length: > 0 } known)
        {
            DataSource data = known is [{ } only] ? Read(only) : Join(known);
            return zoo?.Before is { } maker ? new RowSamples(model, maker, data, Most) : Named(model, data, zoo?.View);
        }
        if (MadeInputs.For(model) is { } made) return made;
        string what = model.Metadata.Image is not null ? "a folder with 64 or more pictures" : model.Metadata.Sound is not null ? "a folder with sound" : "a folder with .npz files, an array for each input,";
        throw new EdgeException(ErrorCode.BadUsage, $"Quantizing '{model.Metadata.Name}' needs samples of what it will see, and the project has none for it.", $"Give {what} like the real ones with --calibrate.");
    }

    /// <summary>Sets of packages as one.</summary>
    private static DataSource Join(string[] sets)
    {
        Sample[] samples = [.. sets.SelectMany(s => Read(s).Samples)];
        return new DataSource($"{samples.Length} pictures of npm {string.Join(", ", sets.Select(s => PackageSource.Find(s).Package))}", samples, []);
    }

    private static SampleSet Named(EdgeModel model, DataSource data, SampleView? view = null)
    {
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

    /// <summary>The samples that the zoo names for a model, or those that fit its task; none where there are no such.</summary>
    private static string[] Known(ModelMetadata metadata, ZooModel? zoo)
    {
        if (zoo?.Samples is not { } samples) return metadata.Task switch { "face-detection" => Faces, "object-detection" => Things, _ => [] };
        return [PackageSource.Knows(samples) ? samples : Path.Combine(ModelZoo.Default.Folder, samples)];
    }
}
