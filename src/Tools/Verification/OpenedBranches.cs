using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using EdgeRuntime.Tools.Reference;

namespace EdgeRuntime.Tools.Verification;

/// <summary>
/// A source model with the branches that an input takes in place of its choices. What is inside of a branch can be compared then: neither runtime returns it while it
/// is a subgraph.
/// </summary>
internal static class OpenedBranches
{
    private const string Operator = "If";

    /// <summary>Choices inside of branches are opened in turn; honest models nest a few deep.</summary>
    private const int DeepestNesting = 16;

    /// <summary>
    /// Compares layer by layer; where the first bad layer is a choice, the layers of the branches that were taken instead. Returns the source that was compared with, too.
    /// </summary>
    /// <inheritdoc cref="LayerVerifier.Compare"/>
    public static (OnnxModel Source, IReadOnlyList<LayerResult> Layers) Compare(Graph graph, OnnxModel onnx, IReferenceRuntime reference, Tensor[] inputs, double tolerance, SessionOptions options)
    {
        IReadOnlyList<LayerResult> layers = LayerVerifier.Compare(graph, onnx, reference, inputs, tolerance, options);
        if (layers.FirstOrDefault(l => !l.Passed) is not { Operator: Operator }) return (onnx, layers);
        if (Of(onnx, reference, [.. graph.Inputs.Select((v, i) => (v.Name, inputs[i].View))]) is not { } opened) return (onnx, layers);
        using EdgeModel model = Converter.Convert(opened).Model;
        return (opened, LayerVerifier.Compare(model.Graph, opened, reference, inputs, tolerance, options));
    }

    /// <summary>The model with its choices opened, or null when it has none.</summary>
    /// <param name="onnx">The model; it is not changed.</param>
    /// <param name="reference">Computes the conditions.</param>
    /// <param name="inputs">What the model is run with.</param>
    /// <exception cref="EdgeException">The reference does not give a condition.</exception>
    public static OnnxModel? Of(OnnxModel onnx, IReferenceRuntime reference, (string Name, TensorView Value)[] inputs)
    {
        OnnxModel opened = onnx;
        for (int depth = 0; depth < DeepestNesting && opened.Proto.Graph.Node.Any(n => n.OpType == Operator); depth++)
            opened = opened with { Proto = Open(opened, reference, inputs) };
        return ReferenceEquals(opened, onnx) ? null : opened;
    }

    private static ModelProto Open(OnnxModel onnx, IReferenceRuntime reference, (string Name, TensorView Value)[] inputs)
    {
        ModelProto model = onnx.Proto.Clone();
        GraphProto graph = model.Graph;
        IReadOnlyDictionary<string, Tensor> conditions = LayerVerifier.RunReference(onnx, reference, [.. graph.Node.Where(n => n.OpType == Operator).Select(n => n.Input[0])], inputs);
        NodeProto[] nodes = [.. graph.Node];
        graph.Node.Clear();
        foreach (NodeProto node in nodes)
        {
            if (node.OpType != Operator) graph.Node.Add(node);
            else Insert(graph, node, IsTrue(graph, conditions, inputs, node.Input[0]) ? "then_branch" : "else_branch");
        }
        return model;
    }

    private static bool IsTrue(GraphProto graph, IReadOnlyDictionary<string, Tensor> conditions, (string Name, TensorView Value)[] inputs, string name)
    {
        if (conditions.TryGetValue(name, out Tensor? computed)) return computed.View.Bytes[0] != 0;
        if (Array.Find(inputs, i => i.Name == name) is { Name: not null } given) return given.Value.Bytes[0] != 0;
        if (graph.Initializer.FirstOrDefault(i => i.Name == name) is { } constant) return OnnxTensors.Read(constant, null).View.Bytes[0] != 0;
        throw new EdgeException(ErrorCode.BadUsage, $"The reference does not give the condition '{name}'.");
    }

    private static void Insert(GraphProto graph, NodeProto choice, string branch)
    {
        GraphProto body = choice.Attribute.FirstOrDefault(a => a.Name == branch)?.G ?? throw new EdgeException(ErrorCode.MalformedOnnx, $"'{choice.Name}' has no {branch}.");
        HashSet<string> taken = [.. graph.Initializer.Select(i => i.Name)];
        graph.Initializer.Add(body.Initializer.Where(i => taken.Add(i.Name)));
        graph.Node.Add(body.Node);
        for (int i = 0; i < choice.Output.Count; i++)
        {
            // Exporters give both sides the same name now and then; each is in a graph of its own.
            if (body.Output[i].Name == choice.Output[i]) continue;
            var copy = new NodeProto { OpType = "Identity", Name = $"{choice.Name}/output_{i}" };
            copy.Input.Add(body.Output[i].Name);
            copy.Output.Add(choice.Output[i]);
            graph.Node.Add(copy);
        }
    }
}
