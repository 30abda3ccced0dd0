using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Realtime.Sounds;

/// <summary>
/// Sound that goes on, of a microphone or a network, through FFmpeg: one channel at the rate a model wants. What ends or fails later on is opened anew, after 1, 2, 4 … 30 seconds, until somebody stops it.
/// Reading allocates nothing.
/// </summary>
public sealed class SoundStream : IDisposable
{
    private const string Kind = "microphone", Pulse = "pulse:";

    /// <summary>After so long without sound this is told; after so long it is given up and opened anew.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2), Endurance = TimeSpan.FromSeconds(10), Look = TimeSpan.FromMilliseconds(500), Moment = TimeSpan.FromMilliseconds(300);

    private readonly int sampleRate;
    private readonly string[] input;
    private readonly bool goesOn;
    private readonly ManualResetEvent stop = new(false);
    private readonly Lock guard = new();
    private readonly Backoff backoff = new();
    private readonly Timer? timer;
    private FfmpegProcess child;
    private bool any, atEnd, lost, stalled;
    private volatile bool stopped;
    private long waitingSince;
    private TimeSpan lostSince;

    private SoundStream(string name, int sampleRate, string[] input, bool goesOn)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, WavReader.LeastRate);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sampleRate, WavReader.MostRate);
        (Name, this.sampleRate, this.input, this.goesOn) = (name, sampleRate, input, goesOn);
        child = Start();
        if (goesOn) timer = new Timer(_ => Check(), null, Look, Look);
    }

    /// <summary>What was opened.</summary>
    public string Name { get; }

    /// <summary>Is told of the troubles of the source, by any thread; what <see cref="Read"/> gives goes on after them.</summary>
    public Action<SourceEvent>? Told { get; set; }

    /// <summary>Samples that were never recorded because the source was lost for a while, up to those that were read last.</summary>
    public long Missing { get; private set; }

    private static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    /// <summary>True if the text means sound that goes on, and no file.</summary>
    public static bool Means(string spec) => spec == Kind || spec.StartsWith(Kind + ":", StringComparison.Ordinal) || spec.StartsWith(Pulse, StringComparison.Ordinal) || NetworkInput.Means(spec);

    /// <summary>
    /// Opens <c>microphone</c>, or <c>microphone:NAME</c> as the system names it: on Linux a device of ALSA, on macOS its number or name, on Windows its name. Besides, <c>pulse:NAME</c> is a source of
    /// PulseAudio, and <c>rtsp://…</c>, <c>http://…</c>, <c>udp://…</c> and <c>tcp://…</c> the sound of a stream.
    /// </summary>
    /// <param name="spec">What to open.</param>
    /// <param name="sampleRate">Samples a second that are wanted.</param>
    /// <exception cref="EdgeException">FFmpeg is not installed, or the system needs a name.</exception>
    public static SoundStream Open(string spec, int sampleRate)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (!Means(spec)) throw new EdgeException(ErrorCode.BadUsage, $"'{spec}' is no source of sound that goes on.", $"Give {Kind}, {Kind}:NAME, {Pulse}NAME, or the address of a stream.");
        return new SoundStream(spec, sampleRate, Arguments(spec), goesOn: true);
    }

    /// <summary>Opens whatever FFmpeg reads, until it ends.</summary>
    internal static SoundStream Open(string name, int sampleRate, string[] input) => new(name, sampleRate, input, goesOn: false);

    /// <summary>Waits until the samples are there, and writes them. Those behind a loss are silent.</summary>
    /// <returns>How many there are: fewer only at the end.</returns>
    /// <exception cref="EdgeException">There was no sound at all (DeviceTrouble).</exception>
    public int Read(Span<float> samples)
    {
        while (!atEnd && (!lost || Reopen()))
        {
            int got = Fill(samples);
            any |= got > 0;
            if (got == samples.Length)
            {
                backoff.Reset();
                return got;
            }
            int? code = child.Wait(TimeSpan.FromSeconds(2));
            atEnd = stopped || !any || !goesOn || code == 0 && child.Log is { HasLength: true, HasErrors: false };
            if (atEnd) return any || stopped ? got : throw Nothing();
            Lose();
            if (got == 0) continue;
            // What was recorded last is not held back until the source is there again.
            samples[got..].Clear();
            Missing -= samples.Length - got;
            return samples.Length;
        }
        return 0;
    }

    /// <summary>Ends the program that records; a read that waits returns.</summary>
    public void Stop()
    {
        stopped = true;
        stop.Set();
        lock (guard) child.Kill();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        timer?.Dispose();
        lock (guard) child.Dispose();
    }

    private static string[] Arguments(string spec)
    {
        if (NetworkInput.Means(spec)) return NetworkInput.Arguments(spec, FfmpegTools.Require("ffmpeg", $"Reading '{spec}'"));
        if (spec.StartsWith(Pulse, StringComparison.Ordinal)) return ["-f", "pulse", "-i", spec.Length > Pulse.Length ? spec[Pulse.Length..] : "default"];
        string which = spec.Length > Kind.Length ? spec[(Kind.Length + 1)..].Trim() : "";
        if (OperatingSystem.IsMacOS()) return ["-f", "avfoundation", "-i", ":" + (which.Length > 0 ? which : "0")];
        if (!OperatingSystem.IsWindows()) return ["-f", "alsa", "-i", which.Length > 0 ? which : "default"];
        if (which.Length > 0) return ["-f", "dshow", "-i", "audio=" + which];
        throw new EdgeException(ErrorCode.DeviceTrouble, "Windows knows microphones by name only.", $"Give {Kind}:NAME; `ffmpeg -list_devices true -f dshow -i dummy` lists them.");
    }

    private FfmpegProcess Start()
    {
        var started = new FfmpegProcess(FfmpegTools.Require("ffmpeg", $"Reading '{Name}'"),
            ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "repeat+level+info", "-fflags", "nobuffer", .. input, "-map", "0:a:0", "-vn", "-sn", "-dn",
             "-ac", "1", "-ar", sampleRate.ToString(CultureInfo.InvariantCulture), "-c:a", "pcm_f32le", "-flush_packets", "1", "-f", "f32le", "pipe:1"], new FfmpegLog());
        started.Input.Dispose();
        return started;
    }

    private int Fill(Span<float> samples)
    {
        Volatile.Write(ref waitingSince, Stopwatch.GetTimestamp());
        int got = child.Output.ReadAtLeast(MemoryMarshal.AsBytes(samples), samples.Length * sizeof(float), throwOnEndOfStream: false) / sizeof(float);
        Volatile.Write(ref waitingSince, 0);
        if (lost && got > 0)
        {
            lost = false;
            Missing += Math.Max(0, (long)((Now - lostSince).TotalSeconds * sampleRate) - got);
            Told?.Invoke(new SourceEvent(SourceTrouble.Lost, Begins: false, Now, Now - lostSince, $"{backoff.Tries} {(backoff.Tries == 1 ? "try" : "tries")}"));
        }
        if (!stalled) return got;
        stalled = false;
        Told?.Invoke(new SourceEvent(SourceTrouble.Stalled, Begins: false, Now, TimeSpan.Zero, got == samples.Length ? "" : "given up"));
        return got;
    }

    private void Lose()
    {
        if (lost) return;
        (lost, lostSince) = (true, Now);
        // Ctrl-C in a terminal ends FFmpeg too, before anybody has stopped the stream.
        if (stop.WaitOne(Moment)) return;
        Told?.Invoke(new SourceEvent(SourceTrouble.Lost, Begins: true, Now, TimeSpan.Zero, child.Log.Tail("it ended")));
    }

    /// <summary>Starts the program again after a while; false when somebody stopped it.</summary>
    private bool Reopen()
    {
        if (stop.WaitOne(backoff.Next())) return false;
        lock (guard)
        {
            if (stopped) return false;
            child.Dispose();
            child = Start();
        }
        return true;
    }

    /// <summary>Looks whether sound still comes: a read that waits cannot.</summary>
    private void Check()
    {
        long since = Volatile.Read(ref waitingSince);
        if (since == 0 || !any || stopped) return;
        TimeSpan waited = Stopwatch.GetElapsedTime(since);
        if (waited >= Endurance) lock (guard) child.Kill();
        else if (waited >= Patience && !stalled && !lost)
        {
            stalled = true;
            Told?.Invoke(new SourceEvent(SourceTrouble.Stalled, Begins: true, Now, waited));
        }
    }

    private EdgeException Nothing() =>
        new(ErrorCode.DeviceTrouble, $"'{Name}' gives no sound: {child.Log.Tail("it ended at once")}", $"Check that it is plugged in or sent and that you may open it, or name another one: {Kind}:NAME.");
}
