using EdgeRuntime.Pipelines.Tracking;

namespace EdgeRuntime.Pipelines;

/// <summary>Keeps what is known of hands from frame to frame: their numbers, where they are looked for next, and what smooths their points. All memory is there from the start.</summary>
/// <param name="most">The most hands.</param>
/// <param name="smooths">Whether points and boxes are smoothed.</param>
internal sealed class HandFollower(int most, bool smooths)
{
    /// <summary>After a longer pause what was before says nothing any more.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly FollowedHand[] hands = new FollowedHand[most];
    private readonly OneEuroFilter[][] filters = [.. Enumerable.Range(0, most).Select(_ => new OneEuroFilter[2 * HandEstimator.Points])];
    private readonly bool[] isUsed = new bool[most];
    private (int Width, int Height) size;
    private TimeSpan last;
    private int count, lastTrack;

    /// <summary>The hands of the last frame.</summary>
    public ReadOnlySpan<FollowedHand> Hands => hands.AsSpan(0, count);

    /// <summary>When palms were looked for last.</summary>
    public TimeSpan Searched { get; private set; }

    /// <summary>Forgets what does not go on in a frame: after a pause, in another size, back in time.</summary>
    public void Begin(Frame frame)
    {
        TimeSpan passed = frame.Time - last;
        if (size != (frame.Width, frame.Height) || passed < TimeSpan.Zero || passed > LongestPause) Forget();
    }

    /// <summary>Forgets all hands, and numbers the next ones from 1.</summary>
    public void Reset()
    {
        Forget();
        lastTrack = 0;
    }

    /// <summary>Takes what was found in a frame: gives numbers to hands that have none, smooths points, and says where to look next.</summary>
    /// <param name="found">The hands; those that go on have their numbers already.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="searched">Whether palms were looked for in it.</param>
    public void Finish(Span<Detection> found, Frame frame, bool searched)
    {
        float seconds = (float)(frame.Time - last).TotalSeconds;
        Array.Clear(isUsed);
        // Filters belong to the hands that go on; the others' are free for new ones.
        for (int i = 0; i < found.Length; i++)
            if (FiltersOf(found[i].Track) is >= 0 and var own) isUsed[own] = true;
        Span<FollowedHand> going = stackalloc FollowedHand[found.Length];
        for (int i = 0; i < found.Length; i++)
        {
            ref Detection hand = ref found[i];
            int own = FiltersOf(hand.Track);
            if (own < 0)
            {
                own = Array.IndexOf(isUsed, false);
                isUsed[own] = true;
                Array.Fill(filters[own], new OneEuroFilter(1.5f, 0.02f));
                hand.Track = ++lastTrack;
            }
            going[i] = new FollowedHand(HandPlace.OfPoints(hand), hand.Track, own);
            if (smooths) Smooth(ref hand, filters[own], seconds);
        }
        going.CopyTo(hands);
        count = found.Length;
        (size, last) = ((frame.Width, frame.Height), frame.Time);
        if (searched) Searched = frame.Time;
    }

    private void Forget() => (count, Searched, last) = (0, default, default);

    private int FiltersOf(int track)
    {
        for (int i = 0; track > 0 && i < count; i++)
            if (hands[i].Track == track) return hands[i].Filters;
        return -1;
    }

    private static void Smooth(ref Detection hand, OneEuroFilter[] filters, float seconds)
    {
        (float left, float top, float right, float bottom) = (float.PositiveInfinity, float.PositiveInfinity, float.NegativeInfinity, float.NegativeInfinity);
        for (int i = 0; i < hand.PointCount; i++)
        {
            var point = new KeyPoint(filters[2 * i].Next(hand.Points[i].X, seconds), filters[2 * i + 1].Next(hand.Points[i].Y, seconds));
            hand.Points[i] = point;
            (left, top, right, bottom) = (Math.Min(left, point.X), Math.Min(top, point.Y), Math.Max(right, point.X), Math.Max(bottom, point.Y));
        }
        (hand.X, hand.Y, hand.Width, hand.Height) = (left, top, right - left, bottom - top);
    }
}

/// <summary>A hand that is followed.</summary>
/// <param name="Next">Where it is looked for in the next frame.</param>
/// <param name="Track">Its number, from 1.</param>
/// <param name="Filters">Which filters are its.</param>
internal readonly record struct FollowedHand(Crop Next, int Track, int Filters);
