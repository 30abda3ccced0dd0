using EdgeRuntime.Tensors;

namespace EdgeRuntime.Graphs;

/// <summary>An edge of the graph: a graph input, a constant, or one output of a node.</summary>
public sealed class Value
{
    private readonly List<Node> consumers = [];

    internal Value(string name, TensorType type, Tensor? constant = null)
    {
        Name = name;
        Type = type;
        Constant = constant;
    }

    /// <summary>Name, unique where the source model's is.</summary>
    public string Name { get; internal set; }

    /// <summary>Element type, shape (perhaps with unknown dimensions) and quantization.</summary>
    public TensorType Type { get; internal set; }

    /// <summary>The elements if they are known before running, else null.</summary>
    public Tensor? Constant { get; }

    /// <summary>What is known of integer elements that shape arithmetic makes; see <see cref="Operators.ShapeElements"/>.</summary>
    internal long[]? Elements { get; set; }

    /// <summary>The node that computes this value; null for inputs and constants.</summary>
    public Node? Producer { get; internal set; }

    /// <summary>The nodes that read this value, one entry for each reading input.</summary>
    public IReadOnlyList<Node> Consumers => consumers;

    internal List<Node> ConsumerList => consumers;

    /// <summary>A constant of the same elements for another graph.</summary>
    internal Value Copy() => new(Name, Type, Constant);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type}";
}
