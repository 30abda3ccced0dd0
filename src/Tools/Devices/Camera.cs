using EdgeRuntime.Realtime;

namespace EdgeRuntime.Tools.Devices;

/// <summary>A camera that `--source camera:N` can open.</summary>
/// <param name="Source">What to pass as source.</param>
/// <param name="Name">What the driver calls it.</param>
internal sealed record Camera(string Source, string Name)
{
    private const string LinuxClass = "/sys/class/video4linux";

    /// <summary>The cameras here; null where they cannot be listed without FFmpeg, which is not installed.</summary>
    public static IReadOnlyList<Camera>? All()
    {
        if (OperatingSystem.IsLinux()) return OnLinux();
        if (FfmpegTools.Find("ffmpeg") is null) return null;
        if (OperatingSystem.IsWindows()) return [.. DirectShowLog.Ask().Cameras.Select((name, i) => new Camera($"camera:{i}", name))];
        return OperatingSystem.IsMacOS() ? [.. AvFoundationLog.Ask().Cameras.Select(c => new Camera($"camera:{c.Number}", c.Name))] : null;
    }

    /// <summary>A device that can also deliver metadata appears under several numbers; only its first takes pictures.</summary>
    private static IReadOnlyList<Camera> OnLinux()
    {
        if (!Directory.Exists(LinuxClass)) return [];
        return
        [
            .. from folder in Directory.EnumerateDirectories(LinuxClass, "video*")
               let number = Path.GetFileName(folder)["video".Length..]
               where int.TryParse(number, out _) && (Read(folder, "index") ?? "0") == "0"
               orderby int.Parse(number)
               select new Camera($"camera:{number}", Read(folder, "name") ?? "unnamed"),
        ];
    }

    private static string? Read(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }
}
