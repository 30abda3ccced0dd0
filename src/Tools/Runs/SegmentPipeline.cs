using System.Text.Json;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Media;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipeline <c>segment</c>: its result is one box around all that the mask shows, and the mask itself in pictures and JSON.</summary>
internal sealed class SegmentPipeline : FramePipeline
{
    private const float DefaultThreshold = 0.5f;

    /// <summary>A mask of less of the frame is noise.</summary>
    private const float LeastShare = 0.001f;

    /// <summary>Edges tremble between two frames, not for longer.</summary>
    private static readonly TimeSpan Smoothing = TimeSpan.FromMilliseconds(150);

    private readonly PictureSegmenter segmenter;
    private readonly Background background;
    private readonly Detection[] results = new Detection[1];
    private readonly float threshold;
    private byte[] mask = [];
    private int count;

    public SegmentPipeline(EdgeModel model, PipelineOptions options)
    {
        segmenter = new PictureSegmenter(model, new SegmenterOptions(options.Session) { Smoothing = options.Smooths ? Smoothing : TimeSpan.Zero });
        threshold = options.ScoreThreshold ?? DefaultThreshold;
        background = options.Background;
        Labels = [segmenter.Label];
    }

    public override IReadOnlyList<string> Labels { get; }

    public override StageTimes LastTimes => segmenter.LastTimes;

    public override bool PreprocessesOnDevice => segmenter.PreprocessesOnDevice;

    public override InferenceSession Session => segmenter.Session;

    public override string Name => segmenter.Name;

    public override ReadOnlySpan<Detection> Found => results.AsSpan(0, count);

    public override bool DrawsBoxes => false;

    public override ReadOnlySpan<Detection> Process(Frame frame)
    {
        segmenter.Process(frame);
        Take();
        return Found;
    }

    public override bool Advance(Frame frame, in TimeBudget budget)
    {
        if (!segmenter.Advance(frame, budget)) return false;
        Take();
        return true;
    }

    public override void Abandon() => segmenter.Abandon();

    public override void WarmUp(FrameSource? source = null)
    {
        base.WarmUp(source);
        segmenter.Reset();
    }

    public override void DrawUnder(Frame frame)
    {
        // Beside others that are done with more frames than this one, the mask may be of an earlier frame, and of another size, or of none.
        if ((segmenter.Mask.Width, segmenter.Mask.Height) == (frame.Width, frame.Height)) MaskPainter.Draw(frame, FrameMask(), background);
    }

    public override void WriteJson(Utf8JsonWriter json, int index) =>
        RunLengths.Write(json, FrameMask(), segmenter.Mask.Width, segmenter.Mask.Height, Math.Max(1, (int)MathF.Ceiling(255 * threshold)));

    public override void Dispose() => segmenter.Dispose();

    private void Take() => count = segmenter.Mask.TryFind(threshold, LeastShare, out results[0]) ? 1 : 0;

    /// <summary>The mask in the frame's size, made only for those who want it.</summary>
    private ReadOnlySpan<byte> FrameMask()
    {
        int pixels = segmenter.Mask.Width * segmenter.Mask.Height;
        if (mask.Length < pixels) mask = new byte[pixels];
        segmenter.Mask.CopyTo(mask);
        return mask.AsSpan(0, pixels);
    }
}
