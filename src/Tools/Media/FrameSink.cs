using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;

namespace EdgeRuntime.Tools.Media;

/// <summary>Where annotated frames go: a picture, a folder of pictures or a video. What is disposed before <see cref="Complete"/> leaves no half-written file.</summary>
internal abstract class FrameSink : IDisposable
{
    /// <summary>Frames per second of a video made from a source that knows no rate.</summary>
    private const double DefaultRate = 25;

    /// <summary>What the user should know about how it is written, or null.</summary>
    public virtual string? Note => null;

    /// <summary>Opens a sink by its name: a video (.mp4, .mov, .mkv), one picture (.png, .ppm), else a folder of PNGs.</summary>
    /// <exception cref="EdgeException">It cannot be written, or does not suit the source.</exception>
    public static FrameSink Open(string path, FrameSource source)
    {
        if (IsSame(path, source.Name))
            throw new EdgeException(ErrorCode.BadUsage, $"The result would overwrite its source '{source.Name}'.", "Name another file or folder.");
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".mp4" or ".mov" or ".mkv":
                return new VideoSink(path, source.Rate ?? DefaultRate);
            case ".png" or ".ppm":
                if (source.FrameCount is 1 && !source.IsLive) return new PictureSink(path);
                throw new EdgeException(ErrorCode.BadUsage, $"'{path}' holds one picture, '{source.Name}' gives many.", "Name a folder or an .mp4 file.");
            case ".jpg" or ".jpeg" or ".gif" or ".bmp" or ".webp" or ".tif" or ".tiff" or ".avi" or ".webm" or ".m4v" or ".wmv" or ".json" or ".jsonl" when !Directory.Exists(path):
                throw new EdgeException(ErrorCode.BadUsage, $"'{path}': {Path.GetExtension(path)} files are not written.",
                    "Name a folder, a picture (.png, .ppm) or a video (.mp4, .mov, .mkv); --json prints the results.");
            default:
                return new FolderSink(path);
        }
    }

    /// <summary>Takes a frame; it may be changed afterwards.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="name">The name of the picture it was read from (<see cref="FrameSource.FrameName"/>), or null to number it.</param>
    /// <exception cref="EdgeException">It cannot be written.</exception>
    public abstract void Write(Frame frame, string? name);

    /// <summary>Finishes the files and gives them their names; returns what was written, for people.</summary>
    /// <param name="interrupted">True after Ctrl-C, which programs that write for us heard, too.</param>
    /// <exception cref="EdgeException">It cannot be written.</exception>
    public abstract string Complete(bool interrupted = false);

    /// <summary>Completes in the end of a run; of one that fails, or was interrupted, it is no further failure when that cannot be done. Null then.</summary>
    /// <param name="interrupted">True after Ctrl-C.</param>
    /// <param name="failure">Why the run failed, or null.</param>
    public string? End(bool interrupted, Exception? failure)
    {
        try
        {
            return Complete(interrupted);
        }
        catch (EdgeException e) when (interrupted || failure is not null)
        {
            Console.Error.WriteLine(e.Problem == (failure as EdgeException)?.Problem ? "The unfinished result was removed." : $"The unfinished result was removed: {e.Problem}");
            return null;
        }
    }

    /// <summary>Lets go, and removes what is not complete.</summary>
    public virtual void Dispose()
    {
    }

    private static bool IsSame(string path, string source) =>
        (File.Exists(source) || Directory.Exists(source))
        && string.Equals(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), Path.TrimEndingDirectorySeparator(Path.GetFullPath(source)),
            OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
