using EdgeRuntime.Graphs;

namespace EdgeRuntime.Planning;

/// <summary>What of a graph can be planned, what is executed then, and what is left for later.</summary>
/// <param name="Planned">Nodes of known shapes that depend on no others.</param>
/// <param name="PlanInputs">Inputs of the graph that those read.</param>
/// <param name="PlanOutputs">What others need of them, or the graph returns.</param>
/// <param name="Executed">Nodes whose inputs are there then, and whose results' shapes depend on data.</param>
/// <param name="Rest">The others.</param>
/// <param name="RestInputs">What the others read from before.</param>
internal sealed record StageDivision(
    IReadOnlyList<Node> Planned, IReadOnlyList<Value> PlanInputs, IReadOnlyList<Value> PlanOutputs, IReadOnlyList<Node> Executed, IReadOnlyList<Node> Rest,
    IReadOnlyList<Value> RestInputs)
{
    /// <summary>Divides a graph.</summary>
    public static StageDivision Of(Graph graph)
    {
        var inputs = new HashSet<Value>(graph.Inputs);
        var known = new HashSet<Value>(inputs);
        var later = new HashSet<Value>();
        List<Node> planned = [], executed = [], rest = [];
        foreach (Node node in graph.Nodes)
        {
            bool ready = node.Inputs.All(v => v is null || v.Constant is not null || known.Contains(v));
            bool isStatic = node.Outputs.All(o => o.Type.Shape.IsStatic);
            if (ready && isStatic)
            {
                planned.Add(node);
                known.UnionWith(node.Outputs);
            }
            else
            {
                (ready ? executed : rest).Add(node);
                if (!ready) later.UnionWith(node.Outputs);
            }
        }
        var ownPlanned = new HashSet<Node>(planned);
        Value[] planInputs = [.. planned.SelectMany(n => n.Inputs).OfType<Value>().Where(inputs.Contains).Distinct()];
        Value[] planOutputs = [.. planned.SelectMany(n => n.Outputs).Where(o => graph.IsOutput(o) || o.Consumers.Any(c => !ownPlanned.Contains(c)))];
        Value[] restInputs = [.. rest.SelectMany(n => n.Inputs).OfType<Value>().Where(v => v.Constant is null && !later.Contains(v)).Distinct()];
        return new StageDivision(planned, planInputs, planOutputs, executed, rest, restInputs);
    }
}
