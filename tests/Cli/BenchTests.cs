using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeRuntime.Tests.Unit;
using EdgeRuntime.Tools.Commands;
using Google.Protobuf;
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
            "peak_memory_bytes", "allocated_bytes", "outputs_match", "peers", "ratio", "layers",
            "max_ms", "noise", "rule", "histogram", "start", "operators", "peaks", "machine", "comparison", "notes"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal(20, root.GetProperty("runs").GetInt32());
        Assert.Equal(0, root.GetProperty("allocated_bytes").GetInt64());
        Assert.InRange(root.GetProperty("min_ms").GetDouble(), 1e-6, root.GetProperty("median_ms").GetDouble());
        JsonElement[] layers = [.. root.GetProperty("layers").EnumerateArray()];
        Assert.All(layers, l => Assert.Equal(["name", "operator", "backend", "kernel", "us", "share", "gflops", "gbps",
            "min_us", "noise_us", "operations", "bytes", "arithmetic", "peak_share", "bound"], l.EnumerateObject().Select(p => p.Name)));
        Assert.Equal(1, layers.Sum(l => l.GetProperty("share").GetDouble()), 6);
        Assert.DoesNotContain(layers, l => l.GetProperty("kernel").GetString() == "evaluate");
        Assert.Equal(20, root.GetProperty("histogram").GetProperty("counts").EnumerateArray().Sum(c => c.GetInt32()));
        Assert.Equal(layers.Length, root.GetProperty("operators").EnumerateArray().Sum(o => o.GetProperty("count").GetInt32()));
        JsonElement cold = root.GetProperty("start").GetProperty("cold");
        Assert.InRange(cold.GetProperty("load_ms").GetDouble(), 1e-3, 1e6);
        Assert.InRange(cold.GetProperty("idle_memory_bytes").GetInt64(), 1, root.GetProperty("peak_memory_bytes").GetInt64());
    }

    [Fact]
    public void Several_numbers_of_threads_are_an_object_a_line_and_can_be_compared_with()
    {
        using var folder = new TemporaryFolder();
        string old = Path.Combine(folder.Path, "old.json");
        Result first = Edgert.Run("bench", Model, "--backend", "cpu", "--runs", "10", "--threads", "1,2", "--no-start", "--json");
        Assert.Equal(ExitCode.Done, first.ExitCode);
        Assert.Equal([1, 2], first.Output.TrimEnd().Split('\n').Select(l => JsonDocument.Parse(l).RootElement.GetProperty("threads").GetInt32()));
        // So slow that whatever this machine does now, it is faster.
        File.WriteAllText(old, string.Join('\n', first.Output.TrimEnd().Split('\n').Select(Slowed)));
        Result second = Edgert.Run("bench", Model, "--backend", "cpu", "--runs", "10", "--threads", "1,2", "--no-start", "--compare", old);
        Assert.Equal(ExitCode.Done, second.ExitCode);
        Assert.Equal(2, second.Output.Split("FASTER").Length - 1);
        Assert.Contains("2 threads: ", second.Output);

        static string Slowed(string line)
        {
            JsonObject report = JsonNode.Parse(line)!.AsObject();
            report["median_ms"] = 1e6;
            report["noise"] = 0;
            return report.ToJsonString();
        }
    }

    [Fact]
    public void A_model_whose_shapes_depend_on_data_is_measured_without_its_layers()
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "places.onnx");
        File.WriteAllBytes(model, OnnxModels.Model(OnnxModels.Node("NonZero", "places", ["x"], "y")).ToByteArray());
        Result result = Edgert.Run("bench", model, "--input", "x=2x3", "--backend", "cpu", "--runs", "5", "--per-layer", "--no-start", "--json");
        Assert.Equal(ExitCode.Done, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.Equal(0, document.RootElement.GetProperty("layers").GetArrayLength());
        Assert.Contains("depend on data", document.RootElement.GetProperty("notes").ToString());
    }

    [Fact]
    public void All_backends_are_measured_or_named_with_the_reason()
    {
        Result result = Edgert.RunWith("VK_DRIVER_FILES", "/nonexistent.json", "bench", Model, "--backend", "all", "--threads", "1", "--runs", "5", "--no-start");
        Assert.Equal(ExitCode.Done, result.ExitCode);
        Assert.Contains(" on cpu,", result.Output);
        Assert.Contains("vulkan: not measured: ", result.Errors);
        Result noOpenCl = Edgert.RunWith("OCL_ICD_VENDORS", "/nonexistent.icd", "bench", Model, "--backend", "all", "--threads", "1", "--runs", "5", "--no-start");
        Assert.Equal(ExitCode.Done, noOpenCl.ExitCode);
        Assert.Contains("opencl: not measured: ", noOpenCl.Errors);
    }

    [Theory]
    [InlineData("--runs", "0")]
    [InlineData("--threads", "-1")]
    [InlineData("--threads", "1,x")]
    [InlineData("--compare", "another")]
    public void Option_out_of_range(string option, string value) =>
        Edgert.Run("bench", Model, option, value).AssertFailed(ExitCode.BadInput, "EDGE7001", value);
}
