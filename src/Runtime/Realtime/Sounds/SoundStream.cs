using System.Globalization;
using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Realtime.Sounds;

/// <summary>Sound that goes on, such as a microphone's, through FFmpeg: one channel at the rate a model wants. Reading allocates nothing.</summary>
public sealed class SoundStream : IDisposable
{
    private const string Kind = "microphone";

    private readonly FfmpegProcess child;
    private readonly FfmpegLog log;
    private bool any, atEnd;

    private SoundStream(string name, int sampleRate, IEnumerable<string> input)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, WavReader.LeastRate);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sampleRate, WavReader.MostRate);
        Name = name;
        log = new FfmpegLog();
        child = new FfmpegProcess(FfmpegTools.Require("ffmpeg", $"Reading '{name}'"),
            ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "repeat+level+error", "-fflags", "nobuffer", .. input, "-map", "0:a:0", "-vn", "-sn", "-dn",
             "-ac", "1", "-ar", sampleRate.ToString(CultureInfo.InvariantCulture), "-c:a", "pcm_f32le", "-flush_packets", "1", "-f", "f32le", "pipe:1"], log);
        child.Input.Dispose();
    }

    /// <summary>What was opened.</summary>
    public string Name { get; }

    /// <summary>True if the text means sound that goes on, and no file.</summary>
    public static bool Means(string spec) => spec == Kind || spec.StartsWith(Kind + ":", StringComparison.Ordinal);

    /// <summary>Opens <c>microphone</c>, or <c>microphone:NAME</c> as the system names it: on Linux a device of ALSA, on macOS its number or name, on Windows its name.</summary>
    /// <param name="spec">What to open.</param>
    /// <param name="sampleRate">Samples a second that are wanted.</param>
    /// <exception cref="EdgeException">FFmpeg is not installed, or the system needs a name.</exception>
    public static SoundStream Open(string spec, int sampleRate)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (!Means(spec)) throw new EdgeException(ErrorCode.BadUsage, $"'{spec}' is no source of sound that goes on.", $"Give {Kind} or {Kind}:NAME.");
        string which = spec.Length > Kind.Length ? spec[(Kind.Length + 1)..].Trim() : "";
        return new SoundStream(spec, sampleRate, Arguments(which));
    }

    /// <summary>Opens whatever FFmpeg reads.</summary>
    internal static SoundStream Open(string name, int sampleRate, string[] input) => new(name, sampleRate, input);

    /// <summary>Waits until the samples are there, and writes them.</summary>
    /// <returns>How many there are: fewer only at the end.</returns>
    /// <exception cref="EdgeException">There was no sound at all (DeviceTrouble).</exception>
    public int Read(Span<float> samples)
    {
        if (atEnd) return 0;
        int got = child.Output.ReadAtLeast(MemoryMarshal.AsBytes(samples), samples.Length * sizeof(float), throwOnEndOfStream: false) / sizeof(float);
        any |= got > 0;
        if (got == samples.Length) return got;
        atEnd = true;
        if (any) return got;
        child.Wait(TimeSpan.FromSeconds(2));
        throw new EdgeException(ErrorCode.DeviceTrouble, $"'{Name}' gives no sound: {log.Tail("it ended at once")}", $"Check that it is plugged in and that you may open it, or name another one: {Kind}:NAME.");
    }

    /// <summary>Ends the program that records; a read that waits returns.</summary>
    public void Stop() => child.Kill();

    /// <inheritdoc/>
    public void Dispose() => child.Dispose();

    private static string[] Arguments(string which)
    {
        if (OperatingSystem.IsMacOS()) return ["-f", "avfoundation", "-i", ":" + (which.Length > 0 ? which : "0")];
        if (!OperatingSystem.IsWindows()) return ["-f", "alsa", "-i", which.Length > 0 ? which : "default"];
        if (which.Length > 0) return ["-f", "dshow", "-i", "audio=" + which];
        throw new EdgeException(ErrorCode.DeviceTrouble, "Windows knows microphones by name only.", $"Give {Kind}:NAME; `ffmpeg -list_devices true -f dshow -i dummy` lists them.");
    }
}
