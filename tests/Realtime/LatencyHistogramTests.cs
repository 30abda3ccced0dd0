using EdgeRuntime.Realtime;
using Xunit;

namespace EdgeRuntime.Tests.Realtime;

public class LatencyHistogramTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(3, 7)]
    [InlineData(4, 10)]
    public void Percentiles_are_off_by_less_than_a_hundredth(int seed, int decades)
    {
        var random = new Random(seed);
        var histogram = new LatencyHistogram();
        var exact = new List<TimeSpan>();
        for (int i = 0; i < 5000; i++)
        {
            var duration = TimeSpan.FromTicks((long)Math.Pow(10, random.NextDouble() * decades));
            histogram.Add(duration);
            exact.Add(duration);
        }
        exact.Sort();

        Assert.Equal(exact.Count, histogram.Count);
        Assert.Equal(exact[0], histogram.Min);
        Assert.Equal(exact[^1], histogram.Max);
        Assert.Equal(exact.Average(e => e.Ticks), histogram.Mean.Ticks, 1.0);
        foreach (double part in (double[])[0, 0.001, 0.25, 0.5, 0.95, 0.99, 0.999, 1])
        {
            double expected = exact[Math.Max(0, (int)Math.Ceiling(part * exact.Count) - 1)].Ticks;
            Assert.InRange(histogram.Percentile(part).Ticks, expected * 0.99 - 1, expected * 1.01 + 1);
        }
    }

    [Fact]
    public void Histograms_added_are_as_if_all_were_in_one()
    {
        var random = new Random(5);
        LatencyHistogram one = new(), other = new(), both = new();
        for (int i = 0; i < 1000; i++)
        {
            var duration = TimeSpan.FromMicroseconds(random.Next(1, 1_000_000));
            (i % 3 == 0 ? one : other).Add(duration);
            both.Add(duration);
        }
        one.Add(other);

        Assert.Equal((both.Count, both.Min, both.Max, both.Mean), (one.Count, one.Min, one.Max, one.Mean));
        for (int i = 0; i <= 100; i++) Assert.Equal(both.Percentile(i / 100.0), one.Percentile(i / 100.0));
    }

    [Fact]
    public void What_is_out_of_bounds_is_counted_at_the_edge()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal(TimeSpan.Zero, histogram.Percentile(0.5));
        Assert.Equal(1, histogram.PartWithin(TimeSpan.Zero));
        histogram.Add(TimeSpan.FromSeconds(-1));
        histogram.Add(TimeSpan.MaxValue);
        Assert.Equal(2, histogram.Count);
        Assert.Equal(TimeSpan.Zero, histogram.Percentile(0.5));
        Assert.Equal(0.5, histogram.PartWithin(TimeSpan.FromHours(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => histogram.Percentile(double.NaN));
        histogram.Clear();
        Assert.Equal((0, TimeSpan.Zero, TimeSpan.Zero), (histogram.Count, histogram.Min, histogram.Max));
    }

    [Fact]
    public void Adding_allocates_nothing()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 10_000; i++) histogram.Add(TimeSpan.FromTicks(i * 997));
            histogram.Percentile(0.99);
        }));
    }
}
