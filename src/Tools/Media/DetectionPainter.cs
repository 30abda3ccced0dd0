using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Media;

/// <summary>Draws what was found in a frame: boxes, key points, and labels with the score.</summary>
internal static class DetectionPainter
{
    /// <summary>Draws on the frame itself, best detection last, so that it lies on top.</summary>
    /// <param name="frame">The frame that the detections belong to.</param>
    /// <param name="detections">Best first.</param>
    /// <param name="labels">Names of the classes; a class without one is shown by its number.</param>
    public static void Draw(Frame frame, ReadOnlySpan<Detection> detections, IReadOnlyList<string> labels)
    {
        var canvas = new Canvas(frame);
        Span<char> text = stackalloc char[64];
        for (int i = detections.Length - 1; i >= 0; i--)
        {
            ref readonly Detection found = ref detections[i];
            // What is followed keeps its colour.
            Colour colour = Colour.Of(found.Track > 0 ? found.Track : found.Label);
            float line = 1.5f * canvas.Scale;
            (float x, float y) = (found.X - line / 2, found.Y - line / 2);
            if (found is { Width: 0, Height: 0 })
            {
                // It speaks of the whole picture: one label below the other in the corner.
                (x, y) = (0, (i + 1) * canvas.LabelHeight);
            }
            else
            {
                DrawBox(canvas, found, colour, line);
            }
            string label = found.Label >= 0 && found.Label < labels.Count ? labels[found.Label] : "class";
            if (label.Length > 40) label = label[..40];
            int percent = (int)MathF.Round(100 * Math.Clamp(found.Score, 0, 1));
            if (!(found.Track > 0 ? text.TryWrite($"#{found.Track} {label} {percent}%", out int written) : text.TryWrite($"{label} {percent}%", out written))) continue;
            canvas.Label(x, y, text[..written], colour);
        }
    }

    private static void DrawBox(Canvas canvas, in Detection found, Colour colour, float line)
    {
        // A dark seam keeps the line visible on a background of its own colour.
        canvas.Box(found.X, found.Y, found.Width, found.Height, Colour.Black, line + canvas.Scale, 0.5f);
        canvas.Box(found.X, found.Y, found.Width, found.Height, colour, line);
        if (found.PointCount == PoseEstimator.Joints)
            foreach ((int from, int to) in PoseEstimator.Bones)
                if (float.IsFinite(found.Points[from].X + found.Points[to].X)) canvas.Line(found.Points[from].X, found.Points[from].Y, found.Points[to].X, found.Points[to].Y, 2 * canvas.Scale, colour);
        for (int p = 0; p < found.PointCount; p++)
        {
            if (!float.IsFinite(found.Points[p].X)) continue;
            canvas.Dot(found.Points[p].X, found.Points[p].Y, 2.5f * canvas.Scale, Colour.Black);
            canvas.Dot(found.Points[p].X, found.Points[p].Y, 1.75f * canvas.Scale, colour);
        }
    }
}
