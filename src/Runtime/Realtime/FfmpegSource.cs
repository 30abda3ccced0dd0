using System.Globalization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Realtime;

/// <summary>Frames decoded by FFmpeg in a process of its own, read from a pipe straight into the frame's pixels.</summary>
/// <remarks>
/// Every frame that the decoder gives is read, none is repeated or left out to keep a rate; the time of a frame is the one the
/// container gives it. What FFmpeg could not decode is reported as an error after the last frame. Should the size change within a
/// file, later frames are scaled to the first one's; those of live sources keep their own. For live sources the time is the monotonic clock
/// (<see cref="System.Diagnostics.Stopwatch"/>) when the frame left the decoder.
/// </remarks>
internal sealed class FfmpegSource : FrameSource
{
    private static readonly TimeSpan FirstFrame = TimeSpan.FromSeconds(20), NextLine = TimeSpan.FromSeconds(10);

    private readonly string kind;
    private readonly PixelFormat format;
    private readonly MediaProbe? probe;
    private readonly FrameLog log = new();
    private readonly FfmpegProcess child;
    private FrameInfo pending;
    private bool hasPending, atEnd;
    private volatile bool disposed;
    private long count;

    private FfmpegSource(string name, string kind, MediaProbe? probe, bool live, string purpose, PixelFormat format, IEnumerable<string> input, string filters = "", Action<FfmpegProcess>? started = null)
    {
        Name = name;
        this.kind = kind;
        this.format = format;
        this.probe = probe;
        IsLive = live;
        string program = FfmpegTools.Require("ffmpeg", purpose);
        List<string> arguments = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "repeat+level+info", "-max_pixels", $"{PictureFile.MaxSide * PictureFile.MaxSide}"];
        arguments.AddRange(input);
        if (live && FfmpegTools.VersionOf(program) >= new Version(4, 4)) arguments.AddRange(["-autoscale", "0"]);
        arguments.AddRange(["-map", "0:v:0", "-an", "-sn", "-dn", .. FfmpegTools.KeepEveryFrame(program), "-vf", $"{filters}{Conversion(format)},{FfmpegTools.AnnounceFrames(program)}"]);
        // With several threads the "encoder" of raw pixels holds back a frame for each, until others come.
        arguments.AddRange(["-pix_fmt", NameOf(format), "-c:v", "rawvideo", "-threads", "1", "-flush_packets", "1", "-f", "rawvideo", "pipe:1"]);
        child = new FfmpegProcess(program, arguments, log);
        child.Input.Dispose();
        started?.Invoke(child);
        try
        {
            hasPending = log.Next(out pending, FirstFrame);
            if (!hasPending) throw Failed(child.Wait(TimeSpan.FromSeconds(2)) is null ? "no frame came within 20 seconds" : "it has no picture");
            PictureFile.CheckSize(name, kind, pending.Width, pending.Height);
        }
        catch
        {
            child.Dispose();
            throw;
        }
        Width = pending.Width;
        Height = pending.Height;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override bool IsLive { get; }

    /// <inheritdoc/>
    public override int Width { get; }

    /// <inheritdoc/>
    public override int Height { get; }

    /// <summary>True when it ended without an error where it said that it would.</summary>
    public bool IsWhole { get; private set; }

    /// <inheritdoc/>
    public override double? Rate => probe?.Rate;

    /// <inheritdoc/>
    public override long? FrameCount => probe?.FrameCount;

    /// <summary>Process number of FFmpeg, so that tests can see that it is gone.</summary>
    internal int ProcessId => child.Id;

    /// <summary>Opens a video file, or an animation such as GIF.</summary>
    public static FfmpegSource OpenFile(string path, PixelFormat format = PixelFormat.Rgb24)
    {
        MediaProbe probe = MediaProbe.File(path);
        return new FfmpegSource(path, "video", probe, live: false, $"Reading '{path}'", format, LocalFile(path, pattern: false));
    }

    /// <summary>Opens a picture as a source of one frame.</summary>
    public static FfmpegSource OpenPicture(string path)
    {
        // Cameras of phones store the picture as the sensor saw it; the same filters with every version of FFmpeg turn it upright.
        JpegOrientation orientation = JpegOrientation.Of(path);
        IEnumerable<string> input = orientation.IsJpeg ? ["-noautorotate", .. LocalFile(path, pattern: true)] : LocalFile(path, pattern: true);
        return new FfmpegSource(path, "picture", null, live: false, $"Reading '{path}'", PixelFormat.Rgb24, input, orientation.Filters);
    }

    /// <summary>Opens a camera: <c>camera:0</c>, <c>camera:/dev/video2</c>, on Windows <c>camera:NAME</c> or a number in the order FFmpeg lists them.</summary>
    public static FfmpegSource OpenCamera(string spec, PixelFormat format = PixelFormat.Rgb24, Action<FfmpegProcess>? started = null) =>
        new(spec, "camera", null, live: true, $"Reading '{spec}'", format, ["-fflags", "nobuffer", "-flags", "low_delay", .. CameraInput.Arguments(spec)], started: started);

    /// <summary>Opens a network stream (RTSP over TCP), with a limit on how long it may be silent.</summary>
    public static FfmpegSource OpenStream(string address, PixelFormat format = PixelFormat.Rgb24, Action<FfmpegProcess>? started = null)
    {
        string program = FfmpegTools.Require("ffmpeg", $"Reading '{address}'");
        return new FfmpegSource(address, "network stream", null, live: true, $"Reading '{address}'", format,
            ["-fflags", "nobuffer", "-flags", "low_delay", .. NetworkInput.Arguments(address, program)], started: started);
    }

    /// <inheritdoc/>
    public override string Describe()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{kind} {Name}, {Width} x {Height}");
        if (probe is null) return text;
        if (probe.Rate is { } rate) text += string.Create(CultureInfo.InvariantCulture, $", {rate:0.##} fps");
        if (probe.FrameCount is { } frames) text += $", {frames} frames";
        if (probe.Codec.Length > 0) text += $", {probe.Codec}";
        if (probe.Rotation != 0) text += $", turned by {probe.Rotation}°";
        return text;
    }

    /// <inheritdoc/>
    public override bool Read(Frame frame)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (atEnd) return false;
        if (!hasPending && !log.Next(out pending, Timeout.InfiniteTimeSpan))
        {
            atEnd = true;
            Finish(0);
            return false;
        }
        hasPending = false;
        if (IsLive) PictureFile.CheckSize(Name, kind, pending.Width, pending.Height);
        (int width, int height) = !IsLive ? (Width, Height) : format.IsYuv() ? (pending.Width & ~1, pending.Height & ~1) : (pending.Width, pending.Height);
        frame.Resize(width, height, format);
        int got = Fill(frame.Pixels);
        if (got < frame.Pixels.Length)
        {
            atEnd = true;
            Finish(got);
            return false;
        }
        frame.Index = count;
        frame.Time = IsLive ? pending.Arrived : pending.Time ?? TimeSpan.FromSeconds(count / (Rate ?? 25));
        count++;
        return true;
    }

    /// <summary>Waits until there is a frame, or the end; false after the time.</summary>
    internal bool Wait(TimeSpan atMost) => hasPending || atEnd || (hasPending = log.Next(out pending, atMost)) || log.HasEnded;

    /// <inheritdoc/>
    public override void Dispose()
    {
        disposed = true;
        child.Dispose();
    }

    /// <summary>
    /// The filters that bring frames into a format. Luma and chroma are always BT.601 in limited range, whatever the stream has, and of even size; what is so already passes through.
    /// </summary>
    private static string Conversion(PixelFormat format) => format.IsYuv()
        ? $"crop=floor(iw/2)*2:floor(ih/2)*2:0:0,scale=out_color_matrix=bt601:out_range=tv,format={NameOf(format)}"
        : $"format={NameOf(format)}";

    private static string NameOf(PixelFormat format) => format switch
    {
        PixelFormat.Bgr24 => "bgr24",
        PixelFormat.Rgba32 => "rgba",
        PixelFormat.Nv12 => "nv12",
        PixelFormat.Yuv420p => "yuv420p",
        _ => "rgb24",
    };

    private static string[] LocalFile(string path, bool pattern)
    {
        // A '%' in the name of a picture would be taken for a numbered sequence. "file:" keeps a leading '-' or a colon from being
        // taken for an option or a protocol; the list keeps a playlist from opening network addresses.
        string[] input = ["-protocol_whitelist", "file", "-i", "file:" + path];
        return pattern && path.Contains('%') ? ["-f", "image2", "-pattern_type", "none", .. input] : input;
    }

    private int Fill(Span<byte> pixels)
    {
        int filled = 0;
        try
        {
            for (int got; filled < pixels.Length && (got = child.Output.Read(pixels[filled..])) > 0;) filled += got;
        }
        catch (ObjectDisposedException) when (disposed)
        {
            // Somebody closed the source while this thread waited; that is its end.
        }
        return filled;
    }

    private void Finish(int strayBytes)
    {
        if (disposed) return;
        int? code = child.Wait(NextLine);
        IsWhole = code == 0 && strayBytes == 0 && log.HasLength && !log.HasErrors;
        if (code == 0 && strayBytes == 0 && log.Announced == count && (IsLive || !log.HasErrors)) return;
        throw Failed(strayBytes > 0 ? "its last frame is not whole" : $"FFmpeg ended with code {code?.ToString(CultureInfo.InvariantCulture) ?? "none"}");
    }

    private EdgeException Failed(string otherwise)
    {
        string after = count == 0 ? "" : $" after {count} frames";
        string why = log.Tail(otherwise);
        return IsLive
            ? new EdgeException(ErrorCode.DeviceTrouble, $"The {kind} '{Name}' failed{after}: {why}", CameraInput.Remedy(kind))
            : new EdgeException(ErrorCode.CannotDecode, $"The {kind} '{Name}' cannot be decoded to its end{after}: {why}", "Get or export the file again, or convert it with FFmpeg.");
    }
}
