using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Commands;
using Xunit;

namespace EdgeRuntime.Tests.Quantizing;

/// <summary>Losses, sizes and times as people write them.</summary>
public class QuantizationArgumentsTests
{
    [Theory]
    [InlineData("0.5%", 0.005), InlineData("0.005", 0.005), InlineData("0", 0), InlineData("0%", 0), InlineData("99%", 0.99)]
    public void Losses_are_shares_or_per_cent(string text, double loss) => Assert.Equal(loss, QuantizationArguments.ParseDrop(text), 1e-12);

    [Theory]
    [InlineData("1"), InlineData("100%"), InlineData("-1%"), InlineData("1e-3"), InlineData("NaN"), InlineData("%"), InlineData(""), InlineData("0,5%")]
    public void What_is_no_loss_is_refused(string text) => Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => QuantizationArguments.ParseDrop(text)).Code);

    [Theory]
    [InlineData("300kB", 300_000), InlineData("1.5MB", 1_500_000), InlineData("1234", 1234), InlineData("1234B", 1234), InlineData("2gb", 2_000_000_000)]
    public void Sizes_have_units(string text, long bytes) => Assert.Equal(bytes, QuantizationArguments.ParseSize(text));

    [Theory]
    [InlineData("5ms", 5), InlineData("0.25s", 250), InlineData("100us", 0.1), InlineData("7", 7)]
    public void Times_have_units(string text, double milliseconds) => Assert.Equal(milliseconds, QuantizationArguments.ParseTime(text), 1e-9);

    [Theory]
    [InlineData("0"), InlineData("-5kB"), InlineData("5 apples"), InlineData("kB"), InlineData("1e300GB"), InlineData("")]
    public void What_is_no_size_is_refused(string text)
    {
        Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => QuantizationArguments.ParseSize(text)).Code);
        Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => QuantizationArguments.ParseTime(text)).Code);
    }
}
