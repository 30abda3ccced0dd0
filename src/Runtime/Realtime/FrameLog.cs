using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;

namespace EdgeRuntime.Realtime;

/// <summary>Reads size and time of each frame from the lines that FFmpeg's <c>showinfo</c> filter prints before the pixels come.</summary>
internal sealed class FrameLog : FfmpegLog
{
    private readonly ConcurrentQueue<FrameInfo> frames = new();
    private readonly SemaphoreSlim available = new(0);
    private volatile bool ended;

    /// <summary>Number of frames that FFmpeg has announced.</summary>
    public long Announced { get; private set; }

    /// <summary>True after the last line.</summary>
    public bool HasEnded => ended;

    /// <summary>Waits for the next frame's line; false when there will be none, or after the time.</summary>
    public bool Next(out FrameInfo info, TimeSpan atMost)
    {
        info = default;
        if (!available.Wait(atMost)) return false;
        if (frames.TryDequeue(out info)) return true;
        // Only the end is announced without a frame; it is put back for whoever asks again.
        available.Release();
        return false;
    }

    public override void End()
    {
        ended = true;
        available.Release();
    }

    protected override void Line(ReadOnlySpan<byte> line)
    {
        int at = line.IndexOf("] n:"u8);
        if (at < 0 || line.IndexOf("Parsed_showinfo"u8) < 0)
        {
            base.Line(line);
            return;
        }
        TimeSpan arrived = Stopwatch.GetElapsedTime(0);
        TimeSpan? time = Field(line, " pts_time:"u8, out ReadOnlySpan<byte> seconds) && Utf8Parser.TryParse(seconds, out double value, out _)
            && Math.Abs(value) < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(value) : null;
        int width = 0, height = 0;
        if (Field(line, " s:"u8, out ReadOnlySpan<byte> size) && Utf8Parser.TryParse(size, out width, out int digits)
            && digits < size.Length && size[digits] == 'x')
            _ = Utf8Parser.TryParse(size[(digits + 1)..], out height, out _);
        frames.Enqueue(new FrameInfo(width, height, time, arrived));
        Announced++;
        available.Release();
    }

    private static bool Field(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int at = line.IndexOf(name);
        value = at < 0 ? default : line[(at + name.Length)..].TrimStart((byte)' ');
        return at >= 0;
    }
}

/// <summary>What is known of a frame before its pixels come.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Time">Position in the file, or null where the container has none.</param>
/// <param name="Arrived">Monotonic clock when the frame came out of the decoder.</param>
internal readonly record struct FrameInfo(int Width, int Height, TimeSpan? Time, TimeSpan Arrived);
