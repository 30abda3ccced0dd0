using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Graphs;

/// <summary>
/// An edit of a graph as a value: new nodes that tap existing values, and values to be replaced. A pass returns it;
/// <see cref="Graph"/> applies and checks it.
/// </summary>
internal sealed class GraphPatch
{
    private readonly List<Node> nodes = [];
    private readonly List<(Value Old, Value Replacement)> replacements = [];

    /// <summary>Nodes to add, in order.</summary>
    public IReadOnlyList<Node> Nodes => nodes;

    /// <summary>Values whose readers are to read another.</summary>
    public IReadOnlyList<(Value Old, Value Replacement)> Replacements => replacements;

    /// <summary>A new constant.</summary>
    public Value Constant(string name, Tensor tensor) => new(name, tensor.Type, tensor);

    /// <summary>Adds a node; types are inferred at once.</summary>
    public Value[] Add(string name, Operator op, params ReadOnlySpan<Value?> inputs)
    {
        Node node = GraphBuilder.Create(name, op, inputs);
        nodes.Add(node);
        return [.. node.Outputs];
    }

    /// <summary>Adds a node of one output.</summary>
    public Value Add1(string name, Operator op, params ReadOnlySpan<Value?> inputs) => Add(name, op, inputs)[0];

    /// <summary>Takes in the nodes and replacements of another patch.</summary>
    public void Take(GraphPatch other)
    {
        nodes.AddRange(other.nodes);
        replacements.AddRange(other.replacements);
    }

    /// <summary>Lets all readers of <paramref name="old"/> (but for this patch's own nodes) read <paramref name="replacement"/>.</summary>
    public GraphPatch Replace(Value old, Value replacement)
    {
        replacements.Add((old, replacement));
        return this;
    }
}
