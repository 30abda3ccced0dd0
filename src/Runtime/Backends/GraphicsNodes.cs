namespace EdgeRuntime.Backends;

/// <summary>
/// Tells without loading a driver that there can be no graphics chip: on Linux each has a device node. Drivers in software need none, and loading one takes more time and memory than
/// most models (lavapipe: 50 MB).
/// </summary>
internal static class GraphicsNodes
{
    private const string Devices = "/dev";

    /// <summary>How the nodes begin: render nodes of the kernel, NVIDIA (with Jetson's), WSL, AMD compute, Qualcomm, Arm, Imagination, Vivante.</summary>
    private static readonly string[] Names = ["dri", "nvidia", "nvhost", "nvgpu", "nvmap", "dxg", "kfd", "kgsl", "mali", "pvr", "galcore"];

    /// <summary>Why there can be no graphics chip; null where there may be one.</summary>
    public static string? Missing() => OperatingSystem.IsLinux() && Directory.Exists(Devices) ? Missing(Directory.EnumerateFileSystemEntries(Devices).Select(p => Path.GetFileName(p))) : null;

    /// <summary>As <see cref="Missing()"/>, of the names in the folder of devices.</summary>
    internal static string? Missing(IEnumerable<string> entries) =>
        entries.Any(e => Names.Any(n => e.StartsWith(n, StringComparison.Ordinal))) ? null : $"no graphics chip: nothing in {Devices} is one's";
}
