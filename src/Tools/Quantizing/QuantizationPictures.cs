using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Media;
using EdgeRuntime.Tools.Runs;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>One picture with what both models find in it.</summary>
/// <param name="Name">Name of the picture.</param>
/// <param name="Float">What the float model finds, drawn, as PNG.</param>
/// <param name="FloatCount">How much that is.</param>
/// <param name="Quantized">What the quantized model finds, drawn, as PNG.</param>
/// <param name="QuantizedCount">How much that is.</param>
internal sealed record PicturePair(string Name, byte[] Float, int FloatCount, byte[] Quantized, int QuantizedCount);

/// <summary>Lets a float model and what was made of it find things in the same pictures, for people to compare.</summary>
internal static class QuantizationPictures
{
    /// <summary>Pictures that are looked at, and that are shown: those where something is found come first.</summary>
    private const int Tried = 24, Shown = 3;

    /// <summary>Of how many frames of a video one is looked at: neighbours show the same.</summary>
    private const int EveryFrame = 15;

    /// <summary>The longer side in a report; a picture of it takes about 300 kB.</summary>
    private const int Side = 400;

    /// <summary>The pictures; none for models that find nothing in pictures.</summary>
    /// <param name="reference">The float model.</param>
    /// <param name="quantized">What was made of it.</param>
    /// <param name="source">A picture, a folder of pictures or a video.</param>
    /// <param name="stop">Ends it.</param>
    public static IReadOnlyList<PicturePair> Compare(EdgeModel reference, EdgeModel quantized, string source, CancellationToken stop = default)
    {
        if (EntryFor(reference) is not { } entry) return [];
        var options = new PipelineOptions(new SessionOptions { Backend = BackendKind.Cpu }, ScoreThreshold: null);
        using FrameSource? frames = Open(source);
        if (frames is null) return [];
        using FramePipeline floats = entry.Create(reference, options), integers = entry.Create(quantized, options);
        var found = new List<PicturePair>();
        var frame = new Frame();
        for (int i = 0; found.Count < Tried && found.Count(p => p.FloatCount > 0) < Shown && frames.Read(frame); i++)
        {
            stop.ThrowIfCancellationRequested();
            if (frames.FrameName is null && i % EveryFrame != 0) continue;
            Detection[] expected = floats.Process(frame).ToArray(), actual = integers.Process(frame).ToArray();
            string name = Path.GetFileName(frames.FrameName) ?? $"frame {i}";
            found.Add(new PicturePair(name, Draw(frame, expected, floats.Labels), expected.Length, Draw(frame, actual, integers.Labels), actual.Length));
        }
        return [.. found.OrderByDescending(p => p.FloatCount > 0).Take(Shown)];
    }

    /// <summary>The pictures; null where samples are something else, such as tensors.</summary>
    private static FrameSource? Open(string source)
    {
        try
        {
            return FrameSource.Open(source);
        }
        catch (EdgeException e) when (e.Code is ErrorCode.CannotRead or ErrorCode.CannotDecode or ErrorCode.MissingTool or ErrorCode.BadUsage)
        {
            return null;
        }
    }

    /// <summary>The pipeline that the model's task is of; null when there is none that draws.</summary>
    private static FrameEntry? EntryFor(EdgeModel model)
    {
        if (model.Metadata.Image is null || model.Metadata.Decoder is not { Kind: not "classes" }) return null;
        foreach (FrameEntry entry in PipelineCatalog.All.OfType<FrameEntry>())
        {
            try
            {
                using FramePipeline pipeline = entry.Create(model, new PipelineOptions(new SessionOptions { Backend = BackendKind.Cpu }, ScoreThreshold: null));
                return entry;
            }
            catch (EdgeException e) when (e.Code == ErrorCode.WrongTask)
            {
                // The next one may fit.
            }
        }
        return null;
    }

    private static byte[] Draw(Frame frame, Detection[] detections, IReadOnlyList<string> labels)
    {
        Frame small = Thumbnail.Of(frame, Side);
        float scale = (float)small.Width / frame.Width;
        Detection[] drawn = Array.ConvertAll(detections, d => Scaled(d, scale));
        DetectionPainter.Draw(small, drawn, labels);
        using var png = new MemoryStream();
        PngWriter.Write(png, small);
        return png.ToArray();
    }

    private static Detection Scaled(Detection found, float scale)
    {
        found.X *= scale;
        found.Y *= scale;
        found.Width *= scale;
        found.Height *= scale;
        for (int p = 0; p < found.PointCount; p++) found.Points[p] = new KeyPoint(found.Points[p].X * scale, found.Points[p].Y * scale);
        return found;
    }
}
