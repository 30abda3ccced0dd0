using System.Text.Json;
using EdgeRuntime.Tools.Commands;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>The verb bench, from outside: what it prints is a contract. How fast anything is, no test says.</summary>
public class BenchTests
{
    private static readonly string Model = Repository.File("models", "blazeface-front.edge");

    [Fact]
    public void Json_has_the_documented_names_and_running_makes_no_garbage()
    {
        Result result = Edgert.Run("bench", Model, "--runs", "20", "--threads", "1", "--per-layer", "--json");
        Assert.Equal(ExitCode.Done, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        JsonElement root = document.RootElement;
        Assert.Equal(["model", "backend", "device", "threads", "precision", "runs", "median_ms", "min_ms", "p90_ms", "p95_ms", "p99_ms", "load_ms", "first_ms",
            "peak_memory_bytes", "allocated_bytes", "outputs_match", "peers", "ratio", "layers"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal(20, root.GetProperty("runs").GetInt32());
        Assert.Equal(0, root.GetProperty("allocated_bytes").GetInt64());
        Assert.InRange(root.GetProperty("min_ms").GetDouble(), 1e-6, root.GetProperty("median_ms").GetDouble());
        JsonElement[] layers = [.. root.GetProperty("layers").EnumerateArray()];
        Assert.All(layers, l => Assert.Equal(["name", "operator", "backend", "kernel", "us", "share", "gflops", "gbps"], l.EnumerateObject().Select(p => p.Name)));
        Assert.Equal(1, layers.Sum(l => l.GetProperty("share").GetDouble()), 6);
        Assert.DoesNotContain(layers, l => l.GetProperty("kernel").GetString() == "evaluate");
    }

    [Theory]
    [InlineData("--runs", "0")]
    [InlineData("--threads", "-1")]
    [InlineData("--compare", "another")]
    public void Option_out_of_range(string option, string value) =>
        Edgert.Run("bench", Model, option, value).AssertFailed(ExitCode.BadInput, "EDGE7001", value);
}
