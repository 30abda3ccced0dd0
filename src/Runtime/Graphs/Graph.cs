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
    private List<Node> nodes;

    internal Graph(string name, List<Value> inputs, List<Node> nodes, List<GraphOutput> outputs, IReadOnlyList<string> symbols)
    {
        Name = name;
        this.inputs = inputs;
        this.nodes = nodes;
        this.outputs = outputs;
        Symbols = symbols;
        foreach (Node node in nodes)
            foreach (Value? input in node.Inputs) input?.ConsumerList.Add(node);
        Number();
    }

    /// <summary>Name of the model.</summary>
    public string Name { get; }

    /// <summary>What is fed.</summary>
    public IReadOnlyList<Value> Inputs => inputs;

    /// <summary>What is returned.</summary>
    public IReadOnlyList<GraphOutput> Outputs => outputs;

    /// <summary>The steps, each after all it reads.</summary>
    public IReadOnlyList<Node> Nodes => nodes;

    /// <summary>Names of the symbolic dimensions; see <see cref="Shape.Symbol"/>.</summary>
    public IReadOnlyList<string> Symbols { get; }

    /// <summary>All constants that some node or output reads, each once, in order of first use.</summary>
    public IEnumerable<Value> Constants =>
        nodes.SelectMany(n => n.Inputs).Concat(outputs.Select(o => o.Value)).OfType<Value>().Where(v => v.Constant is not null).Distinct();

    /// <summary>True when every shape is known, so that the graph can be planned ahead.</summary>
    public bool IsStatic =>
        inputs.TrueForAll(v => v.Type.Shape.IsStatic) && nodes.TrueForAll(n => n.Outputs.All(v => v.Type.Shape.IsStatic));

    /// <summary>True when the value is returned by the graph.</summary>
    public bool IsOutput(Value value) => outputs.Exists(o => o.Value == value);

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
        // Before the first reader of what is replaced is where new nodes belong in most patches, so that nothing needs sorting.
        int at = nodes.Count;
        foreach ((Value old, _) in patch.Replacements)
            foreach (Node reader in old.ConsumerList) at = Math.Min(at, reader.Position);
        nodes.InsertRange(at, patch.Nodes);
        foreach (Node node in patch.Nodes)
            foreach (Value? input in node.InputArray) input?.ConsumerList.Add(node);

        foreach ((Value old, Value replacement) in patch.Replacements) Redirect(old, replacement, patch.Nodes);
        if (!IsInOrder()) Sort();
        RemoveDead([.. patch.Nodes, .. patch.Replacements.Select(r => r.Old.Producer).OfType<Node>()]);
    }

    /// <summary>Drops nodes whose results nobody reads; true when there were any.</summary>
    internal bool RemoveDeadNodes() => RemoveDead([.. nodes]);

    /// <summary>Drops those of the given nodes whose results nobody reads, and what only they read.</summary>
    private bool RemoveDead(List<Node> suspects)
    {
        bool any = false;
        while (suspects.Count > 0)
        {
            Node node = suspects[^1];
            suspects.RemoveAt(suspects.Count - 1);
            if (node.Position < 0 || IsAlive(node)) continue;
            node.Position = -1;
            any = true;
            foreach (Value? input in node.InputArray)
            {
                if (input is null) continue;
                input.ConsumerList.Remove(node);
                if (input.Producer is { } producer) suspects.Add(producer);
            }
        }
        if (!any) return false;
        nodes.RemoveAll(n => n.Position < 0);
        Number();
        return true;
    }

    private bool IsAlive(Node node)
    {
        foreach (Value output in node.Outputs)
            if (output.ConsumerList.Count > 0 || IsOutput(output)) return true;
        return false;
    }

    private void Number()
    {
        for (int i = 0; i < nodes.Count; i++) nodes[i].Position = i;
    }

    /// <summary>Numbers the nodes; true when each comes after all it reads.</summary>
    private bool IsInOrder()
    {
        Number();
        foreach (Node node in nodes)
            foreach (Value? input in node.InputArray)
                if (input?.Producer is { } producer && producer.Position >= node.Position) return false;
        return true;
    }

    /// <summary>The patch's own nodes go on reading the old value: they were built on it.</summary>
    private void Redirect(Value old, Value replacement, IReadOnlyList<Node> except)
    {
        foreach (Node consumer in old.ConsumerList.Distinct().ToArray())
        {
            if (except.Contains(consumer)) continue;
            for (int i = 0; i < consumer.InputArray.Length; i++)
            {
                if (consumer.InputArray[i] != old) continue;
                consumer.InputArray[i] = replacement;
                old.ConsumerList.Remove(consumer);
                replacement.ConsumerList.Add(consumer);
            }
        }
        for (int i = 0; i < outputs.Count; i++)
            if (outputs[i].Value == old) outputs[i] = outputs[i] with { Value = replacement };
    }

    /// <summary>Restores the order of numbered nodes, otherwise leaving them where they are (depth-first, so that dead ends show as cycles).</summary>
    private void Sort()
    {
        const byte Open = 1, Done = 2;
        var sorted = new List<Node>(nodes.Count);
        byte[] state = new byte[nodes.Count];
        var stack = new Stack<(Node Node, int Next)>();
        foreach (Node root in nodes)
        {
            if (state[root.Position] != 0) continue;
            stack.Push((root, 0));
            state[root.Position] = Open;
            while (stack.Count > 0)
            {
                (Node node, int next) = stack.Pop();
                if (next == node.InputArray.Length)
                {
                    state[node.Position] = Done;
                    sorted.Add(node);
                    continue;
                }
                stack.Push((node, next + 1));
                if (node.InputArray[next]?.Producer is not { Position: >= 0 } producer) continue;
                if (state[producer.Position] == Open) throw new EdgeException(ErrorCode.InvalidGraph, $"Node '{node.Name}' depends on itself.");
                if (state[producer.Position] == Done) continue;
                state[producer.Position] = Open;
                stack.Push((producer, 0));
            }
        }
        nodes = sorted;
        Number();
    }
}
