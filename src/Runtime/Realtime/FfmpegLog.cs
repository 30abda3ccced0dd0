using System.Text;

namespace EdgeRuntime.Realtime;

/// <summary>What FFmpeg says on standard error: the last warnings and errors are kept, the rest is handed on or forgotten.</summary>
/// <remarks>Expects <c>-loglevel repeat+level+…</c>, which marks each line with its level.</remarks>
internal class FfmpegLog
{
    private const int KeptLines = 8, LongestLine = 2048;

    private readonly Queue<string> kept = new();
    private readonly Lock guard = new();

    /// <summary>True once FFmpeg reported an error: a frame could not be decoded, or worse.</summary>
    public bool HasErrors { get; private set; }

    /// <summary>True when the input says how long it is, as files do and live streams do not. Known only with messages of the level info.</summary>
    public bool HasLength { get; private set; }

    /// <summary>The last errors for people, or <paramref name="otherwise"/> where there are none.</summary>
    public string Tail(string otherwise)
    {
        lock (guard) return kept.Count == 0 ? otherwise : string.Join("; ", kept);
    }

    /// <summary>Lets FFmpeg list devices, and reads what it prints.</summary>
    /// <param name="format">The format of devices, as dshow.</param>
    /// <param name="input">Any input: there is none to open.</param>
    /// <exception cref="Diagnostics.EdgeException">FFmpeg is not installed.</exception>
    protected void AskForDevices(string format, string input)
    {
        using var child = new FfmpegProcess(FfmpegTools.Require("ffmpeg", "Listing cameras and microphones"),
            ["-hide_banner", "-nostdin", "-loglevel", "repeat+level+info", "-list_devices", "true", "-f", format, "-i", input], this);
        child.Wait(TimeSpan.FromSeconds(20));
    }

    /// <summary>Reads lines until the pipe is closed. Lines of other levels cost no memory.</summary>
    public void ReadAll(Stream pipe)
    {
        var buffer = new byte[LongestLine];
        int filled = 0;
        for (int got; (got = pipe.Read(buffer, filled, buffer.Length - filled)) > 0;)
        {
            filled += got;
            int start = 0;
            for (int end; (end = buffer.AsSpan(start, filled - start).IndexOfAny((byte)'\n', (byte)'\r')) >= 0; start += end + 1)
                Line(buffer.AsSpan(start, end));
            filled -= start;
            buffer.AsSpan(start, filled).CopyTo(buffer);
            // Of a line that fills the buffer only the start is looked at.
            if (filled == buffer.Length)
            {
                Line(buffer);
                filled = 0;
            }
        }
        if (filled > 0) Line(buffer.AsSpan(0, filled));
    }

    /// <summary>Called after the last line.</summary>
    public virtual void End()
    {
    }

    /// <summary>Takes one line.</summary>
    protected virtual void Line(ReadOnlySpan<byte> line)
    {
        int length = line.IndexOf("  Duration: "u8) + "  Duration: ".Length;
        if (length >= "  Duration: ".Length && length < line.Length && char.IsAsciiDigit((char)line[length])) HasLength = true;
        bool bad = line.IndexOf("[error]"u8) >= 0 || line.IndexOf("[fatal]"u8) >= 0 || line.IndexOf("[panic]"u8) >= 0
            || line.IndexOf("corrupt decoded frame"u8) >= 0;
        if (!bad) return;
        string text = Clean(Encoding.UTF8.GetString(line));
        lock (guard)
        {
            HasErrors = true;
            if (kept.Contains(text)) return;
            if (kept.Count == KeptLines) kept.Dequeue();
            kept.Enqueue(text);
        }
    }

    // "[h264 @ 0x55d0] [error] no frame!" becomes "h264: no frame!".
    private static string Clean(string line)
    {
        string part = "";
        while (line.StartsWith('[') && line.IndexOf(']') is > 0 and int end)
        {
            string mark = line[1..end];
            if (mark.IndexOf(" @ ", StringComparison.Ordinal) is > 0 and int at) part = mark[..at] + ": ";
            line = line[(end + 1)..].TrimStart();
        }
        return part + line.Trim();
    }
}
