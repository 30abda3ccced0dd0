namespace EdgeRuntime.Tools.Quantizing;

/// <summary>The range by relative entropy: of the distributions that are cut off at some distance from zero, the one that is least surprised by what is left of it in 256 steps.</summary>
internal static class EntropyRange
{
    private const int Steps = 256, Thresholds = 24;

    /// <summary>The range.</summary>
    public static ValueRange Of(ValueStatistics statistics)
    {
        ValueRange all = ValueRange.Of(statistics.Min, statistics.Max, "entropy");
        double largest = Math.Max(-all.Low, all.High);
        ValueRange best = all;
        double least = double.PositiveInfinity;
        for (int i = 0; i < Thresholds; i++)
        {
            float threshold = (float)(largest * Math.Pow(0.85, i));
            ValueRange range = all with { Low = Math.Max(all.Low, -threshold), High = Math.Min(all.High, threshold) };
            double divergence = Divergence(statistics, range);
            if (divergence < least) (best, least) = (range, divergence);
        }
        return best;
    }

    /// <summary>Σ p·ln(p/q), with p what was seen, its tails gathered at the ends, and q that as evenly spread within each step as it was there at all.</summary>
    private static double Divergence(ValueStatistics statistics, in ValueRange range)
    {
        int first = Bin(statistics, range.Low), last = Bin(statistics, range.High);
        if (last - first + 1 < Steps) return double.PositiveInfinity;
        double[] p = new double[last - first + 1], inside = new double[p.Length];
        double total = 0, kept = 0;
        for (int bin = 0; bin < ValueStatistics.Bins; bin++)
        {
            long count = statistics.Histogram[bin];
            p[Math.Clamp(bin, first, last) - first] += count;
            if (bin >= first && bin <= last) kept += inside[bin - first] = count;
            total += count;
        }
        double sum = 0;
        for (int step = 0; step < Steps; step++)
        {
            int from = (int)((long)p.Length * step / Steps), to = (int)((long)p.Length * (step + 1) / Steps);
            double mass = 0;
            int used = 0;
            for (int i = from; i < to; i++)
            {
                mass += inside[i];
                if (p[i] > 0) used++;
            }
            for (int i = from; i < to; i++)
            {
                if (p[i] == 0) continue;
                // Mass that stands alone outside of what is kept must not divide by zero: it counts as one element.
                double q = Math.Max(mass / used, 1);
                sum += p[i] / total * Math.Log(p[i] / q);
            }
        }
        return sum + Math.Log(kept / total);
    }

    private static int Bin(ValueStatistics statistics, float real) => Math.Clamp((int)Math.Floor(real / statistics.BinWidth) + ValueStatistics.Bins / 2, 0, ValueStatistics.Bins - 1);
}
