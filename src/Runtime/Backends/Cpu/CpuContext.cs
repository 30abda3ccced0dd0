using EdgeRuntime.Backends.Cpu.Kernels;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>What all plans of a CPU backend share.</summary>
/// <param name="Pool">The threads.</param>
/// <param name="Weights">Packed weights.</param>
/// <param name="Bodies">Runs bodies whose shapes depend on data.</param>
/// <param name="Products">How integers are multiplied.</param>
/// <param name="SharesSmallSteps">True to share out steps among the threads however small they are.</param>
/// <param name="Choose">Which way a step is executed; null, or null of it, for the one that is likely to be the best.</param>
/// <param name="Trace">Records what workers do; null for nobody.</param>
/// <param name="Lanes">Floats that vectors have at most; 0 for as many as suit the step.</param>
internal sealed record CpuContext(WorkerPool Pool, PackedWeights Weights, BodyPlans Bodies, ProductPath Products = ProductPath.Automatic, bool SharesSmallSteps = false, Func<ExecutionPlan, PlanStep, KernelChoice?>? Choose = null, KernelTrace? Trace = null, int Lanes = 0) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Bodies.Dispose();
        Weights.Dispose();
        Pool.Dispose();
    }
}
