using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Realtime;

/// <summary>Where frames come from: a picture, a folder of pictures, a video file, a camera or a network stream.</summary>
/// <remarks>Used by one thread at a time, except <see cref="Dispose"/>, which may interrupt a blocked <see cref="Read"/>.</remarks>
public abstract class FrameSource : IDisposable
{
    private const string Remedy = "A source is a picture, a folder of pictures, a video file, camera:0, or a stream such as rtsp://host/path, http://, udp:// or tcp://.";

    /// <summary>The source as the user named it.</summary>
    public abstract string Name { get; }

    /// <summary>True for cameras and network streams, which go on whether or not somebody reads.</summary>
    public virtual bool IsLive => false;

    /// <summary>Width of the frames, or 0 where it is unknown or differs from frame to frame.</summary>
    public virtual int Width => 0;

    /// <summary>Height of the frames, or 0 where it is unknown or differs from frame to frame.</summary>
    public virtual int Height => 0;

    /// <summary>Frames per second on average, or null where there is no such rate.</summary>
    public virtual double? Rate => null;

    /// <summary>Number of frames as the file declares it, or null. What <see cref="Read"/> gives is what counts.</summary>
    public virtual long? FrameCount => null;

    /// <summary>Name of the picture read last, without its folder; null for videos and cameras, whose frames have only numbers.</summary>
    public virtual string? FrameName => null;

    /// <summary>Files of a folder that are no pictures, each with the reason. Complete once the source has ended.</summary>
    public virtual IReadOnlyList<SkippedFile> Skipped => [];

    /// <summary>Is told of the troubles of cameras and streams, by any thread; what <see cref="Read"/> gives goes on after them.</summary>
    public Action<SourceEvent>? Told { get; set; }

    /// <summary>Opens a source: a picture, a folder, a video file, <c>camera:0</c> or a stream, <c>rtsp://…</c>, <c>http://…</c>, <c>udp://…</c> or <c>tcp://…</c>. Cameras and streams that end or fail
    /// later on are opened anew until the source is closed.</summary>
    /// <param name="spec">What to open.</param>
    /// <param name="format">
    /// How the bytes of frames of videos, cameras and streams shall lie. <see cref="PixelFormat.Yuv420p"/> and <see cref="PixelFormat.Nv12"/> are half the bytes, and what most decoders
    /// give anyway; a last odd row or column is left out then. Pictures are always RGB.
    /// </param>
    /// <param name="stop">Ends the wait for the first frame of a camera or a stream.</param>
    /// <exception cref="EdgeException">There is no such thing, it cannot be decoded, or the program that decodes it is missing.</exception>
    /// <exception cref="OperationCanceledException">Somebody asked to stop while it waited.</exception>
    public static FrameSource Open(string spec, PixelFormat format = PixelFormat.Rgb24, CancellationToken stop = default)
    {
        if (format is < PixelFormat.Rgb24 or > PixelFormat.Yuv420p) throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such format.");
        if (string.IsNullOrWhiteSpace(spec)) throw new EdgeException(ErrorCode.BadUsage, "The source is empty.", Remedy);
        if (Directory.Exists(spec)) return new PictureSource(spec);
        if (File.Exists(spec)) return PictureSource.Holds(spec) ? new PictureSource(spec) : FfmpegSource.OpenFile(spec, format);
        if (spec.StartsWith("camera:", StringComparison.Ordinal)) return new LiveSource(spec, started => FfmpegSource.OpenCamera(spec, format, started), stop);
        if (NetworkInput.Means(spec)) return new LiveSource(spec, started => FfmpegSource.OpenStream(spec, format, started), stop);
        if (spec.Contains("://", StringComparison.Ordinal))
            throw new EdgeException(ErrorCode.BadUsage, $"'{spec}' is no source: of network addresses only rtsp, rtsps, http, https, udp and tcp are read.", Remedy);
        throw new EdgeException(ErrorCode.CannotRead, $"There is no file or folder '{spec}'.", Remedy);
    }

    /// <summary>One line for people: what it is, its size, rate and length as far as known.</summary>
    public abstract string Describe();

    /// <summary>Waits for the next frame and copies it into <paramref name="frame"/>, with index and time; false at the end.</summary>
    /// <exception cref="EdgeException">The source is damaged or failed. Frames that could be decoded have been given before.</exception>
    public abstract bool Read(Frame frame);

    /// <summary>Closes the source and ends the program that decodes it, if any.</summary>
    public abstract void Dispose();
}

/// <summary>A file of a folder that gave no frame.</summary>
/// <param name="Name">Its name without folder.</param>
/// <param name="Reason">Why, in a few words.</param>
public readonly record struct SkippedFile(string Name, string Reason);
