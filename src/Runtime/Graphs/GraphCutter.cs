namespace EdgeRuntime.Graphs;

/// <summary>Copies a part of a graph to one of its own; types stay as they are.</summary>
internal static class GraphCutter
{
    /// <summary>Cuts.</summary>
    /// <param name="whole">The graph; it is not changed.</param>
    /// <param name="nodes">The nodes of the part, in order.</param>
    /// <param name="inputs">What they read that they do not compute.</param>
    /// <param name="outputs">What is wanted of it.</param>
    public static Graph Cut(Graph whole, IEnumerable<Node> nodes, IReadOnlyList<Value> inputs, IReadOnlyList<Value> outputs) =>
        Cut(whole, nodes, inputs, [.. outputs.Select(o => new GraphOutput(o.Name, o))], []);

    /// <summary>A node as a graph of its own.</summary>
    /// <param name="node">The node; its graph is not changed.</param>
    public static Graph Cut(Node node)
    {
        var map = new Dictionary<Value, Value>();
        var operands = new Value?[node.Inputs.Count];
        var inputs = new List<Value>();
        for (int i = 0; i < operands.Length; i++)
        {
            if (node.Inputs[i] is not { } input) continue;
            if (!map.TryGetValue(input, out Value? copy))
            {
                map[input] = copy = input.Copy();
                if (input.Constant is null) inputs.Add(copy);
            }
            operands[i] = copy;
        }
        Value[] results = [.. node.Outputs.Select(o => new Value(o.Name, o.Type))];
        return new Graph(node.Name, inputs, [new Node(node.Name, node.Operator, operands, results)], [.. results.Select(r => new GraphOutput(r.Name, r))], []);
    }

    /// <summary>A copy of the whole graph, which passes may change.</summary>
    /// <param name="graph">The graph; it is not changed.</param>
    /// <param name="map">Gets the copy of each value.</param>
    public static Graph Copy(Graph graph, out Dictionary<Value, Value> map) => Cut(graph, graph.Nodes, graph.Inputs, graph.Outputs, map = []);

    /// <summary>A copy in which those that read a value read what other nodes make instead.</summary>
    /// <param name="graph">The graph; it is not changed.</param>
    /// <param name="added">Nodes that read its values, but not <paramref name="old"/>.</param>
    /// <param name="old">A value of the graph that a node makes.</param>
    /// <param name="replacement">A value that one of the added nodes makes.</param>
    public static Graph Replacing(Graph graph, IReadOnlyList<Node> added, Value old, Value replacement)
    {
        Node last = old.Producer!;
        var map = new Dictionary<Value, Value>();
        Graph copy = Cut(graph, graph.Nodes.SelectMany(n => n == last ? [n, .. added] : (IEnumerable<Node>)[n]), graph.Inputs, graph.Outputs, map);
        copy.Apply(new GraphPatch().Replace(map[old], map[replacement]));
        copy.RemoveDeadNodes();
        return copy;
    }

    /// <summary>A copy that returns other values of the graph.</summary>
    /// <param name="graph">The graph; it is not changed.</param>
    /// <param name="wanted">Values of the graph.</param>
    public static Graph Returning(Graph graph, IReadOnlyList<Value> wanted) => Cut(graph, graph.Nodes, graph.Inputs, wanted);

    private static Graph Cut(Graph whole, IEnumerable<Node> nodes, IReadOnlyList<Value> inputs, IReadOnlyList<GraphOutput> outputs, Dictionary<Value, Value> map)
    {
        var heads = new List<Value>();
        foreach (Value input in inputs) heads.Add(map[input] = new Value(input.Name, input.Type));
        var copies = new List<Node>();
        foreach (Node node in nodes)
        {
            Value?[] operands = Array.ConvertAll(node.InputArray, v => v is null ? null : Of(v));
            Value[] results = [.. node.Outputs.Select(o => map[o] = new Value(o.Name, o.Type))];
            copies.Add(new Node(node.Name, node.Operator, operands, results));
        }
        return new Graph(whole.Name, heads, copies, [.. outputs.Select(o => new GraphOutput(o.Name, Of(o.Value)))], whole.Symbols);

        Value Of(Value original)
        {
            if (map.TryGetValue(original, out Value? copy)) return copy;
            return map[original] = original.Copy();
        }
    }
}
