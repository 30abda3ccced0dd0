using System.Numerics;

namespace EdgeRuntime.Realtime;

/// <summary>
/// Durations in buckets whose width grows with the duration: what is read from it is off by less than 0.8 % however long they are, in memory that never grows.
/// One thread adds; others may read meanwhile.
/// </summary>
public sealed class LatencyHistogram
{
    /// <summary>Buckets of an octave: from one power of two nanoseconds to the next.</summary>
    private const int Octave = 1 << OctaveBits;

    private const int OctaveBits = 6;

    /// <summary>Durations of 2^42 nanoseconds, 73 minutes, and more are counted in the last bucket.</summary>
    private const int LongestBits = 42;

    private readonly long[] counts = new long[(LongestBits - OctaveBits + 1) * Octave];
    private long count, sum, least = long.MaxValue, most;

    /// <summary>How many durations were added.</summary>
    public long Count => Volatile.Read(ref count);

    /// <summary>The shortest, exactly; zero where there is none.</summary>
    public TimeSpan Min => Count == 0 ? TimeSpan.Zero : Span(Volatile.Read(ref least));

    /// <summary>The longest, exactly; zero where there is none.</summary>
    public TimeSpan Max => Span(Volatile.Read(ref most));

    /// <summary>The mean, exactly; zero where there is none.</summary>
    public TimeSpan Mean => Count is 0 ? TimeSpan.Zero : Span(Volatile.Read(ref sum) / Count);

    /// <summary>Adds a duration; one below zero, which only a clock that was set back can give, counts as zero.</summary>
    public void Add(TimeSpan duration)
    {
        long nanoseconds = Math.Clamp(duration.Ticks, 0, long.MaxValue / 128) * TimeSpan.NanosecondsPerTick;
        counts[BucketOf(nanoseconds)]++;
        if (nanoseconds < least) Volatile.Write(ref least, nanoseconds);
        if (nanoseconds > most) Volatile.Write(ref most, nanoseconds);
        sum += nanoseconds;
        Volatile.Write(ref count, count + 1);
    }

    /// <summary>Adds all durations of another histogram, as if they had been added here.</summary>
    public void Add(LatencyHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        long added = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            long more = Volatile.Read(ref other.counts[i]);
            counts[i] += more;
            added += more;
        }
        least = Math.Min(least, Volatile.Read(ref other.least));
        most = Math.Max(most, Volatile.Read(ref other.most));
        sum += Volatile.Read(ref other.sum);
        Volatile.Write(ref count, count + added);
    }

    /// <summary>The duration that this part of all does not exceed, such as 0.99; zero where there is none.</summary>
    /// <param name="part">0 to 1.</param>
    public TimeSpan Percentile(double part)
    {
        if (!(part is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(part), part, "It must be within 0 and 1.");
        long all = Count, rank = Math.Max(1, (long)Math.Ceiling(part * all));
        if (all == 0) return TimeSpan.Zero;
        for (int i = 0; i < counts.Length; i++)
            if ((rank -= Volatile.Read(ref counts[i])) <= 0) return Span(Math.Clamp(MiddleOf(i), Volatile.Read(ref least), Volatile.Read(ref most)));
        return Max;
    }

    /// <summary>Which part of all does not exceed a duration, to the width of a bucket; 1 where there is none.</summary>
    public double PartWithin(TimeSpan duration)
    {
        long within = 0, all = Count;
        int last = BucketOf(Math.Clamp(duration.Ticks, 0, long.MaxValue / 128) * TimeSpan.NanosecondsPerTick);
        for (int i = 0; i <= last; i++) within += Volatile.Read(ref counts[i]);
        return all == 0 ? 1 : Math.Min(1, (double)within / all);
    }

    /// <summary>Forgets all. Nobody may add meanwhile.</summary>
    public void Clear()
    {
        Array.Clear(counts);
        (sum, least, most) = (0, long.MaxValue, 0);
        Volatile.Write(ref count, 0);
    }

    /// <summary>The first two octaves' worth of buckets are a nanosecond wide, those of each octave after that twice as wide as before.</summary>
    private static int BucketOf(long nanoseconds)
    {
        if (nanoseconds >= 1L << LongestBits) nanoseconds = (1L << LongestBits) - 1;
        int shift = Math.Max(0, BitOperations.Log2((ulong)nanoseconds | 1) - OctaveBits);
        return shift * Octave + (int)(nanoseconds >> shift);
    }

    private static long MiddleOf(int bucket)
    {
        int shift = Math.Max(0, bucket / Octave - 1);
        return ((long)(bucket - shift * Octave) << shift) + (1L << shift >> 1);
    }

    private static TimeSpan Span(long nanoseconds) => TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
}
