using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>Programs that are tried on a device. What is compiled for them serves all, since ways share the forms of their kernels.</summary>
internal sealed class OpenClBench(OpenClContext context, OpenClPrograms programs) : IGpuBench
{
    /// <inheritdoc/>
    public ICompiledPlan Compile(GpuProgram program) => new OpenClPlan(context, programs, program);

    /// <inheritdoc/>
    public IGpuTrial Trial(GpuProgram program) => new OpenClTrial(context, programs, program);

    /// <inheritdoc/>
    public void Prepare(IEnumerable<GpuProgram> some) => programs.Get(some.SelectMany(p => p.Dispatches));

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
