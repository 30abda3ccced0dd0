namespace EdgeRuntime.Pipelines.Tracking;

/// <summary>A thing that is followed.</summary>
internal sealed class Track
{
    private readonly OneEuroFilter[] box = new OneEuroFilter[4], points = new OneEuroFilter[2 * KeyPoints.Capacity];

    private const float MostVotes = 4;

    private float votes;

    /// <summary>Where it is thought to be.</summary>
    public MotionFilter Motion;

    /// <summary>Its number; 0 while it is not sure that there is something.</summary>
    public int Id { get; set; }

    /// <summary>Its class: what it was taken for most of late.</summary>
    public int Label { get; private set; }

    /// <summary>In how many frames it was seen, one after the other, before it had a number.</summary>
    public int Seen { get; set; }

    /// <summary>When it was seen last.</summary>
    public TimeSpan Last { get; private set; }

    /// <summary>Whether it was seen in the last frame.</summary>
    public bool IsVisible { get; set; }

    /// <summary>Begins with what was seen.</summary>
    public void Begin(in Detection found, TimeSpan time)
    {
        (Id, Label, Seen, Last, IsVisible, votes) = (0, found.Label, 1, time, true, found.Score);
        Motion = MotionFilter.At(found);
        Array.Fill(box, new OneEuroFilter(1.5f, 0.02f));
        Array.Fill(points, new OneEuroFilter(1.5f, 0.02f));
    }

    /// <summary>Goes on with what was seen.</summary>
    public void Continue(in Detection found, TimeSpan time)
    {
        Motion.Correct(found);
        Vote(found);
        Seen++;
        (Last, IsVisible) = (time, true);
    }

    /// <summary>Takes the trembling out of what was seen.</summary>
    /// <param name="found">What was seen; changed.</param>
    /// <param name="seconds">Time since it was seen before.</param>
    public void Smooth(ref Detection found, float seconds)
    {
        found.X = box[0].Next(found.X, seconds);
        found.Y = box[1].Next(found.Y, seconds);
        found.Width = box[2].Next(found.Width, seconds);
        found.Height = box[3].Next(found.Height, seconds);
        for (int i = 0; i < found.PointCount; i++)
            found.Points[i] = new KeyPoint(points[2 * i].Next(found.Points[i].X, seconds), points[2 * i + 1].Next(found.Points[i].Y, seconds));
    }

    private void Vote(in Detection found)
    {
        votes = found.Label == Label ? Math.Min(votes + found.Score, MostVotes) : votes - found.Score;
        if (votes < 0) (Label, votes) = (found.Label, found.Score);
    }
}
