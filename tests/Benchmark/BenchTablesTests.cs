using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Commands;
using Xunit;

namespace EdgeRuntime.Tests.Benchmark;

/// <summary>What people see: within their terminal, and with every figure that was measured.</summary>
public class BenchTablesTests
{
    public static TheoryData<int> Widths => [80, 100, 120, 160];

    [Theory]
    [MemberData(nameof(Widths))]
    public void No_line_is_wider_than_the_terminal(int width)
    {
        BenchReport report = Full();
        Assert.All(BenchTables.Of(report, width).Where(l => !l.StartsWith("note", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 0, width));
    }

    [Fact]
    public void Every_figure_is_there()
    {
        string text = string.Join('\n', BenchTables.Of(Full(), 120));
        Assert.All((string[])["2 threads", "MLPerf", "p90", "p95", "p99", "max", "noise", "onnxruntime 1.29.0", "ratio     0.50", "cold", "warm", "peak of a process", "bytes in", "SLOWER", "1 of 1 layer",
            "GFLOP/s", "peak%", "Conv", "█", "81c", "120i"], part => Assert.Contains(part, text));
    }

    [Fact]
    public void A_report_of_little_has_no_empty_tables()
    {
        string text = string.Join('\n', BenchTables.Of(OldRunTests.Report(1, 2), 80));
        Assert.DoesNotContain("operator", text);
        Assert.DoesNotContain("onnxruntime", text);
        Assert.Contains("1 thread (", text);
    }

    private static BenchReport Full()
    {
        double[] samples = [.. Enumerable.Range(0, 200).Select(i => 123.4 + i)];
        var histogram = LatencyHistogram.Of(samples);
        LayerTime long1 = OldRunTests.Layer("model/backbone/stage_one/with_a_very_long_name/conv2d/BiasAdd", 123456.7, 12) with { Kernel = "conv_winograd_f32_with_a_long_name_6x16", PeakShare = 0.81, Bound = "compute" };
        LayerTime other = long1 with { Name = "model/backbone/short", Operator = "LongOperatorName", Backend = "vulkan", Gflops = 120, Gbps = 9999, Arithmetic = LayerTime.Integer, Bound = "memory" };
        BenchReport report = OldRunTests.Report(2, 123.4, long1, other) with
        {
            Model = "a-model-with-a-long-name",
            Device = "A device that has a long name (LLVM 15.0.6, 256 bits)",
            Rule = "MLPerf single stream",
            MaxMs = 500,
            Noise = 0.123,
            Histogram = histogram,
            Peers = [new PeerReport("onnxruntime", "1.29.0", 246.8, 200) { Histogram = LatencyHistogram.Of(samples, histogram.LimitsMs) }],
            Ratio = 0.5,
            OutputsMatch = true,
            Start = StartMeasurement.Summarize(new StartTimes(1234, 567) { PeakMemoryBytes = 234_000_000, IdleMemoryBytes = 50_000_000 }, new StartTimes(50, 20),
                new StartTimes(1000, 100) { PeakMemoryBytes = 334_000_000, IdleMemoryBytes = 50_000_000 }, new StartTimes(80, 10)),
            Peaks = new PeakFigures(2, 200, 800, 20, 100),
            Notes = ["a note"],
            Comparison = new RunComparison("old.json", OldRun.Judge("model", 100, 123.4, 1, 0), [OldRun.Judge(long1.Name, 90, 123.4567, 1, 0)]) { Unmatched = ["x"] },
        };
        return report with { Operators = LayerProfile.Totals(report.Layers) };
    }
}
