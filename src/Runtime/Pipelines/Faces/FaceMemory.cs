namespace EdgeRuntime.Pipelines.Faces;

/// <summary>What faces that are followed looked like of late: the mean of their features, which is steadier than those of one frame, in which somebody blinks or looks away.</summary>
/// <param name="length">Features of a face.</param>
/// <param name="most">The most faces at a time.</param>
internal sealed class FaceMemory(int length, int most)
{
    /// <summary>From then on a new frame counts as much as it did at this number of frames.</summary>
    private const int MostFrames = 12;

    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(2);

    private readonly float[] sums = new float[length * most], mean = new float[length];
    private readonly int[] tracks = new int[most], seen = new int[most];
    private readonly TimeSpan[] times = new TimeSpan[most];

    /// <summary>Takes a face, and gives the mean with what was seen of it before.</summary>
    /// <param name="track">The face's number; 0 for one that is not followed.</param>
    /// <param name="time">When it was captured.</param>
    /// <param name="features">Its features, of length 1.</param>
    /// <returns>Features of length 1, valid until the next call.</returns>
    public ReadOnlySpan<float> Mean(int track, TimeSpan time, ReadOnlySpan<float> features)
    {
        features.CopyTo(mean);
        if (track <= 0) return mean;
        int slot = SlotOf(track, time);
        (tracks[slot], times[slot], seen[slot]) = (track, time, Math.Min(seen[slot] + 1, MostFrames));
        Span<float> sum = sums.AsSpan(slot * length, length);
        float share = 1f / seen[slot];
        for (int i = 0; i < sum.Length; i++) mean[i] = sum[i] += share * (features[i] - sum[i]);
        // Opposite features have no direction together; what is seen now has.
        if (!FaceGallery.TryNormalize(mean)) features.CopyTo(mean);
        return mean;
    }

    /// <summary>Forgets all.</summary>
    public void Reset() => Array.Clear(tracks);

    /// <summary>Where the face is remembered, or what was seen the longest ago, emptied.</summary>
    private int SlotOf(int track, TimeSpan time)
    {
        int slot = Array.IndexOf(tracks, track);
        if (slot >= 0 && time >= times[slot] && time - times[slot] <= Memory) return slot;
        if (slot < 0) slot = Array.IndexOf(tracks, 0);
        if (slot < 0)
        {
            slot = 0;
            for (int i = 1; i < tracks.Length; i++)
                if (times[i] < times[slot]) slot = i;
        }
        sums.AsSpan(slot * length, length).Clear();
        seen[slot] = 0;
        return slot;
    }
}
