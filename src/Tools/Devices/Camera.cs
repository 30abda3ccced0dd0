namespace EdgeRuntime.Tools.Devices;

/// <summary>A camera that `--source camera:N` can open.</summary>
/// <param name="Source">What to pass as source.</param>
/// <param name="Name">What the driver calls it.</param>
internal sealed record Camera(string Source, string Name)
{
    private const string LinuxClass = "/sys/class/video4linux";

    /// <summary>True where cameras can be listed without opening them.</summary>
    public static bool CanList => OperatingSystem.IsLinux();

    /// <summary>The cameras here. A device that can also deliver metadata appears under several numbers; only its first takes pictures.</summary>
    public static IReadOnlyList<Camera> All()
    {
        if (!CanList || !Directory.Exists(LinuxClass)) return [];
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
