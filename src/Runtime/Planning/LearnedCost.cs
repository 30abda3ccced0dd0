namespace EdgeRuntime.Planning;

/// <summary>How long something takes, learned from how long it took: the mean, and how far from it single times are.</summary>
internal struct LearnedCost
{
    private const double Weight = 1.0 / 8;

    /// <summary>A time that is more than so many times the mean is no longer one's own, but that of whoever had the processor meanwhile.</summary>
    private const double Outlier = 4;

    private double mean, deviation;

    /// <summary>What hardly any time exceeds, in nanoseconds; 0 while none is known.</summary>
    public readonly double Expected => mean + 2 * deviation;

    /// <summary>The running mean in nanoseconds; 0 while none is known.</summary>
    public readonly double Mean => mean;

    /// <summary>Learns a time.</summary>
    public void Learn(double nanoseconds)
    {
        nanoseconds = Math.Max(nanoseconds, 1);
        if (mean == 0)
        {
            (mean, deviation) = (nanoseconds, nanoseconds / 4);
            return;
        }
        double difference = Math.Min(nanoseconds, Outlier * mean) - mean;
        mean += Weight * difference;
        deviation += Weight * (Math.Abs(difference) - deviation);
    }
}
