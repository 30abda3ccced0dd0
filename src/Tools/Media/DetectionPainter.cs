using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Media;

/// <summary>Draws what was found in a frame: boxes, key points, skeletons, and labels with the score where there is room for them.</summary>
internal static class DetectionPainter
{
    private const int MostLabels = 256, LongestName = 40, LongestLabel = 64;

    /// <summary>What lies farther outside, or is no number, has no label.</summary>
    private const float Farthest = 1e6f;

    /// <summary>Draws on the frame itself, best detection last, so that it lies on top.</summary>
    /// <param name="frame">The frame that the detections belong to.</param>
    /// <param name="detections">Best first: the best have the choice of places for their labels.</param>
    /// <param name="labels">Names of the classes; a class without one is called class.</param>
    public static void Draw(Frame frame, ReadOnlySpan<Detection> detections, IReadOnlyList<string> labels)
    {
        var canvas = new Canvas(frame);
        for (int i = detections.Length - 1; i >= 0; i--)
            if (!IsOfWholePicture(detections[i])) DrawBox(canvas, detections[i]);

        int count = Math.Min(detections.Length, MostLabels);
        Span<LabelArea> boxes = stackalloc LabelArea[MostLabels], room = stackalloc LabelArea[MostLabels];
        for (int i = 0; i < count; i++) boxes[i] = AreaOf(detections[i], LineOf(canvas, detections[i]));
        var layout = new LabelLayout(frame.Width, frame.Height, boxes[..count], room);
        Span<char> text = stackalloc char[LongestLabel], shorter = stackalloc char[LongestLabel];
        for (int i = 0; i < count; i++)
        {
            ref readonly Detection found = ref detections[i];
            int length = Write(found, labels, text), shortLength = WriteShort(found, shorter);
            if (IsOfWholePicture(found)) LabelPicture(canvas, ref layout, text[..length], ColourOf(found));
            else if (boxes[i].Size > 0) LabelBox(canvas, ref layout, boxes[i], text[..length], shorter[..shortLength], ColourOf(found));
        }
    }

    /// <summary>It speaks of the whole picture: one label below the other in the corner.</summary>
    private static void LabelPicture(Canvas canvas, ref LabelLayout layout, ReadOnlySpan<char> text, Colour colour)
    {
        int height = canvas.LabelHeight(canvas.Scale), width = canvas.LabelWidth(ref text, canvas.Scale);
        for (int top = 0; top + height <= canvas.Height; top += height)
        {
            if (!layout.TryTake(0, top, width, height, hides: true)) continue;
            canvas.Label(0, top, text, colour, canvas.Scale);
            return;
        }
    }

    /// <summary>In the crowd a label is small, then short, then hides other boxes, and then there is none.</summary>
    private static void LabelBox(Canvas canvas, ref LabelLayout layout, in LabelArea box, ReadOnlySpan<char> text, ReadOnlySpan<char> shorter, Colour colour)
    {
        int small = Math.Max(1, (canvas.Scale + 1) / 2);
        _ = TryLabel(canvas, ref layout, box, text, colour, canvas.Scale, hides: false) || TryLabel(canvas, ref layout, box, text, colour, small, hides: false)
            || TryLabel(canvas, ref layout, box, shorter, colour, small, hides: false) || TryLabel(canvas, ref layout, box, text, colour, small, hides: true)
            || TryLabel(canvas, ref layout, box, shorter, colour, small, hides: true);
    }

    private static bool TryLabel(Canvas canvas, ref LabelLayout layout, in LabelArea box, ReadOnlySpan<char> text, Colour colour, int scale, bool hides)
    {
        if (!layout.TryTake(box, canvas.LabelWidth(ref text, scale), canvas.LabelHeight(scale), hides, out int left, out int top)) return false;
        canvas.Label(left, top, text, colour, scale);
        return true;
    }

    private static int Write(in Detection found, IReadOnlyList<string> labels, Span<char> text)
    {
        ReadOnlySpan<char> name = found.Label >= 0 && found.Label < labels.Count ? labels[found.Label] : "class";
        if (name.Length > LongestName) name = name[..LongestName];
        return (found.Track > 0 ? text.TryWrite($"#{found.Track} {name} {Percent(found)}%", out int written) : text.TryWrite($"{name} {Percent(found)}%", out written)) ? written : 0;
    }

    private static int WriteShort(in Detection found, Span<char> text) =>
        (found.Track > 0 ? text.TryWrite($"#{found.Track}", out int written) : text.TryWrite($"{Percent(found)}%", out written)) ? written : 0;

    private static int Percent(in Detection found) => (int)MathF.Round(100 * Math.Clamp(found.Score, 0, 1));

    // What is followed keeps its colour.
    private static Colour ColourOf(in Detection found) => Colour.Of(found.Track > 0 ? found.Track : found.Label);

    private static bool IsOfWholePicture(in Detection found) => found is { Width: 0, Height: 0 };

    /// <summary>Lines around small things are thin, so that the things can be seen.</summary>
    private static float LineOf(Canvas canvas, in Detection found) => Math.Clamp(Math.Min(found.Width, found.Height) / 20, 0.75f * canvas.Scale, 1.5f * canvas.Scale);

    /// <summary>The box with its line; nothing where it is none.</summary>
    private static LabelArea AreaOf(in Detection found, float line)
    {
        if (!(Math.Abs(found.X) < Farthest && Math.Abs(found.Y) < Farthest && found.Width is > 0 and < Farthest && found.Height is > 0 and < Farthest)) return default;
        return new LabelArea(found.X - line / 2, found.Y - line / 2, found.X + found.Width + line / 2, found.Y + found.Height + line / 2);
    }

    private static void DrawBox(Canvas canvas, in Detection found)
    {
        Colour colour = ColourOf(found);
        float line = LineOf(canvas, found);
        // A dark seam keeps the line visible on a background of its own colour.
        canvas.Box(found.X, found.Y, found.Width, found.Height, Colour.Black, line + canvas.Scale, 0.5f);
        canvas.Box(found.X, found.Y, found.Width, found.Height, colour, line);
        float unit = Math.Clamp(Math.Max(found.Width, found.Height) / 120, 0.5f * canvas.Scale, canvas.Scale);
        foreach ((int from, int to) in Bones(found.PointCount))
            if (float.IsFinite(found.Points[from].X + found.Points[to].X)) canvas.Line(found.Points[from].X, found.Points[from].Y, found.Points[to].X, found.Points[to].Y, 2 * unit, colour);
        for (int p = 0; p < found.PointCount; p++)
        {
            if (!float.IsFinite(found.Points[p].X)) continue;
            canvas.Dot(found.Points[p].X, found.Points[p].Y, 2.5f * unit, Colour.Black);
            canvas.Dot(found.Points[p].X, found.Points[p].Y, 1.75f * unit, colour);
        }
    }

    private static ReadOnlySpan<(int From, int To)> Bones(int points) => points switch
    {
        PoseEstimator.Joints => PoseEstimator.Bones,
        HandEstimator.Points => HandEstimator.Bones,
        _ => [],
    };
}
