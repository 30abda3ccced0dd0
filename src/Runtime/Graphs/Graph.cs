using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Graphs;

/// <summary>A named result of a graph.</summary>
/// <param name="Name">The name users know; it stays when passes replace the value.</param>
/// <param name="Value">What is returned.</param>
public sealed record GraphOutput(string Name, Value Value);

/// <summary>
/// A model: nodes in an order in which each comes after what it reads. Made by <see cref="GraphBuilder"/>, read-only from then on
/// but for patches, which check what they change.
/// </summary>
public sealed class Graph
{
    private readonly List<Value> inputs;
    private readonly List<GraphOutput> outputs;
    private readonly HashSet<Value> returned;
    private readonly NodeOrder nodes;

    internal Graph(string name, List<Value> inputs, List<Node> nodes, List<GraphOutput> outputs, IReadOnlyList<string> symbols)
    {
        Name = name;
        this.inputs = inputs;
        this.nodes = new NodeOrder(nodes);
        this.outputs = outputs;
        returned = [.. outputs.Select(o => o.Value)];
        Symbols = symbols;
        foreach (Node node in nodes)
            foreach (Value? input in node.Inputs) input?.ConsumerList.Add(node);
    }

    /// <summary>Name of the model.</summary>
    public string Name { get; }

    /// <summary>What is fed.</summary>
    public IReadOnlyList<Value> Inputs => inputs;

    /// <summary>What is returned.</summary>
    public IReadOnlyList<GraphOutput> Outputs => outputs;

    /// <summary>The steps, each after all it reads.</summary>
    public IReadOnlyList<Node> Nodes => nodes.List;

    /// <summary>How many nodes edits have looked at or moved.</summary>
    internal long Work => nodes.Work;

    /// <summary>Names of the symbolic dimensions; see <see cref="Shape.Symbol"/>.</summary>
    public IReadOnlyList<string> Symbols { get; }

    /// <summary>All constants that some node or output reads, each once, in order of first use.</summary>
    public IEnumerable<Value> Constants =>
        Nodes.SelectMany(n => n.Inputs).Concat(outputs.Select(o => o.Value)).OfType<Value>().Where(v => v.Constant is not null).Distinct();

    /// <summary>True when every shape is known, so that the graph can be planned ahead.</summary>
    public bool IsStatic =>
        inputs.TrueForAll(v => v.Type.Shape.IsStatic) && Nodes.All(n => n.Outputs.All(v => v.Type.Shape.IsStatic));

    /// <summary>True when the value is returned by the graph.</summary>
    public bool IsOutput(Value value) => returned.Contains(value);

    /// <summary>
    /// Applies a patch: adds its nodes, redirects readers of replaced values, drops what nobody reads any more. When it throws because of
    /// a cycle, the graph is of no use any more.
    /// </summary>
    /// <exception cref="EdgeException">A replacement has another type, or would make a cycle (<see cref="ErrorCode.InvalidGraph"/>).</exception>
    internal void Apply(GraphPatch patch)
    {
        foreach ((Value old, Value replacement) in patch.Replacements)
        {
            if (old.Type.DataType != replacement.Type.DataType || !old.Type.Shape.Accepts(replacement.Type.Shape))
                throw new EdgeException(ErrorCode.InvalidGraph, $"The value {old} cannot be replaced by {replacement}: the types differ.");
        }
        Node? at = Place(patch);
        foreach (Node node in patch.Nodes)
        {
            nodes.Insert(node, at);
            foreach (Value? input in node.InputArray) input?.ConsumerList.Add(node);
        }
        HashSet<Node> fresh = [.. patch.Nodes];
        foreach ((Value old, Value replacement) in patch.Replacements) Redirect(old, replacement, fresh);
        foreach (Node node in patch.Nodes)
            foreach (Value? input in node.InputArray)
                if (input?.Producer is { } producer) nodes.Settle(producer, node);
        foreach ((_, Value replacement) in patch.Replacements)
            if (replacement.Producer is { } producer)
                foreach (Node reader in replacement.ConsumerList) nodes.Settle(producer, reader);
        RemoveDead([.. patch.Nodes, .. patch.Replacements.Select(r => r.Old.Producer).OfType<Node>()]);
    }

    /// <summary>The node before which a patch's nodes belong: they take the place of what they replace, so that in most patches nothing needs to be moved.</summary>
    private static Node? Place(GraphPatch patch)
    {
        Node? reader = null, producer = null;
        foreach ((Value old, _) in patch.Replacements)
        {
            if (old.Producer is { } made && made.Order != Node.Nowhere && (producer is null || made.Order > producer.Order)) producer = made;
            foreach (Node consumer in old.ConsumerList)
                if (reader is null || consumer.Order < reader.Order) reader = consumer;
        }
        return producer is null || (reader is not null && reader.Order <= producer.Order) ? reader : producer.Next;
    }

    /// <summary>Drops an input that nobody reads.</summary>
    internal void DropInput(int index) => inputs.RemoveAt(index);

    /// <summary>Drops nodes whose results nobody reads; true when there were any.</summary>
    internal bool RemoveDeadNodes() => RemoveDead([.. Nodes]);

    /// <summary>Drops those of the given nodes whose results nobody reads, and what only they read.</summary>
    private bool RemoveDead(List<Node> suspects)
    {
        bool any = false;
        while (suspects.Count > 0)
        {
            Node node = suspects[^1];
            suspects.RemoveAt(suspects.Count - 1);
            if (node.Order == Node.Nowhere || IsAlive(node)) continue;
            nodes.Remove(node);
            any = true;
            foreach (Value? input in node.InputArray)
            {
                if (input is null) continue;
                input.ConsumerList.Remove(node);
                if (input.Producer is { } producer) suspects.Add(producer);
            }
        }
        return any;
    }

    private bool IsAlive(Node node)
    {
        foreach (Value output in node.Outputs)
            if (output.ConsumerList.Count > 0 || IsOutput(output)) return true;
        return false;
    }

    /// <summary>The patch's own nodes go on reading the old value: they were built on it.</summary>
    private void Redirect(Value old, Value replacement, HashSet<Node> except)
    {
        foreach (Node consumer in old.ConsumerList.Distinct().ToArray())
        {
            if (except.Contains(consumer)) continue;
            for (int i = 0; i < consumer.InputArray.Length; i++)
            {
                if (consumer.InputArray[i] != old) continue;
                consumer.InputArray[i] = replacement;
                replacement.ConsumerList.Add(consumer);
            }
        }
        old.ConsumerList.RemoveAll(consumer => !except.Contains(consumer));
        if (!returned.Remove(old)) return;
        returned.Add(replacement);
        for (int i = 0; i < outputs.Count; i++)
            if (outputs[i].Value == old) outputs[i] = outputs[i] with { Value = replacement };
    }
}
