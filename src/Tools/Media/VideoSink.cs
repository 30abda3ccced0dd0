using System.Globalization;
using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;

namespace EdgeRuntime.Tools.Media;

/// <summary>A video of constant rate, encoded by FFmpeg: H.264 where it can, else MPEG-4. It has the size of its first frame, into which others are fitted.</summary>
internal sealed class VideoSink : FrameSink
{
    private static readonly TimeSpan Finishing = TimeSpan.FromMinutes(5);

    private readonly string path, program, encoder;
    private readonly double rate;
    private readonly AtomicFile file;
    private FfmpegProcess? child;
    private readonly Frame fitting = new();
    private int width, height;
    private long count, fitted;

    /// <summary>Prepares a video; the encoder starts with the first frame.</summary>
    /// <param name="path">Where it will be; the extension names the container.</param>
    /// <param name="rate">Frames per second.</param>
    /// <param name="wanted">The encoder to look for first.</param>
    /// <exception cref="EdgeException">FFmpeg is missing (MissingTool) or the place cannot be written (CannotWrite).</exception>
    public VideoSink(string path, double rate, string wanted = "libx264")
    {
        this.path = path;
        this.rate = rate;
        program = FfmpegTools.Require("ffmpeg", $"Writing '{path}'");
        string encoders = Encoding.UTF8.GetString(
            FfmpegProcess.Capture(program, ["-hide_banner", "-encoders"], "the list of encoders", TimeSpan.FromSeconds(20), 1 << 20));
        encoder = encoders.Contains($" {wanted} ", StringComparison.Ordinal) ? wanted : "mpeg4";
        if (encoder != wanted) Note = $"FFmpeg has no encoder {wanted} here: the video is MPEG-4 Part 2, larger and less sharp.";
        file = new AtomicFile(path);
        file.Stream.Dispose();
    }

    /// <inheritdoc/>
    public override string? Note { get; }

    /// <summary>Process number of FFmpeg once it runs, so that tests can see that it is gone.</summary>
    internal int? ProcessId => child?.Id;

    /// <inheritdoc/>
    public override void Write(Frame frame, string? name)
    {
        child ??= Start(frame);
        Frame shown = frame;
        if ((frame.Width, frame.Height) != (width, height))
        {
            fitting.Resize(width, height);
            Letterbox.Fit(frame, shown = fitting);
            fitted++;
        }
        try
        {
            child.Input.Write(shown.Pixels);
        }
        catch (IOException e)
        {
            throw Failed(e);
        }
        count++;
    }

    /// <inheritdoc/>
    public override string Complete(bool interrupted = false)
    {
        if (child is null) throw new EdgeException(ErrorCode.CannotWrite, $"'{path}' is not written: there was no frame.", "Check the source.");
        try
        {
            child.Input.Dispose();
        }
        catch (IOException e)
        {
            // An encoder that heard Ctrl-C, too, reads no more.
            if (!interrupted) throw Failed(e);
        }
        int? code = child.Wait(Finishing);
        long? written = interrupted && code == FfmpegProcess.EndedBySignal && !child.Log.HasErrors ? Written() : code == 0 && !child.Log.HasErrors ? count : throw Failed(null);
        file.Commit();
        string others = fitted > 0 ? $", {fitted} of another size fitted into {width} x {height}" : "";
        return $"{path} ({(written is null ? "up to the interruption" : $"{written} frames")}{others})";
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        child?.Dispose();
        file.Dispose();
    }

    private FfmpegProcess Start(Frame frame)
    {
        (width, height) = (frame.Width, frame.Height);
        string container = Path.GetExtension(path).ToLowerInvariant() switch { ".mov" => "mov", ".mkv" => "matroska", _ => "mp4" };
        string[] quality = encoder == "mpeg4" ? ["-q:v", "3"] : encoder == "libx264" ? ["-preset", "veryfast", "-crf", "20"] : [];
        // yuv420p, which every player knows, needs even sides. The colours are converted and marked as BT.709.
        return new FfmpegProcess(program,
        [
            "-hide_banner", "-nostats", "-loglevel", "repeat+level+error",
            "-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", $"{width}x{height}", "-framerate", rate.ToString("0.######", CultureInfo.InvariantCulture), "-i", "pipe:0",
            "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
            "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
            "-c:v", encoder, .. quality, .. container == "matroska" ? [] : (string[])["-movflags", "+faststart"], "-f", container, "-y", "file:" + file.TemporaryPath,
        ], new FfmpegLog());
    }

    /// <summary>How many frames are in a video whose encoder was interrupted; null where the container does not say.</summary>
    private long? Written()
    {
        try
        {
            return MediaProbe.File(file.TemporaryPath).FrameCount;
        }
        catch (EdgeException e)
        {
            throw Failed(e);
        }
    }

    private EdgeException Failed(Exception? cause)
    {
        int? code = child!.Wait(TimeSpan.FromSeconds(10));
        string why = child.Log.Tail($"it ended with code {code}").Replace("file:" + file.TemporaryPath, path, StringComparison.Ordinal);
        return new EdgeException(ErrorCode.CannotWrite, $"FFmpeg could not write '{path}' (frame {count}): {why}",
            "Check the space left on the disk and the permissions of the folder.", cause);
    }
}
