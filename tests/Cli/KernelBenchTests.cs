using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Commands;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>One step alone, in every way to execute it.</summary>
public class KernelBenchTests
{
    private static readonly string Model = Repository.File("models", "blazeface-front.edge");

    [Theory]
    [InlineData("conv 56x56x24 3x3 s2 -> 144 relu", "f32[1x56x56x24]", "f32[1x28x28x144]", 2L * 28 * 28 * 144 * 9 * 24)]
    [InlineData("conv 56x56x24 3x3 s2 ->144", "f32[1x56x56x24]", "f32[1x28x28x144]", 2L * 28 * 28 * 144 * 9 * 24)]
    [InlineData("conv 7x5x8 3x3 valid -> 4", "f32[1x7x5x8]", "f32[1x5x3x4]", 2L * 5 * 3 * 4 * 9 * 8)]
    [InlineData("conv 9x9x8 3x3 d2 g2 -> 6 silu", "f32[1x9x9x8]", "f32[1x9x9x6]", 2L * 9 * 9 * 6 * 9 * 4)]
    [InlineData("depthwise 11x13x17 5x5 relu6", "f32[1x11x13x17]", "f32[1x11x13x17]", 2L * 11 * 13 * 17 * 25)]
    [InlineData("matmul 3x5x7", "f32[3x5]", "f32[3x7]", 2L * 3 * 5 * 7)]
    public void Words_make_a_step(string text, string input, string output, long operations)
    {
        Graph graph = KernelText.Parse(text);
        using var layer = SingleLayer.Of(graph);
        Assert.Equal(input, layer.Values[0].Type.ToString());
        Assert.Equal(output, graph.Outputs[0].Value.Type.ToString());
        Assert.Equal(operations, layer.Step.Cost.Operations);
    }

    [Fact]
    public void Words_make_a_step_of_integers()
    {
        Graph graph = KernelText.Parse("depthwise 8x8x16 3x3 relu int8");
        Assert.False(Assert.IsType<Conv>(graph.Nodes[0].Operator).Result.IsNone);
        Assert.StartsWith("u8[1x8x8x16]", graph.Outputs[0].Value.Type.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("conv")]
    [InlineData("conv 8x8x8 -> 4")]
    [InlineData("conv 8x8 3x3")]
    [InlineData("conv 8x8x8 3x3 sideways")]
    [InlineData("conv 8x8x8 3x3 s0")]
    [InlineData("conv 8x8x8 3x3 ->")]
    [InlineData("conv 8x8x8 3x3 g3")]
    [InlineData("conv 0x8x8 3x3")]
    [InlineData("depthwise 8x8x8 3x3 -> 9")]
    [InlineData("matmul 2x3x4 3x3")]
    [InlineData("matmul 99999999999x3x4")]
    [InlineData("matmul 65536x65536x65536")]
    [InlineData("pool 8x8x8 3x3")]
    public void What_is_no_step_is_refused(string text) => Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => KernelText.Parse(text)).Code);

    [Fact]
    public void Every_way_is_listed_and_compared_with_the_definition()
    {
        Result result = Edgert.Run("bench", "--kernel", "conv 5x5x8 3x3 -> 16", "--threads", "1", "--json");
        Assert.Equal(ExitCode.Done, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        JsonElement root = document.RootElement;
        Assert.Equal(["model", "layer", "operator", "inputs", "outputs", "threads", "operations", "bytes", "arithmetic", "peaks", "kernels"], root.EnumerateObject().Select(p => p.Name));
        JsonElement[] kernels = [.. root.GetProperty("kernels").EnumerateArray()];
        Assert.All(kernels, k => Assert.Equal(["kernel", "choice", "lanes", "is_automatic", "us", "min_us", "cold_us", "gflops", "peak_share", "difference", "matches"], k.EnumerateObject().Select(p => p.Name)));
        Assert.True(kernels[0].GetProperty("is_automatic").GetBoolean());
        Assert.Single(kernels, k => k.GetProperty("is_automatic").GetBoolean());
        Assert.Contains(kernels, k => k.GetProperty("kernel").GetString() == KernelTime.Definition && k.GetProperty("difference").GetDouble() == 0);
        Assert.All(kernels, k => Assert.True(k.GetProperty("matches").GetBoolean()));
    }

    [Fact]
    public void A_layer_of_a_model_is_found_by_a_part_of_its_name()
    {
        Result result = Edgert.Run("bench", Model, "--layer", "conv2d_9/BiasAdd", "--threads", "1");
        Assert.Equal(ExitCode.Done, result.ExitCode);
        Assert.Contains("\n* conv1x1_f32_", result.Output, StringComparison.Ordinal);
        Assert.Contains("evaluate", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_that_is_not_there_or_not_the_only_one()
    {
        Edgert.Run("bench", Model, "--layer", "nowhere").AssertFailed(ExitCode.BadInput, "EDGE7001", "no layer 'nowhere'");
        Edgert.Run("bench", Model, "--layer", "conv").AssertFailed(ExitCode.BadInput, "EDGE7001", "layers 'conv'", "It has, among others");
        Edgert.Run("bench", "--layer", "conv").AssertFailed(ExitCode.BadInput, "EDGE7001", "--layer needs the model");
        Edgert.Run("bench", Model, "--kernel", "matmul 2x3x4").AssertFailed(ExitCode.BadInput, "EDGE7001", "--kernel");
        Edgert.Run("bench").AssertFailed(ExitCode.BadInput, "EDGE7001", "bench needs a model");
    }
}
