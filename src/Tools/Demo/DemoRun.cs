using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Media;
using EdgeRuntime.Tools.Runs;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Demo;

/// <summary>The whole way once: model, picture, video, report. Each method is a step and leaves its result in a property.</summary>
internal sealed class DemoRun(string folder, bool offline, SessionOptions session, CancellationToken stop) : IDisposable
{
    private const string Sample = "astronaut.png";
    private const int VideoSide = 384, VideoFrames = 100;
    private const double VideoRate = 25;

    private readonly Frame picture = new();
    private readonly List<(byte[] Png, string Caption)> stills = [];
    private FramePipeline? pipeline;

    public DemoModel Model { get; private set; } = null!;

    /// <summary>The faces in the sample picture.</summary>
    public Detection[] Faces { get; private set; } = [];

    /// <summary>The annotated sample picture.</summary>
    public string PicturePath { get; } = Path.Combine(folder, "picture.png");

    /// <summary>The annotated video, or null where it was skipped.</summary>
    public string? VideoPath { get; private set; }

    /// <summary>Why there is no video, and what to do about it; null when there is one.</summary>
    public string? WhyNoVideo { get; private set; }

    /// <summary>Latencies and counts over the frames of the video.</summary>
    public FrameRun Frames { get; private set; } = null!;

    /// <summary>What was run on, for people.</summary>
    public string Source { get; private set; } = "";

    /// <summary>First, middle and last annotated frame.</summary>
    public IReadOnlyList<(byte[] Png, string Caption)> Stills => stills;

    public IReadOnlyList<string> Labels => pipeline!.Labels;

    /// <summary>What ran where.</summary>
    public string Explain() => pipeline!.Session.Explain();

    /// <summary>What ran where, as data.</summary>
    public Placement Placement => pipeline!.Session.Placement!;

    public void GetModel()
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotWrite, $"The folder '{folder}' cannot be created: {e.Message}", "Name another one with --output.", e);
        }
        Model = DemoModel.Get(folder, offline, stop);
        pipeline = DetectorPipeline.Faces(Model.Model, new PipelineOptions(session, ScoreThreshold: null));
    }

    public void FindFacesInPicture()
    {
        string path = ModelZoo.Default.Shipped(Sample) ?? throw new EdgeException(ErrorCode.CannotRead,
            $"The sample picture {Path.Combine(ModelZoo.Default.Folder, Sample)} is missing.", "Restore it from the repository.");
        using (FrameSource source = FrameSource.Open(path)) source.Read(picture);
        pipeline!.WarmUp();
        Faces = pipeline.Process(picture).ToArray();
        Frame annotated = Copy(picture);
        DetectionPainter.Draw(annotated, Faces, Labels);
        PngWriter.Write(PicturePath, annotated);
    }

    /// <summary>Makes a video of the picture, reads it back like any other, and writes it annotated. Without FFmpeg the frames are used as they are made.</summary>
    public void FindFacesInVideo()
    {
        if (FfmpegTools.Find("ffmpeg") is null || FfmpegTools.Find("ffprobe") is null)
        {
            WhyNoVideo = $"FFmpeg is not installed, so no video was written or read. {FfmpegTools.HowToInstall}";
            using var frames = new MovingCrop(picture, VideoSide, VideoFrames, VideoRate);
            Process(frames, null);
            return;
        }
        string clip = Path.Combine(folder, "clip.mp4");
        WriteClip(clip);
        using FrameSource video = FrameSource.Open(clip);
        using FrameSink sink = FrameSink.Open(Path.Combine(folder, "video.mp4"), video);
        Process(video, sink);
        sink.Complete();
        VideoPath = Path.Combine(folder, "video.mp4");
    }

    public void Dispose()
    {
        pipeline?.Dispose();
        Model?.Dispose();
    }

    private void WriteClip(string path)
    {
        using var frames = new MovingCrop(picture, VideoSide, VideoFrames, VideoRate);
        using FrameSink sink = FrameSink.Open(path, frames);
        var frame = new Frame();
        while (frames.Read(frame))
        {
            stop.ThrowIfCancellationRequested();
            sink.Write(frame, null);
        }
        sink.Complete();
    }

    private void Process(FrameSource source, FrameSink? sink)
    {
        Source = source.Describe();
        pipeline!.WarmUp(source);
        Frames = new FrameRun(source, pipeline);
        Frames.Run((Frame frame, in FrameResult result, ReadOnlySpan<Detection> faces) =>
        {
            DetectionPainter.Draw(frame, faces, Labels);
            sink?.Write(frame, null);
            if (Frames.Results is 0 or VideoFrames / 3 or 2 * VideoFrames / 3) stills.Add((Png(frame), $"frame {frame.Index}, {result.CaptureToResult.TotalMilliseconds:0.00} ms"));
        }, long.MaxValue, stop);
        stop.ThrowIfCancellationRequested();
    }

    private static byte[] Png(Frame frame)
    {
        var bytes = new MemoryStream();
        PngWriter.Write(bytes, frame);
        return bytes.ToArray();
    }

    private static Frame Copy(Frame frame)
    {
        var copy = new Frame();
        copy.Resize(frame.Width, frame.Height);
        frame.Pixels.CopyTo(copy.Pixels);
        return copy;
    }
}
