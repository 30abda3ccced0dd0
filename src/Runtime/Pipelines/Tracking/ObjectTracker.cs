namespace EdgeRuntime.Pipelines.Tracking;

/// <summary>
/// Follows things from frame to frame and gives each a number that it keeps, in ByteTrack's manner (Zhang et al., 2022): a Kalman filter says where each should be now, detections of a high score are
/// matched with that by overlap, then those of a low score with what is left. Detectors take a thing for another kind now and then: a track goes on all the same, and is of the kind it was taken for
/// most of late. Nothing is allocated per frame. Not for use by two threads at once.
/// </summary>
/// <param name="options">How, or null for the defaults.</param>
public sealed class ObjectTracker(TrackerOptions? options = null)
{
    /// <summary>No more are followed at a time.</summary>
    private const int Most = BoxSelection.MostDetections;

    /// <summary>How much less alike a track and a detection of another class are, and how much two detections overlap that are taken for one thing.</summary>
    private const float OtherClass = 0.6f, SameThing = 0.7f;

    /// <summary>A frame at 30 a second: what noise of a Kalman filter is per frame is meant so.</summary>
    private const double FrameSeconds = 1.0 / 30, MostFrames = 30;

    private readonly TrackerOptions settings = options ?? new TrackerOptions();
    private readonly Assignment assignment = new(Most);
    private readonly Track[] tracks = [.. Enumerable.Range(0, Most).Select(_ => new Track())];
    private readonly float[] costs = new float[Most * Most];
    private readonly int[] columnOf = new int[Most], rows = new int[Most], columns = new int[Most];
    private readonly bool[] taken = new bool[Most];
    private readonly Detection[] followed = new Detection[Most];
    private int count, lastId, shown;
    private TimeSpan time;
    private bool begun;

    /// <summary>How many numbers were given.</summary>
    public int Tracks => lastId;

    /// <summary>What <see cref="Process"/> returned last.</summary>
    public ReadOnlySpan<Detection> Found => followed.AsSpan(0, shown);

    /// <summary>Takes what was found in the next frame.</summary>
    /// <param name="found">Detections, of low scores too; more than 300 are not looked at.</param>
    /// <param name="captured">When the frame was captured; later than the one before.</param>
    /// <returns>Those of a high score and those that go on with a track, with their numbers in <see cref="Detection.Track"/>; 0 where it is not sure yet. Valid until the next call.</returns>
    public ReadOnlySpan<Detection> Process(ReadOnlySpan<Detection> found, TimeSpan captured)
    {
        found = found[..Math.Min(found.Length, Most)];
        double seconds = begun ? (captured - time).TotalSeconds : 0;
        float frames = (float)Math.Clamp(seconds / FrameSeconds, 0, MostFrames);
        for (int i = 0; i < count; i++) tracks[i].Motion.Predict(frames, tracks[i].IsVisible);
        taken.AsSpan(0, found.Length).Clear();
        Array.Fill(columnOf, -1, 0, count);

        Match(found, high: true);
        Match(found, high: false);
        shown = 0;
        for (int i = 0; i < count; i++)
        {
            Track track = tracks[i];
            if (columnOf[i] < 0)
            {
                track.IsVisible = false;
                continue;
            }
            Detection detection = found[columnOf[i]];
            float since = (float)(captured - track.Last).TotalSeconds;
            track.Continue(detection, captured);
            if (track.Id == 0 && track.Seen >= settings.Confirmations) track.Id = ++lastId;
            if (settings.Smooths) track.Smooth(ref detection, since);
            (detection.Track, detection.Label) = (track.Id, track.Label);
            followed[shown++] = detection;
        }
        Forget(captured);
        for (int i = 0; i < found.Length && shown < Most; i++)
        {
            if (taken[i] || !IsHigh(found[i]) || IsShown(found[i])) continue;
            Detection detection = found[i];
            if (count < Most)
            {
                Track track = tracks[count++];
                track.Begin(detection, captured);
                // At the beginning there is nothing that it could be confused with.
                if (!begun || settings.Confirmations <= 1) track.Id = ++lastId;
                if (settings.Smooths) track.Smooth(ref detection, 0);
                detection.Track = track.Id;
            }
            followed[shown++] = detection;
        }
        (time, begun) = (captured, true);
        return Found;
    }

    /// <summary>Forgets all, as before another video; numbers begin at 1 again.</summary>
    public void Reset() => (count, lastId, shown, begun) = (0, 0, 0, false);

    private bool IsHigh(in Detection detection) => detection is { Width: > 0, Height: > 0 } && detection.Score >= settings.HighScore;

    private bool IsLow(in Detection detection) => detection is { Width: > 0, Height: > 0 } && detection.Score >= settings.LowScore && detection.Score < settings.HighScore;

    /// <summary>Whether something else was found in the same place: one thing, taken for two.</summary>
    private bool IsShown(in Detection detection)
    {
        for (int i = 0; i < shown; i++)
            if (followed[i].Label != detection.Label && Overlap(followed[i].X, followed[i].Y, followed[i].X + followed[i].Width, followed[i].Y + followed[i].Height, detection) > SameThing) return true;
        return false;
    }

    private void Match(ReadOnlySpan<Detection> found, bool high)
    {
        int rowCount = 0, columnCount = 0;
        for (int i = 0; i < count; i++)
            // What is out of sight does not come back as something that can hardly be seen.
            if (columnOf[i] < 0 && (high || tracks[i].IsVisible)) rows[rowCount++] = i;
        for (int i = 0; i < found.Length; i++)
            if (!taken[i] && (high ? IsHigh(found[i]) : IsLow(found[i]))) columns[columnCount++] = i;
        if (rowCount == 0 || columnCount == 0) return;
        Span<float> cost = costs.AsSpan(0, rowCount * columnCount);
        for (int r = 0; r < rowCount; r++)
        {
            (float left, float top, float right, float bottom) = tracks[rows[r]].Motion.Box;
            for (int c = 0; c < columnCount; c++)
            {
                ref readonly Detection detection = ref found[columns[c]];
                float overlap = Overlap(left, top, right, bottom, detection) * (tracks[rows[r]].Label == detection.Label ? 1 : OtherClass), likeness = high ? overlap * detection.Score : overlap;
                cost[r * columnCount + c] = likeness >= (high ? settings.LeastOverlap : settings.LeastLowOverlap) ? 1 - likeness : Assignment.Impossible;
            }
        }
        Span<int> pairs = stackalloc int[rowCount];
        assignment.Solve(cost, rowCount, columnCount, pairs);
        for (int r = 0; r < rowCount; r++)
        {
            if (pairs[r] < 0) continue;
            columnOf[rows[r]] = columns[pairs[r]];
            taken[columns[pairs[r]]] = true;
        }
    }

    /// <summary>Leaves out tracks that were not seen for long, or only once; the order of the others stays.</summary>
    private void Forget(TimeSpan now)
    {
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            Track track = tracks[i];
            if (!track.IsVisible && (track.Id == 0 || now - track.Last > settings.Memory)) continue;
            (tracks[i], tracks[kept]) = (tracks[kept], track);
            kept++;
        }
        count = kept;
    }

    private static float Overlap(float left, float top, float right, float bottom, in Detection other)
    {
        float across = Math.Min(right, other.X + other.Width) - Math.Max(left, other.X), down = Math.Min(bottom, other.Y + other.Height) - Math.Max(top, other.Y);
        if (!(across > 0 && down > 0)) return 0;
        float shared = across * down;
        return shared / ((right - left) * (bottom - top) + other.Width * other.Height - shared);
    }
}
