using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>A device behind Vulkan: runs the steps that have shaders.</summary>
public sealed class VulkanBackend : IBackend
{
    private readonly VulkanContext context;
    private readonly VulkanPipelines pipelines;
    private readonly VulkanOptions options;

    private VulkanBackend(VulkanOptions options)
    {
        this.options = options;
        context = new VulkanContext(options);
        pipelines = new VulkanPipelines(context.Calls);
    }

    /// <summary>Opens a device.</summary>
    /// <exception cref="EdgeException">There is none, or it cannot do what is asked of it (DeviceTrouble).</exception>
    public static VulkanBackend Open(VulkanOptions? options = null) => new(options ?? new VulkanOptions());

    /// <inheritdoc/>
    public BackendTraits Traits => new("vulkan", context.Description.Name,
        [$"driver {context.Description.Driver ?? "unknown"} {context.Description.DriverVersion}", $"Vulkan {context.Description.ApiVersion}", options.Precision.ToString()]);

    /// <summary>The device and what it can do.</summary>
    public VulkanDevice Device => context.Description;

    /// <summary>What the validation layer said so far; nothing where it is not installed or not asked for.</summary>
    public IReadOnlyList<string> Messages => context.Instance.Messages.All;

    /// <summary>Whether the validation layer checks every call.</summary>
    public bool Validates => context.Instance.Validates;

    /// <summary>The device as lowering sees it.</summary>
    internal GpuTraits GpuTraits => context.Traits;

    /// <inheritdoc/>
    public string? Reject(ExecutionPlan plan, PlanStep step) => GpuProgram.Lower(plan, step, context.Traits, out _).Rejection;

    /// <inheritdoc/>
    public ICompiledPlan Compile(ExecutionPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return Compile(GpuProgram.Build(plan, context.Traits, Choose));
    }

    /// <summary>Prepares a program.</summary>
    internal VulkanPlan Compile(GpuProgram program) => new(context, pipelines, program);

    /// <inheritdoc/>
    public void Dispose()
    {
        pipelines.Dispose();
        context.Dispose();
    }

    /// <summary>The way to execute a step: the first of those that lowering offers.</summary>
    private GpuCandidate Choose(int step, GpuLowering lowering) => lowering.Candidates[0];
}
