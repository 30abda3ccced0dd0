namespace EdgeRuntime.Planning;

/// <summary>What stages are made with.</summary>
/// <param name="compile">Compiles a plan for the backends in use.</param>
/// <param name="bodies">Runs the bodies of nodes that are executed one by one.</param>
/// <param name="kept">How many continuations of a stage are kept.</param>
internal sealed class StageMaker(Func<ExecutionPlan, ICompiledPlan> compile, BodyPlans bodies, int kept)
{
    /// <summary>How many continuations of a stage are kept.</summary>
    public int Kept => kept;

    /// <summary>Runs the bodies of nodes that are executed one by one.</summary>
    public BodyPlans Bodies => bodies;

    /// <summary>Compiles a plan for the backends in use.</summary>
    public ICompiledPlan Compile(ExecutionPlan plan) => compile(plan);
}
