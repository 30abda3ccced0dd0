namespace EdgeRuntime.Tools.Media;

/// <summary>
/// Finds places for labels: at their boxes, inside the picture, never over each other, and over other boxes only where there is no better place. Those that are placed first have the choice.
/// </summary>
/// <param name="width">Width of the picture.</param>
/// <param name="height">Height of the picture.</param>
/// <param name="boxes">All boxes.</param>
/// <param name="room">Memory for the places of labels; when it is full, no more are placed.</param>
internal ref struct LabelLayout(int width, int height, ReadOnlySpan<LabelArea> boxes, Span<LabelArea> room)
{
    /// <summary>The most that a label may hide of a box without being in its way.</summary>
    private const float LeastBother = 0.12f;

    private const int Places = 8;

    private readonly ReadOnlySpan<LabelArea> boxes = boxes;
    private readonly Span<LabelArea> room = room;
    private int count;

    /// <summary>Takes the best place that is free.</summary>
    /// <param name="own">The box that the label is for.</param>
    /// <param name="labelWidth">Width of the label.</param>
    /// <param name="labelHeight">Its height.</param>
    /// <param name="hides">Whether it may hide boxes.</param>
    /// <param name="left">Its left edge.</param>
    /// <param name="top">Its upper edge.</param>
    /// <returns>False where there is none.</returns>
    public bool TryTake(in LabelArea own, int labelWidth, int labelHeight, bool hides, out int left, out int top)
    {
        for (int place = 0; place < Places; place++)
        {
            (float x, float y) = place switch
            {
                0 => (own.Left, own.Top - labelHeight),
                1 => (own.Right - labelWidth, own.Top - labelHeight),
                2 => (own.Left, own.Bottom),
                3 => (own.Right - labelWidth, own.Bottom),
                4 => (own.Right, own.Top),
                5 => (own.Left - labelWidth, own.Top),
                6 => (own.Left, Math.Max(own.Top, 0)),
                _ => (own.Left, Math.Min(own.Bottom, height) - labelHeight),
            };
            // To the side there is a place or there is not; along an edge of its box a label slides into the picture.
            if (place is not (4 or 5)) x = Math.Clamp(x, 0, Math.Max(0, width - labelWidth));
            (left, top) = ((int)MathF.Round(x), (int)MathF.Round(y));
            if (TryTake(left, top, labelWidth, labelHeight, hides)) return true;
        }
        (left, top) = (0, 0);
        return false;
    }

    /// <summary>Takes a place, if it is inside the picture and free.</summary>
    public bool TryTake(int left, int top, int labelWidth, int labelHeight, bool hides)
    {
        var label = new LabelArea(left, top, left + labelWidth, top + labelHeight);
        if (count == room.Length || left < 0 || top < 0 || label.Right > width || label.Bottom > height) return false;
        foreach (ref readonly LabelArea other in room[..count])
            if (other.Shared(label) > 0) return false;
        if (!hides)
            foreach (ref readonly LabelArea box in boxes)
                if (box.Shared(label) > LeastBother * box.Size) return false;
        room[count++] = label;
        return true;
    }
}

/// <summary>A rectangle, by its edges.</summary>
internal readonly record struct LabelArea(float Left, float Top, float Right, float Bottom)
{
    /// <summary>Its area.</summary>
    public float Size => (Right - Left) * (Bottom - Top);

    /// <summary>The area that it shares with another one.</summary>
    public float Shared(in LabelArea other) =>
        Math.Max(0, Math.Min(Right, other.Right) - Math.Max(Left, other.Left)) * Math.Max(0, Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top));
}
