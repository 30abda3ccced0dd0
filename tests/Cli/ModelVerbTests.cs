using System.Text.Json;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Onnx.Proto;
using Google.Protobuf;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>The verbs convert, inspect and models, from outside: the names in their JSON are a contract.</summary>
public class ModelVerbTests
{
    private static readonly string Shipped = Repository.File("models", "blazeface-front.edge");

    [Fact]
    public void Convert_says_what_it_did_and_what_stays_open()
    {
        using var folder = new TemporaryFolder();
        string onnx = Path.Combine(folder.Path, "open.onnx"), edge = Path.Combine(folder.Path, "open.edge");
        File.WriteAllBytes(onnx, Open().ToByteArray());
        JsonElement summary = Json("convert", onnx, "--json");
        Assert.Equal(["name", "source", "output", "task", "precision", "source_bytes", "bytes", "operators_before", "operators", "half_weights", "byte_weights", "passes", "untuned_steps", "open_inputs", "seconds", "float_bytes", "quantization", "note"],
            summary.EnumerateObject().Select(p => p.Name));
        Assert.Equal(edge, summary.GetProperty("output").GetString());
        Assert.Equal(new FileInfo(edge).Length, summary.GetProperty("bytes").GetInt64());
        Assert.Equal("x f32[batch x 3]", Assert.Single(summary.GetProperty("open_inputs").EnumerateArray().ToArray()).GetString());

        Assert.Contains("open       x f32[batch x 3]", Edgert.Run("convert", onnx).Output);
        JsonElement closed = Json("convert", onnx, "--input", "x=2x3", "--json");
        Assert.Empty(closed.GetProperty("open_inputs").EnumerateArray());
    }

    [Fact]
    public void Inspect_shows_each_layer_with_its_kernel()
    {
        JsonElement report = Json("inspect", Shipped, "--json");
        Assert.Equal("blazeface-front", report.GetProperty("name").GetString());
        Assert.Equal("128", report.GetProperty("inputs")[0].GetProperty("shape").GetString()!.Split('x')[1]);
        JsonElement[] layers = [.. report.GetProperty("layers").EnumerateArray()];
        Assert.All(layers, layer => Assert.False(string.IsNullOrEmpty(layer.GetProperty("kernel").GetString())));
        Assert.Equal(report.GetProperty("mflop").GetDouble(), layers.Sum(l => l.GetProperty("mflop").GetDouble()), 3);

        Assert.All(layers, layer => Assert.Equal(layer.GetProperty("kernel").GetString() == "view" ? null : "cpu", layer.GetProperty("backend").GetString()));
        JsonElement placement = report.GetProperty("placement");
        Assert.Equal(["model", "backends", "sections", "refusals", "passed_over", "events", "unplanned", "measured", "bytes_to_device", "bytes_from_device"], placement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(layers.Count(l => l.GetProperty("kernel").GetString() != "view"), placement.GetProperty("backends")[0].GetProperty("steps").GetInt32());
        Assert.Equal(1, placement.GetProperty("backends")[0].GetProperty("step_share").GetDouble());

        string[] table = Edgert.Run("inspect", Shipped).Output.Split('\n');
        Assert.All(table, line => Assert.InRange(line.Length, 0, 110));
        foreach (JsonElement layer in layers) Assert.Contains(table, line => line.StartsWith($"{layer.GetProperty("index").GetInt32(),3} ", StringComparison.Ordinal));
    }

    [Fact]
    public void Models_lists_alone_and_with_its_verb()
    {
        Result alone = Edgert.Run("models", "--json"), named = Edgert.Run("models", "list", "--json");
        Assert.Equal(ExitCode.Done, alone.ExitCode);
        Assert.Equal(named.Output, alone.Output);
        foreach (string line in named.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using JsonDocument model = JsonDocument.Parse(line);
            Assert.Equal(["name", "task", "description", "license", "package", "origin", "file", "sha256", "bytes", "input_size", "accuracy", "cached"], model.RootElement.EnumerateObject().Select(p => p.Name));
            Assert.Contains($"| {model.RootElement.GetProperty("name").GetString()} |", File.ReadAllText(Repository.File("models", "README.md")));
        }
    }

    private static JsonElement Json(params string[] arguments)
    {
        Result result = Edgert.Run(arguments);
        Assert.True(result.ExitCode == ExitCode.Done, result.Errors);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }

    /// <summary>y = relu(x) for any number of rows.</summary>
    private static ModelProto Open()
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "batch" }, new TensorShapeProto.Types.Dimension { DimValue = 3 } } };
        var type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = shape } };
        var graph = new GraphProto
        {
            Name = "open",
            Input = { new ValueInfoProto { Name = "x", Type = type } },
            Output = { new ValueInfoProto { Name = "y", Type = type } },
            Node = { new NodeProto { Name = "relu", OpType = "Relu", Input = { "x" }, Output = { "y" } } },
        };
        return new ModelProto { IrVersion = 8, OpsetImport = { new OperatorSetIdProto { Version = 17 } }, Graph = graph };
    }
}
