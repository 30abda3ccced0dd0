using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;

namespace EdgeRuntime.Tools.Evaluation.Sources;

/// <summary>The frames of a video, without labels: for the agreement of two models.</summary>
internal static class VideoSource
{
    private static readonly string[] Extensions = [".mp4", ".mkv", ".mov", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".ts", ".gif"];

    /// <summary>True for files that are called as videos are.</summary>
    public static bool Knows(string path) => File.Exists(path) && Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    /// <summary>Counts the frames: what a file says of their number need not be true.</summary>
    /// <exception cref="Diagnostics.EdgeException">It is no video, or FFmpeg is missing.</exception>
    public static DataSource Read(string path, CancellationToken stop)
    {
        using FrameSource frames = FrameSource.Open(path);
        var frame = new Frame();
        var samples = new List<Sample>();
        while (samples.Count < FolderSource.MostSamples && frames.Read(frame))
        {
            stop.ThrowIfCancellationRequested();
            samples.Add(new Sample($"{Path.GetFileName(path)}, frame {samples.Count}", new FrameContent(path, samples.Count)));
        }
        return new DataSource($"{samples.Count} frames of {path}", samples, []) { Every = 10 };
    }
}
