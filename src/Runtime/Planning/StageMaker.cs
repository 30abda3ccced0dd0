using EdgeRuntime.Graphs;

namespace EdgeRuntime.Planning;

/// <summary>What stages are made with.</summary>
/// <param name="compile">Compiles a plan for the backends in use.</param>
/// <param name="bodies">Runs the bodies of nodes that are executed one by one.</param>
/// <param name="kept">How many continuations of a stage are kept.</param>
/// <param name="withDevices">Whether other backends than the host's are in use.</param>
/// <param name="place">Plans and compiles a graph where it runs best; null where that is not measured.</param>
internal sealed class StageMaker(Func<ExecutionPlan, ICompiledPlan> compile, BodyPlans bodies, int kept, Func<bool>? withDevices = null, Func<Graph, ICompiledPlan>? place = null)
{
    /// <summary>How many continuations of a stage are kept.</summary>
    public int Kept => kept;

    /// <summary>Runs the bodies of nodes that are executed one by one.</summary>
    public BodyPlans Bodies => bodies;

    /// <summary>Plans a graph of known shapes and compiles it for the backends in use.</summary>
    public ICompiledPlan Compile(Graph graph)
    {
        if (place is not null) return place(graph);
        // Devices have kernels for what the passes had put together.
        if (withDevices?.Invoke() == true) AttentionParts.Expand(graph);
        else ShuffleJoin.Join(graph);
        return compile(Planner.Plan(graph));
    }
}
