namespace EdgeRuntime.Tools.Quantizing;

/// <summary>Ways to find a range.</summary>
internal enum RangeMethod
{
    /// <summary>The one of the others that costs least.</summary>
    Best,

    /// <summary>From the least to the greatest.</summary>
    MinMax,

    /// <summary>Without the outermost elements: 1 of 1,000 to 1 of 1,000,000.</summary>
    Percentile,

    /// <summary>Where the mean square error is least.</summary>
    SquareError,

    /// <summary>Where the distribution that is left tells most of the one that was.</summary>
    Entropy,
}

/// <summary>Finds the range of one value that costs least by <see cref="RangeError"/>.</summary>
internal static class RangeSearch
{
    private const float Wide = (float)RangeError.UnseenFactor;

    private static readonly double[] Percentiles = [0.999, 0.9999, 0.99999, 0.999999];

    /// <summary>The range.</summary>
    /// <param name="statistics">What was seen of the value.</param>
    /// <param name="readers">What readers make of an element; none where they take it as it is.</param>
    /// <param name="method">The way to find it.</param>
    /// <param name="least">No element can be below this.</param>
    /// <param name="greatest">No element can be above this.</param>
    public static ValueRange Find(ValueStatistics statistics, IReadOnlyList<Func<double, double>> readers, RangeMethod method = RangeMethod.Best, double least = double.NegativeInfinity,
        double greatest = double.PositiveInfinity)
    {
        if (statistics.IsEmpty) return ValueRange.Of(0, 0, "min-max");
        ValueRange all = ValueRange.Of(statistics.Min, statistics.Max, "min-max");
        if (method == RangeMethod.MinMax || all.Low == all.High || !float.IsFinite(statistics.BinWidth)) return all;
        ValueRange wide = ValueRange.Of((float)Math.Max(all.Low * Wide, Math.Max(least, -float.MaxValue)), (float)Math.Min(all.High * Wide, Math.Min(greatest, float.MaxValue)), "mse");
        var error = new RangeError(statistics, readers, least, greatest);
        var candidates = new List<ValueRange>();
        if (method == RangeMethod.Best) candidates.Add(all);
        if (method is RangeMethod.Best or RangeMethod.Percentile) candidates.AddRange(Percentiles.Select(p => Percentile(statistics, p)));
        if (method is RangeMethod.Best or RangeMethod.Entropy) candidates.Add(EntropyRange.Of(statistics));
        if (method is RangeMethod.Best or RangeMethod.SquareError) candidates.Add(SquareError(error, wide));
        return candidates.MinBy(c => error.Of(c));
    }

    /// <summary>The range that holds this share of all elements above its low end, and as many below its high end.</summary>
    public static ValueRange Percentile(ValueStatistics statistics, double share)
    {
        long[] histogram = statistics.Histogram;
        double outside = (statistics.Count - statistics.NotFinite) * (1 - share);
        int low = 0, high = ValueStatistics.Bins - 1;
        for (double left = outside; low < high && (left -= histogram[low]) >= 0; low++) { }
        for (double left = outside; high > low && (left -= histogram[high]) >= 0; high--) { }
        float half = statistics.BinWidth / 2;
        return ValueRange.Of(Math.Max(statistics.Min, statistics.Middle(low) - half), Math.Min(statistics.Max, statistics.Middle(high) + half), "percentile");
    }

    /// <summary>Moves one end after the other inwards, and looks closer where it was best.</summary>
    private static ValueRange SquareError(RangeError error, in ValueRange all)
    {
        ValueRange best = all;
        double least = error.Of(best);
        for (int round = 0; round < 2; round++)
        {
            // Coarse from the extremes inwards, then fine around the best.
            for (int step = 1; round == 0 && step <= 30; step++)
            {
                double keep = Math.Pow(0.9, step);
                Try(best with { High = (float)(all.High * keep) });
            }
            for (int step = 1; round == 0 && step <= 30; step++)
            {
                double keep = Math.Pow(0.9, step);
                Try(best with { Low = (float)(all.Low * keep) });
            }
            ValueRange centre = best;
            for (int step = -5; step <= 5; step++) Try(best with { High = Math.Min(all.High, centre.High * (1 + step * 0.015f)) });
            for (int step = -5; step <= 5; step++) Try(best with { Low = Math.Max(all.Low, centre.Low * (1 + step * 0.015f)) });
        }
        return best;

        void Try(ValueRange range)
        {
            if (range.High - range.Low <= 0) return;
            double cost = error.Of(range);
            if (cost < least) (best, least) = (range, cost);
        }
    }
}
