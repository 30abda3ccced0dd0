using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>Finds the files of the suite's models: those of the zoo are fetched; those to be had by hand are looked for in the cache and in a folder, by content, whatever they are called.</summary>
internal sealed class SuiteFiles
{
    private readonly ModelCache cache;
    private readonly string? folder;

    /// <summary>Files of the folder by SHA-256; only those of a size that is looked for are read.</summary>
    private readonly Dictionary<string, string> found = [];

    /// <summary>Looks into a folder.</summary>
    /// <param name="cache">Where models of the zoo are kept.</param>
    /// <param name="folder">The folder; null for none.</param>
    /// <param name="models">What is looked for.</param>
    /// <exception cref="EdgeException">There is no such folder.</exception>
    public SuiteFiles(ModelCache cache, string? folder, IReadOnlyList<SuiteModel> models)
    {
        (this.cache, this.folder) = (cache, folder);
        if (folder is null) return;
        if (!Directory.Exists(folder)) throw new EdgeException(ErrorCode.CannotRead, $"There is no folder '{folder}' with models.", "Give the folder that holds the ONNX files to be had by hand.");
        HashSet<long> sizes = [.. models.Select(m => ZooModelOf(m)?.Bytes ?? m.Bytes)];
        foreach (string file in Directory.EnumerateFiles(folder, "*.onnx").Order(StringComparer.Ordinal))
            if (sizes.Contains(new FileInfo(file).Length)) found.TryAdd(ModelCache.HashOf(file), file);
    }

    /// <summary>The file of a model, or the reason why there is none.</summary>
    /// <param name="model">The model.</param>
    /// <param name="stage">Told what is being done; null if nobody listens.</param>
    /// <param name="stop">Ends fetching.</param>
    public (string? File, string? Reason) Find(SuiteModel model, Action<string>? stage, CancellationToken stop)
    {
        ZooModel? known = ZooModelOf(model);
        if (found.TryGetValue(known?.Sha256 ?? model.Sha256 ?? "", out string? here)) return (here, null);
        if (known is null || known.ByHand)
        {
            if (known is not null && cache.Find(known) is { } cached) return (cached, null);
            return (null, $"it is to be had by hand from {known?.Origin ?? model.Origin}, and {(folder is null ? "no folder is named to look for it in (--models DIR of bench, an argument of verify)" : $"'{folder}' does not have it")}");
        }
        try
        {
            return (cache.Pull(known, stage, stop), null);
        }
        catch (EdgeException e)
        {
            return (null, e.Problem);
        }
    }

    /// <summary>What the zoo knows of it, or null.</summary>
    public static ZooModel? ZooModelOf(SuiteModel model) => ModelZoo.Default.Find(model.Name);
}
