namespace EdgeRuntime.Tools.Quantizing;

/// <summary>How the elements of a value were spread over the samples, and the range that was chosen for it; for reports.</summary>
/// <param name="Name">Name of the value.</param>
/// <param name="Range">The range.</param>
/// <param name="Min">The least element.</param>
/// <param name="Max">The greatest element.</param>
/// <param name="Counts">Elements in bins of equal width from <paramref name="Min"/> to <paramref name="Max"/>; empty where nothing was seen.</param>
/// <param name="Outside">The part of all elements that the range cuts off, from 0 to 1.</param>
internal sealed record ValueHistogram(string Name, ValueRange Range, float Min, float Max, IReadOnlyList<long> Counts, double Outside)
{
    /// <summary>Bins, as many as a small drawing can show.</summary>
    private const int Bins = 48;

    /// <summary>Gathers what was seen into fewer bins.</summary>
    public static ValueHistogram Of(string name, in ValueRange range, ValueStatistics seen)
    {
        if (seen.IsEmpty) return new ValueHistogram(name, range, 0, 0, [], 0);
        long[] counts = new long[Bins];
        double width = (double)seen.Max - seen.Min, half = seen.BinWidth / 2;
        long all = 0, outside = 0;
        for (int bin = 0; bin < ValueStatistics.Bins; bin++)
        {
            long count = seen.Histogram[bin];
            if (count == 0) continue;
            double at = Math.Clamp(seen.Middle(bin), seen.Min, seen.Max);
            counts[width > 0 ? Math.Clamp((int)((at - seen.Min) / width * Bins), 0, Bins - 1) : 0] += count;
            all += count;
            if (at - half > range.High || at + half < range.Low) outside += count;
        }
        return new ValueHistogram(name, range, seen.Min, seen.Max, counts, all > 0 ? (double)outside / all : 0);
    }
}
