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
        foreach (FramePipeline part in pipeline.Parts)
        {
            int count = Math.Min(part.Found.Length, detections.Length);
            if (part.DrawsBoxes) DetectionPainter.Draw(frame, detections[..count], pipeline.Labels);
            detections = detections[count..];
        }
    }
}
