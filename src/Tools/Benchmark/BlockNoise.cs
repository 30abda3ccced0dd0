namespace EdgeRuntime.Tools.Benchmark;

/// <summary>
/// How sure a median is. Single runs of a shared machine scatter far more than their median does, so the runs are cut into ten parts in the order they were made, and what
/// counts is how far the medians of these lie apart: 1.48 times the median of their distances from their median, which is the standard deviation where they are normally
/// distributed and hardly moves when a part or two were disturbed.
/// </summary>
internal static class BlockNoise
{
    private const int Blocks = 10;

    private const double ToDeviation = 1.4826;

    /// <summary>The noise of samples, in their unit; 0 where there are too few to tell.</summary>
    public static double Of(ReadOnlySpan<double> samples)
    {
        int blocks = Math.Min(Blocks, samples.Length / 2);
        if (blocks < 3) return 0;
        var medians = new double[blocks];
        for (int b = 0; b < blocks; b++)
        {
            int from = (int)((long)samples.Length * b / blocks), to = (int)((long)samples.Length * (b + 1) / blocks);
            medians[b] = Median(samples[from..to]);
        }
        double middle = Median(medians);
        return ToDeviation * Median(Array.ConvertAll(medians, m => Math.Abs(m - middle)));
    }

    /// <summary>The noise as a share of the median.</summary>
    public static double RelativeOf(ReadOnlySpan<double> samples) => Median(samples) is > 0 and double median ? Of(samples) / median : 0;

    /// <summary>The middle of samples, between the two in the middle where their number is even; 0 of none.</summary>
    public static double Median(ReadOnlySpan<double> samples)
    {
        if (samples.IsEmpty) return 0;
        double[] sorted = samples.ToArray();
        Array.Sort(sorted);
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
