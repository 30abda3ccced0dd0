namespace EdgeRuntime.Tools.Reports;

/// <summary>Durations of one stage, in milliseconds. Adding allocates only when the room doubles.</summary>
internal sealed class LatencySamples(string stage, string? title = null)
{
    private double[] samples = new double[1024];

    /// <summary>What was measured.</summary>
    public string Stage => stage;

    /// <summary>The same for people.</summary>
    public string Title => title ?? stage;

    public int Count { get; private set; }

    public ReadOnlySpan<double> Values => samples.AsSpan(0, Count);

    public void Add(TimeSpan duration)
    {
        if (Count == samples.Length) Array.Resize(ref samples, 2 * Count);
        samples[Count++] = duration.TotalMilliseconds;
    }

    /// <summary>Minimum, median, percentiles and maximum; all zero where nothing was measured.</summary>
    public LatencySummary Summarize()
    {
        if (Count == 0) return default;
        double[] sorted = Values.ToArray();
        Array.Sort(sorted);
        return new LatencySummary(sorted[0], At(sorted, 0.5), At(sorted, 0.9), At(sorted, 0.95), At(sorted, 0.99), sorted[^1]);
    }

    /// <summary>The smallest sample that is not exceeded by that part of all of them.</summary>
    private static double At(double[] sorted, double part) => sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)];
}

/// <summary>What is reported of a stage, in milliseconds.</summary>
internal readonly record struct LatencySummary(double MinMs, double MedianMs, double P90Ms, double P95Ms, double P99Ms, double MaxMs)
{
    /// <summary>The columns of every latency table, in order.</summary>
    public static readonly string[] Columns = ["min", "median", "p95", "p99"];

    /// <summary>The cells of a row, in milliseconds.</summary>
    public string[] Cells() => [Text(MinMs), Text(MedianMs), Text(P95Ms), Text(P99Ms)];

    /// <summary>Three digits that count, whatever the size.</summary>
    public static string Text(double ms) => ms >= 100 ? $"{ms:0}" : ms >= 10 ? $"{ms:0.0}" : ms >= 1 ? $"{ms:0.00}" : $"{ms:0.000}";
}
