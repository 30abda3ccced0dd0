namespace EdgeRuntime.Graphs;

/// <summary>Copies a part of a graph to one of its own; types stay as they are.</summary>
internal static class GraphCutter
{
    /// <summary>Cuts.</summary>
    /// <param name="whole">The graph; it is not changed.</param>
    /// <param name="nodes">The nodes of the part, in order.</param>
    /// <param name="inputs">What they read that they do not compute.</param>
    /// <param name="outputs">What is wanted of it.</param>
    public static Graph Cut(Graph whole, IEnumerable<Node> nodes, IReadOnlyList<Value> inputs, IReadOnlyList<Value> outputs)
    {
        var map = new Dictionary<Value, Value>();
        var heads = new List<Value>();
        foreach (Value input in inputs) heads.Add(map[input] = new Value(input.Name, input.Type));
        var copies = new List<Node>();
        foreach (Node node in nodes)
        {
            Value?[] operands = Array.ConvertAll(node.InputArray, v => v is null ? null : Of(v));
            Value[] results = [.. node.Outputs.Select(o => map[o] = new Value(o.Name, o.Type))];
            copies.Add(new Node(node.Name, node.Operator, operands, results));
        }
        return new Graph(whole.Name, heads, copies, [.. outputs.Select(o => new GraphOutput(o.Name, Of(o)))], whole.Symbols);

        Value Of(Value original)
        {
            if (map.TryGetValue(original, out Value? copy)) return copy;
            return map[original] = original.Copy();
        }
    }
}
