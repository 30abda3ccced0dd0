using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>What is quantized, or stays in floats, as one: a product and the operators between it and the next.</summary>
/// <param name="product">The product.</param>
internal sealed class Layer(Node product)
{
    private readonly List<Node> nodes = [product];

    /// <summary>The product.</summary>
    public Node Product => product;

    /// <summary>The product and what follows it, in the order of the graph.</summary>
    public IReadOnlyList<Node> Nodes => nodes;

    /// <summary>Name for people.</summary>
    public string Name => product.Name.Length > 0 ? product.Name : product.Outputs[0].Name;

    /// <summary>Arithmetic operations of the product; 0 where shapes are open.</summary>
    public long Operations { get; } = product.Inputs.Concat(product.Outputs).All(v => v is null || v.Type.Shape.IsStatic)
        ? product.Operator.Cost([.. product.Inputs.Select(v => v?.Type ?? default)], [.. product.Outputs.Select(v => v.Type)]).Operations
        : 0;

    /// <summary>Elements of the weights.</summary>
    public long Weights { get; } = product.Inputs.Where(v => v?.Constant is not null).Select(v => v!.Type.Shape.Count).DefaultIfEmpty(0).Max();

    /// <summary>The layers of a plan: each operator between products belongs to the nearest product before it.</summary>
    public static List<Layer> Of(Graph graph, QuantizationPlan plan)
    {
        var layers = new List<Layer>();
        var owners = new Dictionary<Node, int>();
        foreach (Node node in graph.Nodes)
        {
            bool isInteger = plan.Integer.Contains(node);
            if (isInteger && QuantizableNode.KindOf(node) == NodeKind.Product)
            {
                owners[node] = layers.Count;
                layers.Add(new Layer(node));
                continue;
            }
            int owner = -1;
            foreach (Value? input in node.Inputs)
                if (input?.Producer is { } maker && owners.TryGetValue(maker, out int of)) owner = Math.Max(owner, of);
            if (owner < 0) continue;
            // Operators that only move elements hand on whose elements they move.
            if (isInteger || QuantizableNode.KindOf(node) == NodeKind.Movement) owners[node] = owner;
            if (isInteger) layers[owner].nodes.Add(node);
        }
        return layers;
    }
}
