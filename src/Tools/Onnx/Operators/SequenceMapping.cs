using EdgeRuntime.Graphs;
using EdgeRuntime.Tools.Onnx.Proto;
using AttributeType = EdgeRuntime.Tools.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>SequenceMap: a loop over the elements of sequences, which applies a subgraph to each and collects what it gives.</summary>
internal static class SequenceMapping
{
    /// <summary>Names that no model uses.</summary>
    private const string Prefix = "SequenceMap$";

    public static Value[] Import(OnnxNode node)
    {
        GraphProto body = node.Attributes.Graph("body") ?? throw node.Problem("it has no subgraph 'body'");
        Value[] inputs = node.AllInputs();
        if (inputs.Length == 0 || body.Input.Count != inputs.Length) throw node.Problem($"its subgraph 'body' has {body.Input.Count} inputs, expected {inputs.Length}");
        var given = new Dictionary<string, Value>(StringComparer.Ordinal);
        for (int i = 0; i < inputs.Length; i++) given[$"{Prefix}{i}"] = inputs[i];

        var loopBody = new GraphProto { Name = body.Name };
        loopBody.Input.Add(new ValueInfoProto { Name = $"{Prefix}at" });
        loopBody.Input.Add(new ValueInfoProto { Name = $"{Prefix}going" });
        loopBody.Initializer.AddRange(body.Initializer);
        loopBody.SparseInitializer.AddRange(body.SparseInitializer);
        loopBody.ValueInfo.AddRange(body.ValueInfo);
        for (int i = 0; i < inputs.Length; i++)
            loopBody.Node.Add(OnnxNode.IsSequence(inputs[i]) ? Node("SequenceAt", body.Input[i].Name, $"{Prefix}{i}", $"{Prefix}at") : Node("Identity", body.Input[i].Name, $"{Prefix}{i}"));
        loopBody.Node.AddRange(body.Node);
        loopBody.Node.Add(Node("Identity", $"{Prefix}on", $"{Prefix}going"));
        loopBody.Output.Add(new ValueInfoProto { Name = $"{Prefix}on" });

        List<NodeProto> nodes = [Node("SequenceLength", $"{Prefix}length", $"{Prefix}0")];
        NodeProto loop = Node("Loop", "", $"{Prefix}length", "");
        loop.Output.Clear();
        for (int i = 0; i < body.Output.Count; i++)
        {
            var type = new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = body.Output[i].Type } };
            NodeProto empty = Node("SequenceEmpty", $"{Prefix}empty{i}");
            empty.Attribute.Add(new AttributeProto { Name = "dtype", Type = AttributeType.Int, I = body.Output[i].Type?.TensorType?.ElemType ?? 0 });
            nodes.Add(empty);
            loop.Input.Add($"{Prefix}empty{i}");
            loop.Output.Add($"{Prefix}result{i}");
            loopBody.Input.Add(new ValueInfoProto { Name = $"{Prefix}before{i}", Type = type });
            loopBody.Node.Add(Node("SequenceInsert", $"{Prefix}after{i}", $"{Prefix}before{i}", body.Output[i].Name));
            loopBody.Output.Add(new ValueInfoProto { Name = $"{Prefix}after{i}", Type = type });
        }
        loop.Attribute.Add(new AttributeProto { Name = "body", Type = AttributeType.Graph, G = loopBody });
        nodes.Add(loop);
        return node.Expand(nodes, given, loop.Output);
    }

    private static NodeProto Node(string op, string output, params ReadOnlySpan<string> inputs)
    {
        var node = new NodeProto { OpType = op };
        node.Output.Add(output);
        foreach (string input in inputs) node.Input.Add(input);
        return node;
    }
}
