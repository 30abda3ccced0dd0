using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Backends;

/// <summary>
/// The files by which loaders of Vulkan and OpenCL find drivers, and what is wrong with them. A loader says no more than that it found nothing, so the files are looked at here; no driver is loaded for that.
/// </summary>
/// <param name="Variable">The environment variable that names them; the first of those that are set, or the usual one.</param>
/// <param name="IsSet">Whether it is set: nothing else is looked at then.</param>
/// <param name="Files">The files.</param>
/// <param name="Problem">Says what is wrong with a file; null where nothing can be seen.</param>
/// <param name="Install">How to get a driver.</param>
internal sealed record DriverFiles(string Variable, bool IsSet, IReadOnlyList<string> Files, Func<string, string?> Problem, string Install)
{
    private const int LongestManifest = 1 << 20;

    /// <summary>Those of Vulkan: descriptions in JSON.</summary>
    public static DriverFiles Vulkan()
    {
        string? variable = Array.Find((string[])["VK_DRIVER_FILES", "VK_ICD_FILENAMES"], v => Environment.GetEnvironmentVariable(v) is { Length: > 0 });
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string[] folders = OperatingSystem.IsWindows() ? [] : ["/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/usr/share/vulkan/icd.d", Path.Combine(home, ".local", "share", "vulkan", "icd.d")];
        string[] places = variable is null ? folders : Environment.GetEnvironmentVariable(variable)!.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return new(variable ?? "VK_DRIVER_FILES", variable is not null, Expand(places, "*.json", variable is not null), ProblemOfManifest,
            OperatingSystem.IsWindows() ? "install the driver of the graphics card" : "install one, on Debian: apt-get install mesa-vulkan-drivers");
    }

    /// <summary>Those of OpenCL: the name of a library each.</summary>
    public static DriverFiles OpenCl()
    {
        const string variable = "OCL_ICD_VENDORS";
        string? named = Environment.GetEnvironmentVariable(variable);
        bool isSet = named is { Length: > 0 };
        string[] places = isSet ? [named!] : OperatingSystem.IsWindows() ? [] : ["/etc/OpenCL/vendors"];
        return new(variable, isSet, Expand(places, "*.icd", isSet), ProblemOfVendor,
            OperatingSystem.IsWindows() ? "install the driver of the graphics card" : "install one, on Debian: apt-get install pocl-opencl-icd for the processor");
    }

    /// <summary>Why there is no device, and what to do: what the loader said is told first.</summary>
    public string Explain(string said)
    {
        if (Files.Count == 0)
            return IsSet ? $"{said}: {Variable} ({Environment.GetEnvironmentVariable(Variable)}) names no driver; unset it, or name one" : $"{said}: no driver is installed; {Install}";
        string[] problems = [.. Files.Select(Problem).OfType<string>()];
        string remedy = IsSet ? $"unset {Variable}, or name a driver that is there" : $"mend or remove the file, or name good ones in {Variable}";
        if (problems.Length > 0) return $"{said}: {string.Join("; ", problems)}. What to do: {remedy}";
        return $"{said}: none of {string.Join(", ", Files)} has a device here; {(IsSet ? $"unset {Variable}, or name another driver" : Install)}";
    }

    private static List<string> Expand(string[] places, string pattern, bool keepMissing)
    {
        var files = new List<string>();
        foreach (string place in places)
        {
            try
            {
                if (Directory.Exists(place)) files.AddRange(Directory.GetFiles(place, pattern).Order(StringComparer.Ordinal));
                else if (keepMissing || File.Exists(place)) files.Add(place);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                files.Add(place);
            }
        }
        return files;
    }

    private static string? ProblemOfManifest(string file)
    {
        if (Read(file, out string? problem) is not { } text) return problem;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("ICD", out JsonElement icd) || icd.ValueKind != JsonValueKind.Object
                || !icd.TryGetProperty("library_path", out JsonElement path) || path.ValueKind != JsonValueKind.String)
                return $"{file} names no driver (ICD, library_path)";
            string library = path.GetString()!;
            return ProblemOfLibrary(file, library.Contains('/') ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, library) : library);
        }
        catch (JsonException)
        {
            return $"{file} is no JSON";
        }
    }

    private static string? ProblemOfVendor(string file)
    {
        // A library may be named in the place of a file that names it.
        if (!file.EndsWith(".icd", StringComparison.Ordinal)) return ProblemOfLibrary(file, file);
        if (Read(file, out string? problem) is not { } text) return problem;
        string library = text.Split('\n')[0].Trim();
        return library.Length == 0 ? $"{file} is empty" : ProblemOfLibrary(file, library);
    }

    private static string? Read(string file, out string? problem)
    {
        problem = null;
        try
        {
            if (!File.Exists(file))
            {
                problem = $"{file} is not there";
                return null;
            }
            using FileStream stream = RegularFile.OpenRead(file);
            if (stream.Length > LongestManifest) problem = $"{file} is too long";
            using var reader = new StreamReader(stream);
            return problem is null ? reader.ReadToEnd() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EdgeException)
        {
            problem = $"{file} cannot be read";
            return null;
        }
    }

    /// <summary>What is wrong with a driver's library; a bare name is the loader's to find.</summary>
    private static string? ProblemOfLibrary(string file, string library)
    {
        if (!library.Contains('/')) return library.Length > 0 && library.Contains('.') ? null : $"{file} names '{library}', which is no library";
        string named = file == library ? library : $"{file} names {library}, which";
        try
        {
            if (!File.Exists(library)) return $"{named} is not there";
            using FileStream stream = RegularFile.OpenRead(library);
            Span<byte> magic = stackalloc byte[4];
            return !OperatingSystem.IsLinux() || (stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("\u007fELF"u8)) ? null : $"{named} is no library";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EdgeException)
        {
            return $"{named} cannot be read";
        }
    }
}
