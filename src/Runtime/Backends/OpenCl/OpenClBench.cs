using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>Programs that are tried on a device; what is compiled for them is not kept.</summary>
internal sealed class OpenClBench(OpenClContext context, GpuQuarantine quarantine) : IGpuBench
{
    private readonly OpenClPrograms programs = new(context, null, quarantine);

    /// <inheritdoc/>
    public ICompiledPlan Compile(GpuProgram program) => new OpenClPlan(context, programs, program);

    /// <inheritdoc/>
    public IGpuTrial Trial(GpuProgram program) => new OpenClTrial(context, programs, program);

    /// <inheritdoc/>
    public void Dispose() => programs.Dispose();
}
