namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// What a range costs: the mean square of the error that the readers of a value see when it is quantized so, by its histogram. Where a reader is a function of one number, the error counts after it: the flat tail of
/// a SiLU or a sigmoid costs nothing.
/// </summary>
internal sealed class RangeError
{
    /// <summary>What a model meets is more varied than what it is calibrated on: of so large a share of its inputs, values are taken to be larger by <see cref="UnseenFactor"/>.</summary>
    private const double UnseenShare = 0.05;

    /// <summary>See <see cref="UnseenShare"/>.</summary>
    public const double UnseenFactor = 1.5;

    private readonly double[] reals, weights;
    private readonly IReadOnlyList<Func<double, double>> readers;
    private readonly double[][] seen;

    /// <summary>Prepares.</summary>
    /// <param name="statistics">What was seen of the value.</param>
    /// <param name="readers">What readers make of an element; none where they take it as it is.</param>
    /// <param name="least">No element can be below this.</param>
    /// <param name="greatest">No element can be above this.</param>
    public RangeError(ValueStatistics statistics, IReadOnlyList<Func<double, double>> readers, double least = double.NegativeInfinity, double greatest = double.PositiveInfinity)
    {
        int[] bins = [.. Enumerable.Range(0, ValueStatistics.Bins).Where(b => statistics.Histogram[b] > 0)];
        // The outermost bins are wide beside what lies in them.
        double[] found = Array.ConvertAll(bins, b => (double)Math.Clamp(statistics.Middle(b), statistics.Min, statistics.Max));
        double count = Math.Max(1, statistics.Count - statistics.NotFinite);
        reals = [.. found, .. found.Select(x => Math.Clamp(x * UnseenFactor, least, greatest))];
        weights = [.. bins.Select(b => statistics.Histogram[b] / count * (1 - UnseenShare)), .. bins.Select(b => statistics.Histogram[b] / count * UnseenShare)];
        this.readers = readers;
        seen = [.. readers.Select(f => Array.ConvertAll(reals, x => f(x)))];
    }

    /// <summary>The mean square error of a range, that of several readers added up.</summary>
    public double Of(in ValueRange range)
    {
        double scale = range.Scale, inverse = 1 / scale, sum = 0;
        int zero = range.ZeroPoint;
        if (readers.Count == 0)
        {
            for (int i = 0; i < reals.Length; i++)
            {
                double q = Math.Clamp(Math.Round(reals[i] * inverse), -zero, 255 - zero), d = reals[i] - q * scale;
                sum += weights[i] * d * d;
            }
            return sum;
        }
        Span<double> table = stackalloc double[256];
        for (int r = 0; r < readers.Count; r++)
        {
            for (int q = 0; q < table.Length; q++) table[q] = readers[r]((q - zero) * scale);
            for (int i = 0; i < reals.Length; i++)
            {
                double d = seen[r][i] - table[(int)Math.Clamp(Math.Round(reals[i] * inverse) + zero, 0, 255)];
                sum += weights[i] * d * d;
            }
        }
        return sum;
    }
}
