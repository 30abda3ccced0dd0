namespace EdgeRuntime.Backends.Cpu;

/// <summary>
/// One step bound to its memory. The work is cut into tiles that may run in any order and on any worker; pointers, weights and
/// scratch memory are fixed when it is made, so that running allocates nothing.
/// </summary>
internal abstract class CpuKernel
{
    /// <summary>Name of the variant: operator, data type, tile, as in conv1x1_f32_6x16.</summary>
    public abstract string Name { get; }

    /// <summary>Number of independent pieces of work, at least 1.</summary>
    public virtual int Tiles => 1;

    /// <summary>True when it reads <see cref="CpuBinding.Planes"/> in place of its first input.</summary>
    public virtual bool ReadsPlanes => false;

    /// <summary>Computes tiles from <paramref name="first"/> up to but not including <paramref name="last"/>.</summary>
    /// <param name="first">First tile.</param>
    /// <param name="last">End of the range.</param>
    /// <param name="worker">Number of the worker thread, for scratch memory: 0 is the caller.</param>
    public abstract void Run(int first, int last, int worker);
}
