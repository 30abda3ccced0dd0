using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Benchmark;
using Xunit;

namespace EdgeRuntime.Tests.Benchmark;

/// <summary>Reading what an older run wrote, and finding in it what to compare with.</summary>
public class OldRunTests
{
    [Fact]
    public void Each_report_finds_the_one_of_its_model_backend_threads_and_precision()
    {
        using var folder = new TemporaryFolder();
        BenchReport one = Report(1, 10), two = Report(2, 6);
        OldRun old = OldRun.Read(Written(folder, one, two));
        Assert.Equal(10, old.Compare(one)!.Model.OldMs);
        Assert.Equal(6, old.Compare(two)!.Model.OldMs);
        Assert.Null(old.Compare(one with { Precision = "int8" }));
        Assert.Null(old.Compare(one with { Backend = "vulkan" }));
        Assert.Null(old.Compare(one with { Model = "another" }));
    }

    [Fact]
    public void Layers_are_compared_by_name_and_operator_and_only_real_changes_are_flagged()
    {
        using var folder = new TemporaryFolder();
        BenchReport before = Report(1, 10, Layer("a", 100), Layer("b", 100, noise: 10), Layer("gone", 5));
        BenchReport now = Report(1, 10, Layer("a", 120), Layer("b", 120), Layer("new", 5), Layer("a2", 1));
        RunComparison comparison = OldRun.Read(Written(folder, before)).Compare(now)!;
        Assert.Equal(FigureChange.Same, comparison.Model.Verdict);
        Assert.False(comparison.IsSlower);
        Assert.Equal([("a", FigureChange.Slower), ("b", FigureChange.Same)], comparison.Layers.Select(l => (l.Name, l.Verdict)));
        Assert.Equal(0.3, comparison.Layers[1].Allowed, 9);
        Assert.Equal(["new", "a2", "gone"], comparison.Unmatched);
    }

    [Fact]
    public void Layers_of_one_run_alone_say_nothing()
    {
        using var folder = new TemporaryFolder();
        RunComparison comparison = OldRun.Read(Written(folder, Report(1, 10))).Compare(Report(1, 20, Layer("a", 1)))!;
        Assert.Empty(comparison.Layers);
        Assert.Empty(comparison.Unmatched);
        Assert.True(comparison.IsSlower);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("3")]
    [InlineData("{\"model\": \"x\"}")]
    [InlineData("{\"model\": \"x\", \"median_ms\": 0, \"layers\": []}")]
    [InlineData("{\"model\": \"x\", \"median_ms\": 1, \"layers\": null}")]
    public void Other_files_are_refused(string text)
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "old.json");
        File.WriteAllText(file, text);
        EdgeException error = Assert.Throws<EdgeException>(() => OldRun.Read(file));
        Assert.Equal(ErrorCode.BadUsage, error.Code);
    }

    private static string Written(TemporaryFolder folder, params BenchReport[] reports)
    {
        string file = Path.Combine(folder.Path, "old.json");
        File.WriteAllText(file, string.Join('\n', reports.Select(r => JsonSerializer.Serialize(r, BenchJson.Default.BenchReport))));
        return file;
    }

    internal static BenchReport Report(int threads, double median, params LayerTime[] layers) =>
        new("model", "cpu", "X64", threads, "fp32", 100, median, median, median, median, median, 1, 1, 1, 0, null, [], null, layers);

    internal static LayerTime Layer(string name, double us, double noise = 0) => new(name, "Conv", "cpu", "conv1x1_f32_6x16", us, 0.1, 1, 1) { NoiseUs = noise };
}
