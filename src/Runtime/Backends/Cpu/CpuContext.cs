using EdgeRuntime.Planning;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>What all plans of a CPU backend share.</summary>
/// <param name="Pool">The threads.</param>
/// <param name="Weights">Packed weights.</param>
/// <param name="Bodies">Runs bodies whose shapes depend on data.</param>
internal sealed record CpuContext(WorkerPool Pool, PackedWeights Weights, BodyPlans Bodies) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Bodies.Dispose();
        Pool.Dispose();
    }
}
