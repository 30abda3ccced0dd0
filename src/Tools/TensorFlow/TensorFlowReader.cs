using System.Security.Cryptography;
using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Conversion;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>The file of a TensorFlow.js graph model, model.json by custom, and the weights beside it. All that is wrong is reported at once.</summary>
internal static class TensorFlowReader
{
    /// <summary>What a model's folder calls the file.</summary>
    public const string FileName = "model.json";

    private const long LargestFile = 256L << 20;

    private const int MostNodes = 1_000_000;

    private const string Remedy = "Give the model.json of a TensorFlow.js graph model, with the files of weights beside it; download or convert it again if it should be one.";

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>True when a file begins as JSON does.</summary>
    public static bool IsJson(ReadOnlySpan<byte> head) => (head.StartsWith(ByteOrderMark) ? head[ByteOrderMark.Length..] : head).TrimStart(" \t\r\n"u8).StartsWith("{"u8);

    /// <summary>Reads a model.</summary>
    /// <exception cref="EdgeException">The file cannot be read, or holds no graph model; the message lists all that is wrong.</exception>
    public static TensorFlowModel Read(string path)
    {
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            if (file.Length > LargestFile) throw Malformed($"'{path}' has {file.Length:N0} bytes; the graph of a model has at most {LargestFile:N0}.");
            byte[] bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return Parse(bytes, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"There is no file '{path}'.", "Check the path of the model.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"'{path}' cannot be read: {e.Message}", "Give the path of a model that you may read.", e);
        }
    }

    private static TensorFlowModel Parse(byte[] bytes, string path)
    {
        JsonElement root;
        try
        {
            ReadOnlyMemory<byte> text = bytes.AsSpan().StartsWith(ByteOrderMark) ? bytes.AsMemory(ByteOrderMark.Length) : bytes;
            root = JsonDocument.Parse(text).RootElement;
            CheckTexts(text.Span);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new EdgeException(ErrorCode.MalformedTensorFlow, $"'{path}' is no TensorFlow.js model, or it is cut off or damaged: {e.Message.TrimEnd('.')}.", Remedy, e);
        }
        JsonElement? topology = root.Member("modelTopology");
        if (topology is null) throw Malformed($"'{path}' is JSON, but no TensorFlow.js model: it has no modelTopology.");
        if (root.Member("format").Text() is "layers-model" || topology.Member("model_config") is not null || topology.Member("class_name") is not null)
        {
            throw new EdgeException(ErrorCode.UnsupportedTensorFlow, $"'{path}' is a Keras model of layers; only graph models are supported.",
                "Convert it with tensorflowjs_converter --input_format=tfjs_layers_model --output_format=tfjs_graph_model.");
        }
        if (topology.Member("node") is not { ValueKind: JsonValueKind.Array }) throw Malformed($"'{path}' holds no graph: it is no TensorFlow.js graph model, or it is damaged.");

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!, name = Path.GetFileNameWithoutExtension(path);
        if (Path.GetFileName(path) == FileName && Path.GetFileName(folder) is { Length: > 0 } parent) name = parent;
        var problems = new ImportProblems(ErrorCode.MalformedTensorFlow, Remedy);
        Dictionary<string, NodeDefinition> nodes = Nodes(topology, problems);
        JsonElement? signature = root.Member("signature") ?? root.Member("userDefinedMetadata").Member("signature");
        WeightStore weights = new WeightsReader(folder, problems).Read(root.Member("weightsManifest"));
        var model = new TensorFlowModel
        {
            Name = name,
            ByteCount = bytes.Length + weights.ByteCount,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)),
            Nodes = nodes,
            Inputs = Ports(signature.Member("inputs"), problems),
            Outputs = Ports(signature.Member("outputs"), problems),
            Weights = weights,
            Properties = Properties(root),
        };
        problems.Throw(name);
        return model;
    }

    /// <summary>Reads each text once: half a surrogate pair, or bytes that are no UTF-8, are found here and not somewhere later.</summary>
    /// <exception cref="InvalidOperationException">There is one that is no text.</exception>
    private static void CheckTexts(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) reader.GetString();
    }

    private static Dictionary<string, NodeDefinition> Nodes(JsonElement? topology, ImportProblems problems)
    {
        var nodes = new Dictionary<string, NodeDefinition>(StringComparer.Ordinal);
        foreach (JsonElement? entry in topology.Member("node").Items())
        {
            string? name = entry.Member("name").Text(), type = entry.Member("op").Text();
            if (name is not { Length: > 0 } || type is not { Length: > 0 })
            {
                problems.Add($"node {nodes.Count} has no name or no operator");
                continue;
            }
            var inputs = new List<NodeReference>();
            foreach (JsonElement? input in entry.Member("input").Items())
            {
                // ^ marks what must only have run before, which is nothing here: nodes have no side effects.
                if (input.Text() is not { Length: > 0 } text) problems.Add($"an input of node '{name}' has no name");
                else if (text[0] != '^') inputs.Add(NodeReference.Parse(text));
            }
            if (!nodes.TryAdd(name, new NodeDefinition(name, type, inputs, entry.Member("attr") ?? default))) problems.Add($"two nodes are named '{name}'");
            if (nodes.Count <= MostNodes) continue;
            problems.Add($"it has more than {MostNodes:N0} nodes");
            break;
        }
        return nodes;
    }

    private static List<SignaturePort> Ports(JsonElement? declared, ImportProblems problems)
    {
        var ports = new List<SignaturePort>();
        foreach (JsonProperty entry in declared.Members())
        {
            JsonElement? port = entry.Value;
            string name = entry.Name.EndsWith(":0", StringComparison.Ordinal) ? entry.Name[..^2] : entry.Name;
            try
            {
                if (port.Member("name").Text() is not { Length: > 0 } source) throw TensorFlowTypes.Malformed("the signature does not say which node it is");
                if (ports.Exists(p => p.Name == name)) throw TensorFlowTypes.Malformed("the signature has two of that name");
                ports.Add(new SignaturePort(name, NodeReference.Parse(source), TensorFlowTypes.ShapeOf(port.Member("tensorShape"))));
            }
            catch (EdgeException e)
            {
                problems.Add($"'{name}': {e.Problem.TrimEnd('.')}");
            }
        }
        return ports;
    }

    private static Dictionary<string, string> Properties(JsonElement root)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "TensorFlow.js" };
        if (root.Member("generatedBy").Text() is { Length: > 0 } generator) properties["generated_by"] = generator;
        if (root.Member("convertedBy").Text() is { Length: > 0 } converter) properties["converted_by"] = converter;
        return properties;
    }

    private static EdgeException Malformed(string problem) => new(ErrorCode.MalformedTensorFlow, problem, Remedy);
}
