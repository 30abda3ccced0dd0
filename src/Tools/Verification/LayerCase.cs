using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using EdgeRuntime.Tools.Reference;
using Google.Protobuf;

namespace EdgeRuntime.Tools.Verification;

/// <summary>
/// One layer of a source model as a case in the form of ONNX's backend tests: the node with its weights, its inputs and outputs as the reference computes them.
/// Where passes fused nodes, so that nothing was compared between them, they are the layer together.
/// </summary>
/// <param name="onnx">The source model.</param>
/// <param name="reference">The runtime that was compared with.</param>
/// <param name="compared">Names of the values that were compared: a layer begins behind these.</param>
internal sealed class LayerCase(OnnxModel onnx, IReferenceRuntime reference, IReadOnlySet<string> compared)
{
    private readonly GraphProto graph = onnx.Proto.Graph;

    /// <summary>Writes the case into a folder of its own below the given one; returns its path. The folder has its name only when all of it is there.</summary>
    /// <param name="folder">Where cases are collected.</param>
    /// <param name="value">The value that the layer computes.</param>
    /// <param name="inputs">What the model was run with, by input name.</param>
    /// <exception cref="EdgeException">The source has no such value, or the reference does not give what the case needs.</exception>
    public string Save(string folder, string value, (string Name, TensorView Value)[] inputs)
    {
        List<NodeProto> nodes = NodesOf(value);
        HashSet<string> computed = [.. nodes.SelectMany(n => n.Output)];
        string[] read = [.. nodes.SelectMany(Reads).Where(name => name.Length > 0 && !computed.Contains(name)).Distinct()];
        Dictionary<string, TensorProto> weights = graph.Initializer.Where(i => read.Contains(i.Name)).ToDictionary(i => i.Name);
        string[] fed = [.. read.Where(name => !weights.ContainsKey(name))];
        IReadOnlyDictionary<string, Tensor> values = LayerVerifier.RunReference(onnx, reference, [.. fed, value], inputs);
        foreach ((string name, TensorView given) in inputs)
            if (fed.Contains(name)) values = new Dictionary<string, Tensor>(values) { [name] = LayerVerifier.Copy(given) };
        string missing = fed.Append(value).FirstOrDefault(name => !values.ContainsKey(name)) ?? "";
        if (missing.Length > 0) throw new EdgeException(ErrorCode.BadUsage, $"The layer '{value}' cannot be written as a case: the reference does not give '{missing}'.");

        // What constant nodes compute is known to importers, so it must be in a case, too.
        HashSet<string> constants = [.. graph.Node.Where(n => n.OpType == "Constant").SelectMany(n => n.Output)];
        foreach (string name in fed.Where(constants.Contains)) weights[name] = OnnxTensors.Write(values[name].View, name);
        fed = [.. fed.Where(name => !constants.Contains(name))];
        return Write(folder, CaseName(nodes[^1], value), Model(nodes, weights.Values, fed, value, values), [.. fed.Select(name => OnnxTensors.Write(values[name].View, name))], [OnnxTensors.Write(values[value].View, value)]);
    }

    /// <summary>The node that computes a value, and those before it back to values that were compared, in their order.</summary>
    private List<NodeProto> NodesOf(string value)
    {
        var needed = new HashSet<string> { value };
        var nodes = new List<NodeProto>();
        foreach (NodeProto node in graph.Node.Reverse())
        {
            if (node.OpType == "Constant" || !node.Output.Any(needed.Contains)) continue;
            nodes.Insert(0, node);
            foreach (string input in Reads(node))
                if (!compared.Contains(input)) needed.Add(input);
        }
        return nodes.Count > 0 ? nodes : throw new EdgeException(ErrorCode.BadUsage, $"'{value}' is no value of the source model's own graph, so there is no node to write as a case.");
    }

    /// <summary>The names that a node reads, those of its subgraphs included.</summary>
    private static IEnumerable<string> Reads(NodeProto node) =>
        node.Input.Concat(node.Attribute.SelectMany(a => a.G is { } body ? a.Graphs.Append(body) : a.Graphs).SelectMany(FreeNames));

    /// <summary>The names that a subgraph reads and does not define.</summary>
    private static IEnumerable<string> FreeNames(GraphProto body)
    {
        HashSet<string> own = [.. body.Input.Select(i => i.Name), .. body.Initializer.Select(i => i.Name), .. body.Node.SelectMany(n => n.Output)];
        return body.Node.SelectMany(Reads).Concat(body.Output.Select(o => o.Name)).Where(name => !own.Contains(name));
    }

    private ModelProto Model(List<NodeProto> nodes, IEnumerable<TensorProto> weights, string[] fed, string value, IReadOnlyDictionary<string, Tensor> values)
    {
        var model = new ModelProto { IrVersion = onnx.Proto.IrVersion, ProducerName = "edgert", Graph = new GraphProto { Name = $"layer {value}" } };
        model.OpsetImport.Add(onnx.Proto.OpsetImport);
        model.Functions.Add(onnx.Proto.Functions);
        model.Graph.Node.Add(nodes);
        foreach (TensorProto weight in weights)
            model.Graph.Initializer.Add(weight.ExternalData.Count == 0 ? weight : OnnxTensors.Write(OnnxTensors.Read(weight, onnx.Folder).View, weight.Name));
        foreach (string name in fed) model.Graph.Input.Add(Info(name, values[name]));
        model.Graph.Output.Add(Info(value, values[value]));
        return model;
    }

    private static ValueInfoProto Info(string name, Tensor value)
    {
        var shape = new TensorShapeProto();
        foreach (int size in value.Shape.Span) shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = OnnxTensors.NumberOf(value.Type.DataType), Shape = shape } } };
    }

    /// <summary>Operator and value, of characters that file systems take everywhere.</summary>
    private static string CaseName(NodeProto node, string value)
    {
        string text = string.Concat($"{node.OpType}_{value}".Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_')).ToLowerInvariant();
        return text.Length <= 80 ? text : text[..80];
    }

    /// <summary>Writes a case into a folder of its own below the given one; returns its path.</summary>
    internal static string Write(string folder, string name, ModelProto model, TensorProto[] inputs, TensorProto[] outputs)
    {
        string target = Path.Combine(folder, name), scratch = $"{target}.{Guid.NewGuid():N}";
        string set = Path.Combine(scratch, "test_data_set_0");
        try
        {
            Directory.CreateDirectory(set);
            File.WriteAllBytes(Path.Combine(scratch, "model.onnx"), model.ToByteArray());
            for (int i = 0; i < inputs.Length; i++) File.WriteAllBytes(Path.Combine(set, $"input_{i}.pb"), inputs[i].ToByteArray());
            for (int i = 0; i < outputs.Length; i++) File.WriteAllBytes(Path.Combine(set, $"output_{i}.pb"), outputs[i].ToByteArray());
            if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
            Directory.Move(scratch, target);
            return target;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotWrite, $"The case '{target}' cannot be written: {e.Message}", "Give a folder that can be written with --save-case.", e);
        }
        finally
        {
            if (Directory.Exists(scratch)) Directory.Delete(scratch, recursive: true);
        }
    }
}
