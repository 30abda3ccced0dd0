namespace EdgeRuntime.Backends;

/// <summary>Where a user's caches are.</summary>
internal static class CacheFolder
{
    /// <summary>The environment variable that names another folder.</summary>
    public const string Variable = "EDGERUNTIME_CACHE";

    /// <summary>The folder for what was compiled or measured for a device; null where the user has none.</summary>
    public static string? Default { get; } = Find();

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return Path.Combine(Path.GetFullPath(named), "devices");
        string? root = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsMacOS()) root = home.Length > 0 ? Path.Combine(home, "Library", "Caches") : null;
        else if (!OperatingSystem.IsWindows())
            root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathRooted(cache) ? cache : home.Length > 0 ? Path.Combine(home, ".cache") : null;
        return string.IsNullOrEmpty(root) ? null : Path.Combine(root, "edgeruntime", "devices");
    }
}
