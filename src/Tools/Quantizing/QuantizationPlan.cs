using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// Which nodes of a prepared graph compute with integers, and which values have to be quantized for that. Products are asked for; operators between them follow where all they read is there in integers and what
/// they give is wanted in integers.
/// </summary>
internal sealed class QuantizationPlan
{
    private readonly Graph graph;
    private readonly HashSet<Node> integer = [];
    private readonly HashSet<Value> wanted = [], bytes = [], ranged = [];

    /// <summary>Plans.</summary>
    /// <param name="graph">The graph, after <see cref="Passes.PassPipeline.BeforeQuantization"/>.</param>
    /// <param name="inFloats">Products and others that have to stay in floats.</param>
    public QuantizationPlan(Graph graph, IReadOnlySet<Node> inFloats)
    {
        this.graph = graph;
        var kinds = graph.Nodes.ToDictionary(n => n, n => inFloats.Contains(n) ? NodeKind.Float : QuantizableNode.KindOf(n));
        // An operator that finds an operand missing in integers computes in floats, and wants none of the others in integers either.
        var refused = new HashSet<Node>();
        while (!Settle(kinds, refused)) { }
        foreach (Node node in graph.Nodes) Collect(node);
    }

    /// <summary>Nodes that compute with integers, those that only move elements not among them.</summary>
    public IReadOnlySet<Node> Integer => integer;

    /// <summary>Values that get a range, in the order of the graph; what is only moved has that of its source.</summary>
    public List<Value> Quantized { get; } = [];

    /// <summary>True for values that exist in integers alone: who else reads them gets them back as floats.</summary>
    public bool IsMadeOfIntegers(Value value) => bytes.Contains(value);

    /// <summary>True for values that get a range.</summary>
    public bool HasRange(Value value) => ranged.Contains(value);

    /// <summary>True for outputs of the graph.</summary>
    public bool IsOutput(Value value) => graph.IsOutput(value);

    /// <summary>What is wanted and what is there, where some operators want nothing; false when more of them turn out to.</summary>
    private bool Settle(Dictionary<Node, NodeKind> kinds, HashSet<Node> refused)
    {
        wanted.Clear();
        integer.Clear();
        bytes.Clear();
        // What is wanted in integers: operands of products, and through operators between.
        foreach (Node node in graph.Nodes.Reverse())
        {
            bool asks = kinds[node] == NodeKind.Product || (kinds[node] is NodeKind.Glue or NodeKind.Movement && !refused.Contains(node) && node.Outputs.Any(wanted.Contains));
            if (!asks) continue;
            foreach (int i in QuantizableNode.Activations(node))
                if (node.Inputs[i] is { Constant: null } x) wanted.Add(x);
        }
        // What is there in integers.
        int before = refused.Count;
        foreach (Node node in graph.Nodes)
        {
            bool isWanted = node.Outputs.Any(wanted.Contains);
            bool isInteger = kinds[node] switch
            {
                NodeKind.Product => true,
                NodeKind.Gain => isWanted && integer.Contains(node.Inputs[0]!.Producer!),
                NodeKind.Glue or NodeKind.Movement => isWanted && !refused.Contains(node) && QuantizableNode.Activations(node).All(i => node.Inputs[i] is { } x && (x.Constant is not null || bytes.Contains(x))),
                _ => false,
            };
            if (!isInteger)
            {
                if (isWanted && kinds[node] is NodeKind.Glue or NodeKind.Movement) refused.Add(node);
                continue;
            }
            if (kinds[node] == NodeKind.Movement)
            {
                bytes.UnionWith(node.Outputs);
                continue;
            }
            integer.Add(node);
            if (isWanted) bytes.UnionWith(node.Outputs.Where(wanted.Contains));
        }
        return refused.Count == before;
    }

    private void Collect(Node node)
    {
        if (graph.Inputs.Count > 0 && node == graph.Nodes[0])
            foreach (Value input in graph.Inputs) CollectIfRead(input);
        foreach (Value output in node.Outputs) CollectIfRead(output);
    }

    private void CollectIfRead(Value value)
    {
        // A value that was moved from integers carries their range already.
        bool isMoved = bytes.Contains(value) && value.Producer is { } maker && !integer.Contains(maker);
        bool isRead = value.Consumers.Any(c => integer.Contains(c) && QuantizableNode.Activations(c).Any(i => c.Inputs[i] == value));
        if (!isMoved && (isRead || (bytes.Contains(value) && integer.Contains(value.Producer!))) && ranged.Add(value)) Quantized.Add(value);
    }
}
