namespace EdgeRuntime.Backends.Cpu;

/// <summary>Threads that share the tiles of one kernel at a time. The calling thread is worker 0.</summary>
internal sealed class WorkerPool(int workers) : IDisposable
{
    /// <summary>Number of workers, the caller included.</summary>
    public int Workers { get; } = workers;

    /// <summary>Runs all tiles and returns when the last is done.</summary>
    public void Run(CpuKernel kernel) => kernel.Run(0, kernel.Tiles, 0);

    /// <inheritdoc/>
    public void Dispose() { }
}
