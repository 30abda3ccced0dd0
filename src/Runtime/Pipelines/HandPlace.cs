namespace EdgeRuntime.Pipelines;

/// <summary>What is cut out around a hand, so that its fingers point up.</summary>
internal static class HandPlace
{
    /// <summary>Points of a palm, as palm models give them.</summary>
    private const int PalmWrist = 0, PalmMiddle = 2;

    /// <summary>Points of a hand: where the wrist is, and where fingers begin.</summary>
    private const int Wrist = 0, Index = 5, Middle = 9, Ring = 13;

    /// <summary>The palm is in the lower part of the hand, and about two fifths of its length.</summary>
    private const float PalmShift = -0.5f, PalmScale = 2.6f;

    /// <summary>Around the palm and the fingers' first joints there is room for what moves until the next frame.</summary>
    private const float HandShift = -0.1f, HandScale = 2;

    /// <summary>Two cuts whose middles are nearer than this part of their size show the same hand.</summary>
    private const float SameShare = 0.25f;

    /// <summary>The points that tell where a hand is, whatever its fingers do: wrist, thumb without its tip, and the first two joints of the fingers.</summary>
    private static ReadOnlySpan<byte> Steady => [0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18];

    /// <summary>Around a palm.</summary>
    public static Crop OfPalm(in Detection palm) =>
        Crop.Around(palm, Upright(palm.Points[PalmWrist], palm.Points[PalmMiddle])).Moved(0, PalmShift).Square().Enlarged(PalmScale);

    /// <summary>Around the points of a hand.</summary>
    public static Crop OfPoints(in Detection hand)
    {
        KeyPoint index = hand.Points[Index], middle = hand.Points[Middle], ring = hand.Points[Ring];
        var fingers = new KeyPoint((index.X + 2 * middle.X + ring.X) / 4, (index.Y + 2 * middle.Y + ring.Y) / 4);
        float angle = Upright(hand.Points[Wrist], fingers);
        (float sine, float cosine) = MathF.SinCos(angle);
        (float left, float top, float right, float bottom) = (float.PositiveInfinity, float.PositiveInfinity, float.NegativeInfinity, float.NegativeInfinity);
        foreach (byte i in Steady)
        {
            float x = hand.Points[i].X * cosine + hand.Points[i].Y * sine, y = hand.Points[i].Y * cosine - hand.Points[i].X * sine;
            (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), Math.Max(bottom, y));
        }
        float middleX = (left + right) / 2, middleY = (top + bottom) / 2;
        return new Crop(middleX * cosine - middleY * sine, middleX * sine + middleY * cosine, right - left, bottom - top, angle).Moved(0, HandShift).Square().Enlarged(HandScale);
    }

    /// <summary>Whether two cuts show the same hand.</summary>
    public static bool AreTheSame(in Crop a, in Crop b)
    {
        float across = a.CentreX - b.CentreX, down = a.CentreY - b.CentreY, near = SameShare * Math.Max(a.Width, b.Width);
        return across * across + down * down < near * near;
    }

    /// <summary>How far to turn so that the way from one point to another goes up.</summary>
    private static float Upright(KeyPoint from, KeyPoint to) => Crop.AngleOf(from, to) + MathF.PI / 2;
}
