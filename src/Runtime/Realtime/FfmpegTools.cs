using System.Collections.Concurrent;
using System.Text;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Realtime;

/// <summary>Where the programs of FFmpeg are, and how to get them.</summary>
public static class FfmpegTools
{
    private static readonly ConcurrentDictionary<string, Version> Versions = new();

    /// <summary>One line that says how to install FFmpeg on this system.</summary>
    public static string HowToInstall =>
        OperatingSystem.IsWindows() ? "Install FFmpeg: winget install Gyan.FFmpeg, then open a new terminal."
        : OperatingSystem.IsMacOS() ? "Install FFmpeg: brew install ffmpeg"
        : "Install FFmpeg: sudo apt install ffmpeg (or dnf, pacman, apk: the package is called ffmpeg).";

    /// <summary>Full path of <c>ffmpeg</c> or <c>ffprobe</c>, or null where it is not on the PATH.</summary>
    public static string? Find(string program) => Find(program, Environment.GetEnvironmentVariable("PATH"));

    /// <summary>Searches a list of folders, separated as PATH is.</summary>
    internal static string? Find(string program, string? folders)
    {
        string file = OperatingSystem.IsWindows() ? program + ".exe" : program;
        foreach (string folder in (folders ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            string path = Path.Combine(folder, file);
            if (File.Exists(path)) return path;
        }
        return null;
    }

    /// <summary>Full path of a program of FFmpeg.</summary>
    /// <exception cref="EdgeException">It is not installed (MissingTool).</exception>
    internal static string Require(string program, string purpose) => Find(program) ?? throw new EdgeException(ErrorCode.MissingTool,
        $"{purpose} needs the program {program}, which is not on the PATH.", HowToInstall);

    /// <summary>Version of a program of FFmpeg; asked once for each path.</summary>
    internal static Version VersionOf(string program) => Versions.GetOrAdd(program, static path =>
        ParseVersion(Encoding.ASCII.GetString(FfmpegProcess.Capture(path, ["-version"], path, TimeSpan.FromSeconds(20), 1 << 20)).Split('\n')[0]));

    /// <summary>The output option that passes each frame on with its own time. It was renamed in FFmpeg 5.1.</summary>
    internal static string[] KeepEveryFrame(string program) =>
        VersionOf(program) >= new Version(5, 1) ? ["-fps_mode", "passthrough"] : ["-vsync", "passthrough"];

    /// <summary>The filter that prints a line for each frame. Before FFmpeg 4.3 it could not leave out its checksums, which only cost time.</summary>
    internal static string AnnounceFrames(string program) => VersionOf(program) >= new Version(4, 3) ? "showinfo=checksum=0" : "showinfo";

    /// <summary>Major and minor version from what <c>-version</c> prints, such as 5.1; builds without a number count as newest.</summary>
    internal static Version ParseVersion(string firstLine)
    {
        string[] words = firstLine.Split(' ');
        string word = words.Length > 2 ? words[2].TrimStart('n') : "";
        int end = 0;
        while (end < word.Length && (char.IsAsciiDigit(word[end]) || word[end] == '.')) end++;
        string number = word[..end].TrimEnd('.');
        if (!number.Contains('.')) number += ".0";
        return Version.TryParse(number, out Version? version) ? version : new Version(int.MaxValue, 0);
    }
}
