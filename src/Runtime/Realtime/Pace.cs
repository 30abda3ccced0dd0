namespace EdgeRuntime.Realtime;

/// <summary>How regularly something happens. One thread adds; others may read meanwhile.</summary>
public sealed class Pace
{
    private const double Weight = 1.0 / 16;

    private long count, first, last, gap, jitter;

    /// <summary>How often it happened.</summary>
    public long Count => Volatile.Read(ref count);

    /// <summary>How often a second, from the first to the last time; 0 before the second.</summary>
    public double PerSecond => Volatile.Read(ref last) > Volatile.Read(ref first) ? (Count - 1) / TimeSpan.FromTicks(Volatile.Read(ref last) - Volatile.Read(ref first)).TotalSeconds : 0;

    /// <summary>By how much the time between one and the next differs from that before, as a running mean.</summary>
    public TimeSpan Jitter => TimeSpan.FromTicks(Volatile.Read(ref jitter));

    /// <summary>It happened.</summary>
    public void Add(TimeSpan time)
    {
        long ticks = time.Ticks;
        if (count == 0) Volatile.Write(ref first, ticks);
        else
        {
            long between = ticks - last;
            if (count > 1) Volatile.Write(ref jitter, jitter + (long)(Weight * (Math.Abs(between - gap) - jitter)));
            gap = between;
        }
        Volatile.Write(ref last, ticks);
        Volatile.Write(ref count, count + 1);
    }
}
