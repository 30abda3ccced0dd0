using System.Buffers;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Tools.Runs;

namespace EdgeRuntime.Tools.Media;

/// <summary>Draws what pipelines found in a frame: what lies beneath, such as masks, then all boxes and labels.</summary>
internal static class FramePainter
{
    /// <summary>Draws on the frame itself.</summary>
    /// <param name="frame">The frame that was processed last.</param>
    /// <param name="pipeline">The pipeline, or several.</param>
    /// <param name="detections">What they found, of one pipeline after the other.</param>
    public static void Draw(Frame frame, FramePipeline pipeline, ReadOnlySpan<Detection> detections)
    {
        pipeline.DrawUnder(frame);
        // All boxes at once, so that no label hides another one.
        Detection[] boxes = ArrayPool<Detection>.Shared.Rent(detections.Length);
        (int kept, int first) = (0, 0);
        foreach (FramePipeline part in pipeline.Parts)
        {
            ReadOnlySpan<Detection> own = detections.Slice(first, Math.Min(part.Found.Length, detections.Length - first));
            first += own.Length;
            if (!part.DrawsBoxes) continue;
            own.CopyTo(boxes.AsSpan(kept));
            kept += own.Length;
        }
        DetectionPainter.Draw(frame, boxes.AsSpan(0, kept), pipeline.Labels);
        ArrayPool<Detection>.Shared.Return(boxes);
    }
}
