using EdgeRuntime.Tools.Quantizing;
using Xunit;

namespace EdgeRuntime.Tests.Quantizing;

/// <summary>What calibration keeps of a value.</summary>
public sealed class ValueStatisticsTests
{
    [Fact]
    public void AHistogramGrowsAndKeepsItsElements()
    {
        var statistics = new ValueStatistics();
        statistics.Add([0.1f, -0.1f, 0.2f], 1);
        statistics.Add([1000, -3], 1);
        Assert.Equal((-3f, 1000f, 5L), (statistics.Min, statistics.Max, statistics.Count));
        Assert.Equal(5, statistics.Histogram.Sum());
        int top = Array.FindLastIndex(statistics.Histogram, n => n > 0);
        Assert.InRange(statistics.Middle(top), 1000 - statistics.BinWidth, 1000 + statistics.BinWidth);
        Assert.Equal(1, statistics.Histogram[top]);
    }

    [Theory]
    [InlineData(1e-3f, 50f)]
    [InlineData(50f, 1e-3f)]
    [InlineData(0f, 7f)]
    public void HistogramsOfSeveralValuesAddUp(float first, float second)
    {
        var (a, b, both) = (new ValueStatistics(), new ValueStatistics(), new ValueStatistics());
        float[] x = [first, -first, first / 3], y = [second, second / 7, -second / 3];
        a.Add(x, 1);
        b.Add(y, 1);
        both.Add([.. x, .. y], 1);
        a.Add(b);
        Assert.Equal((both.Min, both.Max, both.Count), (a.Min, a.Max, a.Count));
        Assert.Equal(both.Histogram, a.Histogram);
    }

    [Fact]
    public void ChannelsHaveExtremesMeansAndVariances()
    {
        var statistics = new ValueStatistics();
        float[] elements = [.. Enumerable.Range(0, 1000).SelectMany(i => new[] { i % 2 == 0 ? 1f : 3f, -5f, i == 7 ? 100f : 0f })];
        statistics.Add(elements, 3);
        Assert.Equal([1f, -5f, 0f], statistics.Lows.ToArray());
        Assert.Equal([3f, -5f, 100f], statistics.Highs.ToArray());
        Assert.Equal([2, -5, 0.1], statistics.ChannelMeans().Select(m => Math.Round(m, 9)));
        Assert.Equal([1, 0, 9.99], statistics.ChannelVariances().Select(v => Math.Round(v, 6)));
    }

    [Fact]
    public void WhatIsNotFiniteIsCountedAndLeftOut()
    {
        var statistics = new ValueStatistics();
        statistics.Add([1, float.NaN, -2, float.PositiveInfinity, .. new float[64]], 1);
        Assert.Equal((-2f, 1f, 68L, 2L), (statistics.Min, statistics.Max, statistics.Count, statistics.NotFinite));
        Assert.Equal(66, statistics.Histogram.Sum());
    }

    [Theory]
    [InlineData(float.MaxValue)]
    [InlineData(float.Epsilon)]
    [InlineData(0f)]
    public void ExtremeNumbersGetAFiniteRange(float x)
    {
        var statistics = new ValueStatistics();
        statistics.Add([x, x / 2], 1);
        ValueRange range = RangeSearch.Find(statistics, []);
        Assert.True(float.IsFinite(range.Scale) && range.Scale > 0);
    }
}
