using System.Diagnostics;

namespace EdgeRuntime.Planning;

/// <summary>Time that somebody may take: what is done a part at a time asks before each part whether it still fits.</summary>
public readonly struct TimeBudget
{
    private readonly TimeProvider? clock;
    private readonly long start, end;
    private readonly double ticksPerNanosecond;

    /// <summary>A budget that begins now.</summary>
    /// <param name="length">How long it is; below zero counts as zero.</param>
    /// <param name="clock">The clock, or null for the system's.</param>
    public TimeBudget(TimeSpan length, TimeProvider? clock = null)
    {
        this.clock = clock ?? TimeProvider.System;
        start = this.clock.GetTimestamp();
        ticksPerNanosecond = this.clock.TimestampFrequency / 1e9;
        double ticks = Math.Max(0, length.TotalSeconds) * this.clock.TimestampFrequency;
        end = ticks > long.MaxValue / 4 ? long.MaxValue : start + (long)ticks;
    }

    /// <summary>True for whoever has nothing better to do than to wait for a device as long as the budget lasts; else what a device does is looked after in the next call.</summary>
    public bool WaitsForDevices { get; init; }

    /// <summary>No bound at all; the default.</summary>
    public static TimeBudget Unlimited => default;

    /// <summary>True where there is no bound.</summary>
    public bool IsUnlimited => clock is null;

    /// <summary>True when nothing is left of it.</summary>
    public bool IsSpent => clock is not null && clock.GetTimestamp() >= end;

    /// <summary>What is left of it; <see cref="Timeout.InfiniteTimeSpan"/> where there is no bound.</summary>
    public TimeSpan Left => clock is null ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks((long)Math.Max(0, (end - clock.GetTimestamp()) / ticksPerNanosecond / TimeSpan.NanosecondsPerTick));

    /// <summary>The clock's time, to measure with.</summary>
    public long Timestamp => clock is null ? Stopwatch.GetTimestamp() : clock.GetTimestamp();

    /// <summary>The time between two time stamps in nanoseconds.</summary>
    public double Nanoseconds(long from, long to) => (to - from) / (clock is null ? Stopwatch.Frequency / 1e9 : ticksPerNanosecond);

    /// <summary>
    /// How many of some equal pieces still fit. Of pieces that are longer than half of the whole budget one is begun while half of it is left: else what is too long would never be done.
    /// </summary>
    /// <param name="nanoseconds">What a piece takes; 0 where that is not known.</param>
    /// <param name="pieces">How many there are.</param>
    /// <param name="now">The clock's time.</param>
    public int Fit(double nanoseconds, int pieces, long now)
    {
        if (clock is null) return pieces;
        double left = (end - now) / ticksPerNanosecond, whole = (end - start) / ticksPerNanosecond;
        if (left <= 0) return 0;
        // Of what was never measured one piece tells how long the others are.
        int fit = nanoseconds > 0 ? (int)Math.Min(pieces, left / nanoseconds) : Math.Min(1, pieces);
        return fit > 0 ? fit : 2 * left >= whole && 2 * nanoseconds >= whole ? 1 : 0;
    }
}
