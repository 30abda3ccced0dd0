using Xunit;

namespace EdgeRuntime.Tests;

/// <summary>Where tests find files that are not built: the repository, and test data that stands beside it on some machines.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Path of a file of the repository.</summary>
    public static string File(params string[] path) => Path.Combine([Root, .. path]);

    /// <summary>
    /// Path of a file of the test data: in the folder that EDGERUNTIME_DATA names, or in ../shared/data. The test is skipped where it is absent.
    /// </summary>
    public static string Data(params string[] path)
    {
        string? file = FindData(path);
        Assert.SkipUnless(file is not null, $"test data {Path.Combine(path)} is not on this machine");
        return file;
    }

    /// <summary>As <see cref="Data"/>, but null where it is absent.</summary>
    public static string? FindData(params string[] path)
    {
        string folder = Environment.GetEnvironmentVariable("EDGERUNTIME_DATA") is { Length: > 0 } named ? named : File("..", "shared", "data");
        string file = Path.GetFullPath(Path.Combine([folder, .. path]));
        return Path.Exists(file) ? file : null;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "EdgeRuntime.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No EdgeRuntime.sln above {AppContext.BaseDirectory}: tests run from the repository.");
    }
}
