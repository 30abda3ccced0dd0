using System.Text.Json;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Zoo;

/// <summary>The model zoo: what models/zoo.json declares. The manifest is the only place where a model of the zoo is described.</summary>
internal sealed class ModelZoo
{
    private const string ManifestFile = "zoo.json";

    private static readonly Lazy<ModelZoo> Loaded = new(() => Load(FindFolder()));

    private ModelZoo(string folder, ZooManifest manifest)
    {
        Folder = folder;
        All = [.. manifest.Models.Select(m => Completed(m, manifest.Models))];
        Tools = manifest.Tools;
        DataSets = manifest.DataSets ?? [];
    }

    /// <summary>The zoo of the repository the program was built in or, in a published program, the one beside it.</summary>
    public static ModelZoo Default => Loaded.Value;

    /// <summary>The folder of the manifest: models/ of the repository. Shipped models and samples are here too.</summary>
    public string Folder { get; }

    /// <summary>The models, in the manifest's order.</summary>
    public IReadOnlyList<ZooModel> All { get; }

    /// <summary>Programs that verbs can do without, such as the reference runtime.</summary>
    public IReadOnlyList<ZooTool> Tools { get; }

    /// <summary>Sets of samples for `edgert eval`.</summary>
    public IReadOnlyList<ZooDataSet> DataSets { get; }

    /// <summary>The model of that name, or null.</summary>
    public ZooModel? Find(string name) => All.FirstOrDefault(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The model whose source file has that checksum, or null: a known file is known by content, whatever its name.</summary>
    public ZooModel? FindBySha256(string sha256) => All.FirstOrDefault(m => m.Sha256.Equals(sha256, StringComparison.OrdinalIgnoreCase));

    /// <summary>The model of that name.</summary>
    /// <exception cref="EdgeException">There is none.</exception>
    public ZooModel Get(string name) => Find(name) ?? throw new EdgeException(ErrorCode.BadUsage,
        $"The zoo has no model '{name}'; it has {string.Join(", ", All.Select(m => m.Name))}.", "`edgert models list` describes them.");

    /// <summary>The tool of that name.</summary>
    /// <exception cref="EdgeException">There is none.</exception>
    public ZooTool GetTool(string name) => Tools.FirstOrDefault(t => t.Name == name) ?? throw new EdgeException(ErrorCode.BadUsage,
        $"The zoo has no tool '{name}'; it has {string.Join(", ", Tools.Select(t => t.Name))}.");

    /// <summary>The set of samples of that name.</summary>
    /// <exception cref="EdgeException">There is none.</exception>
    public ZooDataSet GetDataSet(string name) => DataSets.FirstOrDefault(d => d.Name == name) ?? throw new EdgeException(ErrorCode.BadUsage,
        $"The zoo has no set of samples '{name}'; it has {string.Join(", ", DataSets.Select(d => d.Name))}.");

    /// <summary>The file in <see cref="Folder"/> that the project ships under that name, or null: a converted model, a sample picture.</summary>
    public string? Shipped(string fileName)
    {
        string path = Path.Combine(Folder, fileName);
        return File.Exists(path) ? path : null;
    }

    /// <summary>Reads the manifest of a folder.</summary>
    /// <exception cref="EdgeException">It is missing or says what it must not.</exception>
    internal static ModelZoo Load(string folder)
    {
        string path = Path.Combine(folder, ManifestFile);
        try
        {
            ZooManifest manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), ZooJson.Default.ZooManifest)
                ?? throw new JsonException("The file holds null.");
            return new ModelZoo(folder, manifest);
        }
        catch (JsonException e)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"{path}: the manifest of the model zoo is malformed: {e.Message}", "Restore it from the repository.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"{path}: the manifest of the model zoo cannot be read: {e.Message}", "Restore it from the repository.", e);
        }
    }

    /// <summary>The model with the labels of the one it names.</summary>
    private static ZooModel Completed(ZooModel model, ZooModel[] all)
    {
        if (model.LabelsOf is not { } other) return model;
        return model with { Labels = all.FirstOrDefault(m => m.Name == other)?.Labels ?? throw new JsonException($"'{model.Name}' has the labels of '{other}', which has none.") };
    }

    /// <summary>The root of the repository the program runs from, or null when it was published elsewhere.</summary>
    internal static string? FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "EdgeRuntime.sln"))) return folder.FullName;
        return null;
    }

    private static string FindFolder() => Path.Combine(FindRepository() ?? AppContext.BaseDirectory, "models");
}
