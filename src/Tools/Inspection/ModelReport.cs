using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Inspection;

/// <summary>An input or output.</summary>
internal sealed record PortReport(string Name, string Type, string Shape);

/// <summary>One layer.</summary>
/// <param name="Index">Position.</param>
/// <param name="Name">Name of the node.</param>
/// <param name="Operator">The operator.</param>
/// <param name="Summary">The operator with the attributes that matter.</param>
/// <param name="Attributes">All attributes.</param>
/// <param name="Output">Type of the first output.</param>
/// <param name="Parameters">Elements of its constants.</param>
/// <param name="Mflop">Millions of operations, or null when shapes are open.</param>
/// <param name="Backend">Who runs it; null when nothing is computed, or when shapes are open.</param>
/// <param name="Kernel">The kernel; "view" when nothing is computed, null when shapes are open.</param>
internal sealed record LayerReport(int Index, string Name, string Operator, string Summary, string Attributes, string Output, long Parameters, double? Mflop, string? Backend, string? Kernel);

/// <summary>What <c>inspect</c> tells about a model.</summary>
internal sealed record ModelReport(string Name, string Path, long Bytes, ModelMetadata Metadata, PortReport[] Inputs, PortReport[] Outputs, long Parameters, long WeightBytes,
    double? Mflop, long? ArenaBytes, Placement? Placement, LayerReport[] Layers)
{
    /// <summary>Bytes of constants by element type, the most first.</summary>
    public IReadOnlyDictionary<string, long> WeightTypes { get; init; } = new Dictionary<string, long>();

    /// <summary>Looks at a model; kernels are those that a session here would use.</summary>
    public static ModelReport Of(EdgeModel model, string path, SessionOptions options)
    {
        Graph graph = GraphBinding.Bind(model.Graph, [.. model.Graph.Inputs.Select(i => i.Type.Shape)]);
        using var session = new InferenceSession(graph, options);
        ExecutionPlan? plan = session.Plan;
        IReadOnlyList<string> kernels = session.Compiled?.Kernels ?? [], backends = session.StepBackends ?? [];
        var layers = new LayerReport[graph.Nodes.Count];
        // Plans may join nodes to one step, which has the name of one of them.
        var steps = new Dictionary<string, int>();
        for (int i = 0; plan is not null && i < plan.Steps.Count; i++) steps.TryAdd(plan.Steps[i].Name, i);
        for (int i = 0; i < layers.Length; i++)
        {
            Node node = graph.Nodes[i];
            bool view = node.Operator.IsView;
            int? step = !view && steps.TryGetValue(node.Name, out int found) ? found : null;
            string? kernel = plan is null ? null : view ? "view" : step is { } at ? kernels[at] : "joined";
            double? mflop = plan is null ? null : step is { } of ? plan.Steps[of].Cost.Operations / 1e6 : 0;
            string? backend = step is { } on ? backends[on] : null;
            layers[i] = new LayerReport(i, node.Name, node.Operator.Name, ShortText.Of(node), node.Operator.ToString(), Types(node, model.Graph.Symbols),
                node.Inputs.Where(v => v is not null && ModelParameters.Is(v)).Sum(v => v!.Type.Shape.Count), mflop, backend, kernel);
        }
        Value[] constants = [.. model.Graph.Constants];
        return new ModelReport(model.Metadata.Name, path, new FileInfo(path).Length, model.Metadata,
            [.. model.Graph.Inputs.Select(v => Port(v.Name, v.Type, model.Graph))], [.. model.Graph.Outputs.Select(o => Port(o.Name, o.Value.Type, model.Graph))],
            constants.Where(ModelParameters.Is).Sum(c => c.Type.Shape.Count), constants.Sum(c => c.Type.ByteCount),
            plan?.Steps.Sum(s => s.Cost.Operations) / 1e6, session.Placement?.Backends.Sum(b => b.ArenaBytes), session.Placement, layers)
        {
            WeightTypes = constants.GroupBy(c => c.Type.DataType).OrderByDescending(g => g.Sum(c => c.Type.ByteCount)).ToDictionary(g => g.Key.ToString().ToLowerInvariant(), g => g.Sum(c => c.Type.ByteCount)),
        };
    }

    private static string Types(Node node, IReadOnlyList<string> symbols) => node.Outputs.Count == 0 ? "" : node.Outputs[0].Type.Format(symbols);

    private static PortReport Port(string name, TensorType type, Graph graph) =>
        new(name, type.DataType.ToString().ToLowerInvariant(), type.Shape.Format(graph.Symbols));
}
