namespace EdgeRuntime.Tools.Benchmark;

/// <summary>Runs by their duration: bin i has those from limit i to limit i + 1, the last one also all that took longer.</summary>
/// <param name="LimitsMs">Limits in milliseconds, one more than bins; they grow by the same step.</param>
/// <param name="Counts">Runs in each bin.</param>
internal sealed record LatencyHistogram(double[] LimitsMs, int[] Counts)
{
    private const int MostBins = 16;

    /// <summary>A histogram of samples, from the shortest to what 98 of 100 do not exceed: a single run that was disturbed must not squeeze all others into one bin.</summary>
    public static LatencyHistogram Of(ReadOnlySpan<double> samples)
    {
        if (samples.IsEmpty) return new LatencyHistogram([0, 0], [0]);
        double[] sorted = samples.ToArray();
        Array.Sort(sorted);
        double low = sorted[0], high = sorted[Math.Max(0, (int)Math.Ceiling(0.98 * sorted.Length) - 1)];
        int bins = Math.Clamp((int)Math.Ceiling(Math.Sqrt(sorted.Length)), 1, MostBins);
        if (!(high > low)) return new LatencyHistogram([low, low], [sorted.Length]);
        double[] limits = [.. Enumerable.Range(0, bins + 1).Select(i => low + (high - low) * i / bins)];
        return Of(samples, limits);
    }

    /// <summary>A histogram with given limits, so that two can be compared; what is shorter than the first counts as the first.</summary>
    public static LatencyHistogram Of(ReadOnlySpan<double> samples, double[] limits)
    {
        var counts = new int[limits.Length - 1];
        double low = limits[0], step = (limits[^1] - low) / counts.Length;
        foreach (double sample in samples)
            counts[step > 0 ? (int)Math.Clamp((sample - low) / step, 0, counts.Length - 1) : 0]++;
        return new LatencyHistogram(limits, counts);
    }
}
