using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Planning;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Programs that are tried on a device, with pipelines of their own; those of the ways that lose are not kept, and those of the others are found in the cache.</summary>
internal sealed class VulkanBench(VulkanContext context, PipelineCache cache, GpuQuarantine quarantine) : IGpuBench
{
    private readonly VulkanPipelines pipelines = new(context.Calls, cache, quarantine);

    /// <inheritdoc/>
    /// <remarks>Pipelines are made one by one, each as fast alone.</remarks>
    public void Prepare(IEnumerable<GpuProgram> some)
    {
    }

    /// <inheritdoc/>
    public ICompiledPlan Compile(GpuProgram program) => new VulkanPlan(context, pipelines, program);

    /// <inheritdoc/>
    public IGpuTrial Trial(GpuProgram program) => new VulkanTrial(context, pipelines, program);

    /// <inheritdoc/>
    public void Dispose() => pipelines.Dispose();
}
