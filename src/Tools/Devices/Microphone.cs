using System.Text;
using System.Text.RegularExpressions;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Realtime;

namespace EdgeRuntime.Tools.Devices;

/// <summary>A microphone that `--source` of pipelines that hear can open.</summary>
/// <param name="Source">What to pass as source.</param>
/// <param name="Name">What the system calls it.</param>
internal sealed partial record Microphone(string Source, string Name)
{
    private const string LinuxList = "/proc/asound/pcm";

    private const int MostBytes = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The microphones here; null where FFmpeg, which knows them, is not installed.</summary>
    public static IReadOnlyList<Microphone>? All()
    {
        if (OperatingSystem.IsLinux()) return [.. FromPulse(), .. File.Exists(LinuxList) ? FromAlsa(File.ReadLines(LinuxList)) : []];
        if (FfmpegTools.Find("ffmpeg") is null) return null;
        if (OperatingSystem.IsWindows()) return [.. DirectShowLog.Ask().Microphones.Select(name => new Microphone($"microphone:{name}", name))];
        return OperatingSystem.IsMacOS() ? [.. AvFoundationLog.Ask().Microphones.Select(m => new Microphone($"microphone:{m.Number}", m.Name))] : null;
    }

    /// <summary>The sources that `ffmpeg -sources pulse` lists: each line has a star for the default one, a name, and a description in brackets.</summary>
    internal static IEnumerable<Microphone> FromSources(string list) => list.Split('\n').Select(line => SourceLine().Match(line)).Where(match => match.Success)
        .Select(match => new Microphone($"pulse:{match.Groups[1].Value}", match.Groups[2].Value));

    /// <summary>The devices of ALSA that record: "00-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1". With "plug" any rate can be had of them.</summary>
    internal static IEnumerable<Microphone> FromAlsa(IEnumerable<string> lines) => lines.Select(line => AlsaLine().Match(line)).Where(match => match.Success)
        .Select(match => new Microphone($"microphone:plughw:{int.Parse(match.Groups[1].Value)},{int.Parse(match.Groups[2].Value)}", match.Groups[3].Value));

    private static IEnumerable<Microphone> FromPulse()
    {
        if (FfmpegTools.Find("ffmpeg") is not { } ffmpeg) return [];
        try
        {
            return FromSources(Encoding.UTF8.GetString(FfmpegProcess.Capture(ffmpeg, ["-hide_banner", "-loglevel", "repeat+level+error", "-sources", "pulse"], "the list of microphones", Patience, MostBytes)));
        }
        catch (EdgeException)
        {
            // It has no PulseAudio in it, or none runs.
            return [];
        }
    }

    [GeneratedRegex(@"^[* ] (\S+) \[(.*)\](?: \([^()]*\))?\s*$", RegexOptions.NonBacktracking)]
    private static partial Regex SourceLine();

    [GeneratedRegex(@"^(\d{1,4})-(\d{1,4}): (.*?) : .*\bcapture [1-9]", RegexOptions.NonBacktracking)]
    private static partial Regex AlsaLine();
}
