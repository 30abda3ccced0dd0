using System.Buffers;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Tools.Runs;

namespace EdgeRuntime.Tools.Media;

/// <summary>Draws what pipelines found last on a frame: what lies beneath, such as masks, then all boxes at once, so that no label hides another one.</summary>
internal static class FramePainter
{
    /// <summary>Draws on the frame itself.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="parts">The pipelines.</param>
    /// <param name="labels">Names of the classes of all of them, one after the other.</param>
    public static void Draw(Frame frame, IReadOnlyList<FramePipeline> parts, IReadOnlyList<string> labels)
    {
        int count = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            parts[i].DrawUnder(frame);
            if (parts[i].DrawsBoxes) count += parts[i].Found.Length;
        }
        Detection[] boxes = ArrayPool<Detection>.Shared.Rent(count);
        (int kept, int firstLabel) = (0, 0);
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i].DrawsBoxes)
                foreach (ref readonly Detection found in parts[i].Found)
                {
                    boxes[kept] = found;
                    boxes[kept++].Label += firstLabel;
                }
            firstLabel += parts[i].Labels.Count;
        }
        DetectionPainter.Draw(frame, boxes.AsSpan(0, kept), labels);
        ArrayPool<Detection>.Shared.Return(boxes);
    }
}
