using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.TensorFlow;

namespace EdgeRuntime.Tests.TensorFlow;

/// <summary>A small TensorFlow.js graph model, written by a test: a file of nodes and a file of weights in a folder of their own.</summary>
public sealed class GraphModelFile : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly MemoryStream weights = new();

    /// <summary>The whole file; tests may change anything before it is written.</summary>
    public JsonObject Root { get; } = new()
    {
        ["format"] = "graph-model",
        ["modelTopology"] = new JsonObject { ["node"] = new JsonArray(), ["versions"] = new JsonObject() },
        ["weightsManifest"] = new JsonArray(new JsonObject { ["paths"] = new JsonArray("weights.bin"), ["weights"] = new JsonArray() }),
    };

    /// <summary>Where the model is.</summary>
    public string Path => System.IO.Path.Combine(folder.Path, "model.json");

    /// <summary>Where the weights are.</summary>
    public string WeightsPath => System.IO.Path.Combine(folder.Path, "weights.bin");

    /// <summary>The list of nodes.</summary>
    public JsonArray Nodes => (JsonArray)Root["modelTopology"]!["node"]!;

    /// <summary>The list of weights.</summary>
    public JsonArray Weights => (JsonArray)Root["weightsManifest"]![0]!["weights"]!;

    /// <summary>Adds a node; attributes are JSON.</summary>
    public GraphModelFile Node(string name, string op, string[] inputs, string attributes = "{}")
    {
        Nodes.Add((JsonNode)new JsonObject { ["name"] = name, ["op"] = op, ["input"] = new JsonArray([.. inputs.Select(i => (JsonNode)i)]), ["attr"] = JsonNode.Parse(attributes) });
        return this;
    }

    /// <summary>Adds an input; -1 for an unknown size.</summary>
    public GraphModelFile Input(string name, int[] shape, string type = "DT_FLOAT") =>
        Node(name, "Placeholder", [], new JsonObject { ["dtype"] = new JsonObject { ["type"] = type }, ["shape"] = new JsonObject { ["shape"] = Dims(shape) } }.ToJsonString());

    /// <summary>A shape as nodes and signatures write it.</summary>
    public static JsonObject Dims(params int[] shape) => new() { ["dim"] = new JsonArray([.. shape.Select(d => (JsonNode)new JsonObject { ["size"] = $"{d}" })]) };

    /// <summary>Adds a constant.</summary>
    public GraphModelFile Constant<T>(string name, int[] shape, params ReadOnlySpan<T> elements) where T : unmanaged
    {
        string type = typeof(T) == typeof(float) ? "float32" : typeof(T) == typeof(int) ? "int32" : "bool";
        Weight(name, type, shape, MemoryMarshal.AsBytes(elements));
        return Node(name, "Const", [], "{}");
    }

    /// <summary>Adds the elements of a constant as they are stored.</summary>
    public GraphModelFile Weight(string name, string type, int[] shape, ReadOnlySpan<byte> bytes, string? quantization = null)
    {
        var entry = new JsonObject { ["name"] = name, ["dtype"] = type, ["shape"] = new JsonArray([.. shape.Select(d => (JsonNode)d)]) };
        if (quantization is not null) entry["quantization"] = JsonNode.Parse(quantization);
        Weights.Add((JsonNode)entry);
        weights.Write(bytes);
        return this;
    }

    /// <summary>Writes both files.</summary>
    public string Write()
    {
        File.WriteAllText(Path, Root.ToJsonString(), Encoding.UTF8);
        File.WriteAllBytes(WeightsPath, weights.ToArray());
        return Path;
    }

    /// <summary>Writes, reads and imports it.</summary>
    public EdgeModel Import(params (string Input, Shape Shape)[] shapes) =>
        TensorFlowReader.Read(Write()).Import(shapes.ToDictionary(s => s.Input, s => s.Shape));

    public void Dispose() => folder.Dispose();
}
