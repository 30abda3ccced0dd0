using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Reports;
using Xunit;

namespace EdgeRuntime.Tests.Benchmark;

/// <summary>The arithmetic of figures: percentiles, noise, histograms, and what counts as a change; with numbers computed by hand.</summary>
public class FigureTests
{
    [Fact]
    public void Percentiles_are_samples_that_so_many_do_not_exceed()
    {
        var samples = new LatencySamples("runs");
        foreach (int ms in Enumerable.Range(1, 200).Reverse()) samples.Add(TimeSpan.FromMilliseconds(ms));
        Assert.Equal(new LatencySummary(1, 100, 180, 190, 198, 200), samples.Summarize());
    }

    [Fact]
    public void Noise_is_how_far_the_medians_of_ten_parts_lie_apart()
    {
        // Ten parts of three runs; in each one run is disturbed, which its median does not see.
        double[] samples = [.. Enumerable.Range(0, 10).SelectMany(part => (double[])[part, 1000, part])];
        // Medians 0 to 9: their median is 4.5, the distances from it 0.5, 1.5 ... 4.5, each twice.
        Assert.Equal(1.4826 * 2.5, BlockNoise.Of(samples), 9);
        Assert.Equal(0, BlockNoise.Of(Enumerable.Repeat(7.0, 50).ToArray()));
        Assert.Equal(0, BlockNoise.RelativeOf([]));
    }

    [Fact]
    public void A_disturbed_part_does_not_make_noise()
    {
        double[] samples = [.. Enumerable.Repeat(10.0, 90), .. Enumerable.Repeat(1000.0, 10)];
        Assert.Equal(0, BlockNoise.RelativeOf(samples));
    }

    [Fact]
    public void Histograms_hold_every_sample_and_a_few_long_ones_do_not_squeeze_the_rest()
    {
        double[] samples = [.. Enumerable.Range(0, 99).Select(i => 10 + i / 100.0), 500];
        var histogram = LatencyHistogram.Of(samples);
        Assert.Equal(100, histogram.Counts.Sum());
        Assert.Equal(histogram.Counts.Length + 1, histogram.LimitsMs.Length);
        Assert.Equal(10, histogram.LimitsMs[0]);
        Assert.InRange(histogram.LimitsMs[^1], 10.9, 11);
        Assert.All(histogram.Counts, count => Assert.InRange(count, 9, 13));
        Assert.Equal([0, 0, 3], LatencyHistogram.Of([2.5, 99, 3], [0, 1, 2, 3]).Counts);
        Assert.Equal([2, 0, 0], LatencyHistogram.Of([-1, 0.5], [0, 1, 2, 3]).Counts);
        Assert.Equal([3], LatencyHistogram.Of([4, 4, 4]).Counts);
        Assert.Equal([0], LatencyHistogram.Of([]).Counts);
    }

    [Theory]
    [InlineData(10, 10.4, 0, FigureChange.Same)]
    [InlineData(10, 10.6, 0, FigureChange.Slower)]
    [InlineData(10, 9.4, 0, FigureChange.Faster)]
    [InlineData(10, 10.6, 0.3, FigureChange.Same)] // 6 % is less than three times 3 %.
    [InlineData(10, 11, 0.3, FigureChange.Slower)]
    [InlineData(10, 9, 0.4, FigureChange.Same)]
    public void A_change_exceeds_five_percent_and_three_times_the_noise(double old, double now, double noise, string verdict) =>
        Assert.Equal(verdict, OldRun.Judge("x", old, now, noise, 0).Verdict);

    [Fact]
    public void What_the_clock_cannot_tell_is_no_change()
    {
        Assert.Equal(FigureChange.Same, OldRun.Judge("x", 0.0002, 0.00025, 0, 0.0001).Verdict);
        Assert.Equal(FigureChange.Same, OldRun.Judge("x", 0, 1, 0, 0.0001).Verdict);
    }

    [Fact]
    public void Layers_are_added_up_by_operator()
    {
        LayerTime[] layers =
        [
            new("a", "Conv", "cpu", "k", 10, 0.25, 2, 1) { Operations = 20_000, Bytes = 10_000 },
            new("b", "Pool", "cpu", "k", 5, 0.125, 0, 1) { Bytes = 5_000 },
            new("c", "Conv", "cpu", "k", 25, 0.625, 4, 2) { Operations = 100_000, Bytes = 60_000 },
        ];
        OperatorTime[] totals = LayerProfile.Totals(layers);
        Assert.Equal(["Conv", "Pool"], totals.Select(t => t.Operator));
        Assert.Equal((2, 35, 0.875), (totals[0].Count, totals[0].Us, totals[0].Share));
        Assert.Equal(120 / 35.0, totals[0].Gflops, 9);
        Assert.Equal(2, totals[0].Gbps, 9);
    }

    [Fact]
    public void A_layer_is_bound_by_what_it_uses_the_larger_share_of()
    {
        var peaks = new PeakFigures(1, Gflops: 100, Gops: 400, MemoryGbps: 10, CacheGbps: 50);
        Assert.Equal((0.5, "compute"), LayerProfile.Against(peaks, new LayerTime("a", "Conv", "cpu", "k", 1, 1, 50, 5)));
        Assert.Equal((0.4, "memory"), LayerProfile.Against(peaks, new LayerTime("a", "Conv", "cpu", "k", 1, 1, 10, 20)));
        Assert.Equal((0.25, "compute"), LayerProfile.Against(peaks, new LayerTime("a", "Conv", "cpu", "k", 1, 1, 100, 5) { Arithmetic = LayerTime.Integer }));
        Assert.Equal((null, null), LayerProfile.Against(null, new LayerTime("a", "Conv", "cpu", "k", 1, 1, 50, 5)));
    }

    [Fact]
    public void Ratios_of_starts_are_ours_by_the_peers()
    {
        var ours = new StartTimes(30, 10) { PeakMemoryBytes = 50, IdleMemoryBytes = 20 };
        var peer = new StartTimes(90, 10) { PeakMemoryBytes = 200, IdleMemoryBytes = 20 };
        StartReport report = StartMeasurement.Summarize(ours, new StartTimes(5, 5), peer, new StartTimes(40, 10));
        Assert.Equal((0.4, 0.2, 0.25), (report.ColdRatio!.Value, report.WarmRatio!.Value, report.MemoryRatio!.Value));
        StartReport alone = StartMeasurement.Summarize(ours, ours, null, null);
        Assert.Equal((null, null, null), (alone.ColdRatio, alone.WarmRatio, alone.MemoryRatio));
    }
}
