using EdgeRuntime.Tools.Benchmark;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>The loops that peaks are measured with: they compute what they claim to have computed. How fast, no test says.</summary>
public class MachinePeaksTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1013)]
    public void Every_loop_counts_its_own_multiply_adds(int rounds)
    {
        PeakLoop[] loops = [.. PeakLoops.Floats(), .. PeakLoops.Integers()];
        Assert.True(loops.Length >= 3);
        Assert.All(loops, loop => Assert.Equal((long)rounds * loop.OperationsPerRound, 2 * loop.Run(rounds)));
    }

    [Fact]
    public void Sums_of_floats_are_exact_as_long_as_tries_take()
    {
        PeakLoop loop = PeakLoops.Floats().First();
        Assert.Equal((1L << 20) * loop.OperationsPerRound, 2 * loop.Run(1 << 20));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [InlineData(6400)]
    public void Everything_is_read_once(int length)
    {
        Assert.Equal(0, length % PeakLoops.LongsPerRound);
        long[] block = [.. Enumerable.Range(0, length).Select(i => (long)i * i + 1)];
        Assert.Equal(block.Sum(), PeakLoops.Read(block));
    }

    [Theory]
    [InlineData("32K", 32768)]
    [InlineData("1M", 1048576)]
    [InlineData("512", 512)]
    [InlineData("", 0)]
    [InlineData("K", 0)]
    [InlineData("-1K", 0)]
    [InlineData("99999999999999M", 0)]
    public void Sizes_of_caches(string text, long bytes) => Assert.Equal(bytes, CacheSizes.Parse(text));

    [Theory]
    [InlineData(512 << 10, 8 << 20, 1)]
    [InlineData(1 << 20, 32 << 20, 2)]
    [InlineData(32 << 10, 512 << 10, 4)]
    [InlineData(1 << 20, 1 << 20, 64)]
    public void Samples_lie_where_they_should(long perCore, long last, int threads)
    {
        var caches = new CacheSizes(perCore, last);
        Assert.InRange(caches.CacheSample(threads), 1, last);
        Assert.True(caches.MemorySample(threads) >= 2 * last);
    }

    [Fact]
    public void Peaks_are_figures_and_measured_once()
    {
        PeakFigures peaks = MachinePeaks.Measure(1);
        Assert.All([peaks.Gflops, peaks.Gops, peaks.MemoryGbps, peaks.CacheGbps], figure => Assert.InRange(figure, 1e-3, 1e9));
        Assert.Same(peaks, MachinePeaks.Measure(1));
    }
}
