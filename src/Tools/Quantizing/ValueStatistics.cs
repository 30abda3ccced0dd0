namespace EdgeRuntime.Tools.Quantizing;

/// <summary>What calibration has seen of one value: its extremes, and how often it was where between them.</summary>
internal sealed class ValueStatistics
{
    /// <summary>Bins of the histogram.</summary>
    public const int Bins = 2048;

    private float binLow, binWidth;

    /// <summary>The least finite element.</summary>
    public float Min { get; private set; } = float.PositiveInfinity;

    /// <summary>The greatest finite element.</summary>
    public float Max { get; private set; } = float.NegativeInfinity;

    /// <summary>Elements seen.</summary>
    public long Count { get; private set; }

    /// <summary>Elements that were no finite number.</summary>
    public long NotFinite { get; private set; }

    /// <summary>How many elements fell between <see cref="Min"/> and <see cref="Max"/>, in bins of equal width; empty until <see cref="Bin"/>.</summary>
    public long[] Histogram { get; private set; } = [];

    /// <summary>True when no finite element was seen.</summary>
    public bool IsEmpty => Count == NotFinite;

    /// <summary>Takes in the elements of one tensor: first pass over the samples.</summary>
    public void Widen(ReadOnlySpan<float> elements)
    {
        float min = Min, max = Max;
        foreach (float x in elements)
        {
            if (!float.IsFinite(x))
            {
                NotFinite++;
                continue;
            }
            if (x < min) min = x;
            if (x > max) max = x;
        }
        (Min, Max) = (min, max);
        Count += elements.Length;
    }

    /// <summary>Counts the elements of one tensor: second pass.</summary>
    public void Bin(ReadOnlySpan<float> elements)
    {
        if (Histogram.Length == 0)
        {
            Histogram = new long[Bins];
            (binLow, binWidth) = (Min, (float)(((double)Max - Min) / Bins));
        }
        float scale = binWidth > 0 ? 1 / binWidth : 0;
        foreach (float x in elements)
            if (float.IsFinite(x)) Histogram[Math.Clamp((int)((x - binLow) * scale), 0, Bins - 1)]++;
    }

    /// <summary>The real in the middle of a bin.</summary>
    public float Middle(int bin) => binLow + (bin + 0.5f) * binWidth;
}
