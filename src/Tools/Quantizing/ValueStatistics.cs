using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>What calibration has seen of one value: its extremes, how often it was where between them, and the extremes of each channel.</summary>
/// <remarks>The histogram is symmetric about zero and reaches to a power of two, which doubles as larger elements come: so one run over the samples is enough, and histograms of several values add up.</remarks>
internal sealed class ValueStatistics
{
    /// <summary>Bins of the histogram.</summary>
    public const int Bins = 8192;

    /// <summary>The least reach, so that a value of zeros has bins too: 2⁻¹⁰⁰.</summary>
    private const float LeastReach = 7.8886090522101181e-31f;

    /// <summary>How many rows are summed up in single precision.</summary>
    private const int RowsTogether = 256;

    private float reach;
    private float[] lows = [], highs = [];
    private double[] sums = [], squares = [];
    private long rows;

    /// <summary>The least finite element.</summary>
    public float Min { get; private set; } = float.PositiveInfinity;

    /// <summary>The greatest finite element.</summary>
    public float Max { get; private set; } = float.NegativeInfinity;

    /// <summary>Elements seen.</summary>
    public long Count { get; private set; }

    /// <summary>Elements that were no finite number.</summary>
    public long NotFinite { get; private set; }

    /// <summary>How many elements fell into each of <see cref="Bins"/> bins of equal width, which reach as far below zero as above it.</summary>
    public long[] Histogram { get; } = new long[Bins];

    /// <summary>The least element of each channel, the last dimension; empty where nothing was seen.</summary>
    public ReadOnlySpan<float> Lows => lows;

    /// <summary>The greatest element of each channel; empty where nothing was seen.</summary>
    public ReadOnlySpan<float> Highs => highs;

    /// <summary>The largest |x| of each channel; empty where nothing was seen.</summary>
    public float[] Channels => [.. lows.Zip(highs, (low, high) => Math.Max(-low, high))];

    /// <summary>The mean of each channel; empty where nothing was seen.</summary>
    public double[] ChannelMeans() => Array.ConvertAll(sums, s => s / rows);

    /// <summary>How far each channel strays from its mean, squared.</summary>
    public double[] ChannelVariances() => [.. sums.Select((s, c) => Math.Max(0, squares[c] / rows - s / rows * (s / rows)))];

    /// <summary>True when no finite element was seen.</summary>
    public bool IsEmpty => Count == NotFinite;

    /// <summary>Width of a bin.</summary>
    public float BinWidth => reach * 2 / Bins;

    /// <summary>The real in the middle of a bin.</summary>
    public float Middle(int bin) => (bin + 0.5f - Bins / 2) * BinWidth;

    /// <summary>Takes in the elements of one tensor.</summary>
    /// <param name="elements">The elements.</param>
    /// <param name="width">Size of the last dimension.</param>
    public void Add(ReadOnlySpan<float> elements, int width)
    {
        if (elements.IsEmpty) return;
        Count += elements.Length;
        (float min, float max) = Extremes(elements);
        bool finite = float.IsFinite(min) && float.IsFinite(max);
        if (!finite) (min, max) = FiniteExtremes(elements);
        if (min > max) return;
        Min = Math.Min(Min, min);
        Max = Math.Max(Max, max);
        Reach(Math.Max(-min, max));
        float scale = Bins / 2 / reach;
        foreach (float x in elements)
            if (finite || float.IsFinite(x)) Histogram[Math.Min((int)(x * scale + Bins / 2), Bins - 1)]++;
        if (finite) AddChannels(elements, width);
    }

    /// <summary>Takes in what was seen of another value.</summary>
    public void Add(ValueStatistics other)
    {
        if (other.IsEmpty) return;
        Min = Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
        Count += other.Count;
        NotFinite += other.NotFinite;
        Reach(other.reach * 0.75f);
        int shrink = (int)Math.Clamp(Math.Round(Math.Log2(reach / (double)other.reach)), 0, 31);
        for (int bin = 0; bin < Bins; bin++) Histogram[((bin - Bins / 2) >> shrink) + Bins / 2] += other.Histogram[bin];
    }

    /// <summary>Makes the histogram reach beyond <paramref name="largest"/>: neighbours become one bin.</summary>
    private void Reach(float largest)
    {
        if (reach == 0) reach = LeastReach;
        if (largest < reach) return;
        int doublings = 0;
        for (; largest >= reach; doublings++) reach *= 2;
        doublings = Math.Min(doublings, 31);
        long[] wide = new long[Bins];
        for (int bin = 0; bin < Bins; bin++) wide[((bin - Bins / 2) >> doublings) + Bins / 2] += Histogram[bin];
        wide.CopyTo(Histogram, 0);
    }

    private static (float Min, float Max) Extremes(ReadOnlySpan<float> elements)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(elements);
        Vector<float> low = new(elements[0]), high = low;
        // Comparisons with NaN are false both ways; the sum of differences is not finite where any element is not.
        Vector<float> sum = Vector<float>.Zero;
        foreach (Vector<float> x in vectors)
        {
            low = Vector.Min(low, x);
            high = Vector.Max(high, x);
            sum += x - x;
        }
        float min = elements[0], max = min, rest = Vector.Sum(sum);
        for (int i = 0; i < Vector<float>.Count; i++) (min, max) = (Math.Min(min, low[i]), Math.Max(max, high[i]));
        foreach (float x in elements[(vectors.Length * Vector<float>.Count)..])
        {
            (min, max) = (Math.Min(min, x), Math.Max(max, x));
            rest += x - x;
        }
        return rest == 0 ? (min, max) : (float.NaN, float.NaN);
    }

    private (float Min, float Max) FiniteExtremes(ReadOnlySpan<float> elements)
    {
        (float min, float max) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (float x in elements)
        {
            if (float.IsFinite(x)) (min, max) = (Math.Min(min, x), Math.Max(max, x));
            else NotFinite++;
        }
        return (min, max);
    }

    private void AddChannels(ReadOnlySpan<float> elements, int width)
    {
        if (lows.Length == 0)
        {
            (lows, highs, sums, squares) = (new float[width], new float[width], new double[width], new double[width]);
            lows.AsSpan().Fill(float.PositiveInfinity);
            highs.AsSpan().Fill(float.NegativeInfinity);
        }
        if (lows.Length != width) return;
        // Sums of one tensor fit single precision well enough for a few rows at a time.
        float[] sum = new float[width], square = new float[width];
        int step = Vector<float>.Count;
        for (int row = 0; row + width <= elements.Length; row += width)
        {
            ReadOnlySpan<float> x = elements.Slice(row, width);
            int c = 0;
            for (; c + step <= width; c += step)
            {
                var v = new Vector<float>(x[c..]);
                Vector.Min(new Vector<float>(lows, c), v).CopyTo(lows, c);
                Vector.Max(new Vector<float>(highs, c), v).CopyTo(highs, c);
                (new Vector<float>(sum, c) + v).CopyTo(sum, c);
                (new Vector<float>(square, c) + v * v).CopyTo(square, c);
            }
            for (; c < width; c++)
            {
                (lows[c], highs[c]) = (Math.Min(lows[c], x[c]), Math.Max(highs[c], x[c]));
                sum[c] += x[c];
                square[c] += x[c] * x[c];
            }
            rows++;
            if (rows % RowsTogether == 0) Flush(sum, square);
        }
        Flush(sum, square);
    }

    private void Flush(float[] sum, float[] square)
    {
        for (int c = 0; c < sum.Length; c++)
        {
            sums[c] += sum[c];
            squares[c] += square[c];
            (sum[c], square[c]) = (0, 0);
        }
    }
}
