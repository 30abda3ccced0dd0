using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Tools.Evaluation.Sources;

/// <summary>Folders of pictures, sounds and arrays: either all in one, or one folder for each class.</summary>
internal static class FolderSource
{
    /// <summary>No set has more samples.</summary>
    public const int MostSamples = 1_000_000;

    private const string Remedy = "Give a folder with pictures, sounds or .npz files in it, or with one such folder for each class.";

    /// <summary>Reads a folder.</summary>
    /// <exception cref="EdgeException">It holds no samples.</exception>
    public static DataSource Read(string folder)
    {
        Sample[] direct = SamplesOf(folder, "", null);
        if (direct.Length > 0) return new DataSource($"{direct.Length} files of {folder}", direct, []);
        var classes = new List<string>();
        var samples = new List<Sample>();
        var problems = new SourceProblems($"'{folder}'");
        foreach (string inner in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(inner);
            if (name.StartsWith('.')) continue;
            Sample[] found = SamplesOf(inner, name + "/", new ClassTruth(classes.Count));
            if (found.Length == 0) problems.Add($"the class '{name}' has no picture, sound or .npz file");
            classes.Add(name);
            samples.AddRange(found);
        }
        if (classes.Count == 0) throw new EdgeException(ErrorCode.CannotRead, $"The folder '{folder}' holds no samples.", Remedy);
        problems.ThrowIfAny(Remedy);
        return new DataSource($"{samples.Count} files of {classes.Count} classes of {folder}", samples, classes);
    }

    /// <summary>A single file as a set of one.</summary>
    /// <exception cref="EdgeException">It holds nothing that a model could be shown.</exception>
    public static DataSource ReadFile(string path) => SourceReaders.ContentOf(path) is { } content ? new DataSource(path, [new Sample(Path.GetFileName(path), content)], [])
        : throw new EdgeException(ErrorCode.CannotRead, $"'{path}' is no set of samples: neither picture nor sound, .npz, .csv, COCO .json or transcription.", SourceReaders.Description);

    private static Sample[] SamplesOf(string folder, string prefix, Truth? truth)
    {
        var samples = new List<Sample>();
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(file).StartsWith('.') || !RegularFile.Is(file) || SourceReaders.ContentOf(file) is not { } content) continue;
            if (samples.Count == MostSamples) throw new EdgeException(ErrorCode.CannotRead, $"The folder '{folder}' holds more than {MostSamples:N0} samples.", "Divide it.");
            samples.Add(new Sample(prefix + Path.GetFileName(file), content, truth));
        }
        return [.. samples];
    }
}
