using EdgeRuntime.Operators;
using EdgeRuntime.Tools.Quantizing;
using Xunit;

namespace EdgeRuntime.Tests.Quantizing;

/// <summary>Ranges of made distributions.</summary>
public sealed class RangeSearchTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AFewOutliersDoNotTakeTheStepsOfAllOthers(int seed)
    {
        ValueStatistics statistics = Normal(seed, 2_000_000, outlier: 60);
        var error = new RangeError(statistics, []);
        ValueRange all = RangeSearch.Find(statistics, [], RangeMethod.MinMax), best = RangeSearch.Find(statistics, []);
        Assert.Equal(60, all.High);
        Assert.InRange(best.High, 3, 30);
        Assert.True(error.Of(best) < error.Of(all) / 2);
        foreach (RangeMethod method in Enum.GetValues<RangeMethod>()) Assert.True(error.Of(best) <= error.Of(RangeSearch.Find(statistics, [], method)), $"{method} is better");
    }

    [Fact]
    public void ATailThatAFunctionFlattensCostsNothing()
    {
        var statistics = new ValueStatistics();
        var random = new Random(5);
        statistics.Add([.. Enumerable.Range(0, 100_000).Select(_ => random.NextSingle() * 48 - 40)], 1);
        ValueRange plain = RangeSearch.Find(statistics, []), swish = RangeSearch.Find(statistics, [x => UnaryMath.Apply(UnaryFunction.Swish, x, 1, 0)]);
        Assert.True(plain.Low < -30);
        Assert.InRange(swish.Low, -10, -2);
        Assert.InRange(swish.High, 7, 12);
    }

    [Fact]
    public void UniformNumbersKeepTheirExtremes()
    {
        var statistics = new ValueStatistics();
        statistics.Add([.. Enumerable.Range(0, 10_001).Select(i => i / 10_000f)], 1);
        ValueRange range = RangeSearch.Find(statistics, [], least: 0, greatest: 1);
        Assert.Equal(0, range.Low);
        Assert.InRange(range.High, 0.98f, 1);
    }

    [Fact]
    public void APercentileLeavesOutWhatItSays()
    {
        var statistics = new ValueStatistics();
        statistics.Add([.. Enumerable.Range(0, 100_000).Select(i => i < 50 ? 100f : i % 1000 / 1000f)], 1);
        Assert.InRange(RangeSearch.Percentile(statistics, 0.999).High, 0.99f, 1.1f);
        Assert.Equal(100, RangeSearch.Percentile(statistics, 0.9999).High);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(-5)]
    public void AConstantIsMetExactly(float constant)
    {
        var statistics = new ValueStatistics();
        statistics.Add([constant, constant], 1);
        ValueRange range = RangeSearch.Find(statistics, []);
        int q = Requantize.Quantize(constant, range.Scale, range.ZeroPoint, 0, 255);
        Assert.Equal(constant, (q - range.ZeroPoint) * range.Scale, 5e-2);
    }

    private static ValueStatistics Normal(int seed, int count, float outlier)
    {
        var random = new Random(seed);
        float[] elements = [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        elements[0] = outlier;
        var statistics = new ValueStatistics();
        statistics.Add(elements, 1);
        return statistics;
    }
}
