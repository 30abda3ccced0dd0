using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>A device behind Vulkan: runs the steps that have shaders.</summary>
public sealed class VulkanBackend : IBackend
{
    private readonly VulkanContext context;
    private readonly VulkanPipelineCache? cache;
    private readonly VulkanPipelines? pipelines;
    private readonly VulkanOptions options;

    private VulkanBackend(VulkanOptions options)
    {
        this.options = options;
        context = new VulkanContext(options);
        try
        {
            cache = new VulkanPipelineCache(context, options.CacheFolder);
            pipelines = new VulkanPipelines(context.Calls, cache.Handle, Quarantine);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Opens a device.</summary>
    /// <exception cref="EdgeException">There is none, or it cannot do what is asked of it (DeviceTrouble).</exception>
    public static VulkanBackend Open(VulkanOptions? options = null) => new(options ?? new VulkanOptions());

    /// <inheritdoc/>
    public BackendTraits Traits => new("vulkan", context.Description.Name,
    [
        $"driver {context.Description.Driver ?? "unknown"} {context.Description.DriverVersion}", $"Vulkan {context.Description.ApiVersion}", options.Precision.ToString(),
        .. cache?.Problem is { } problem ? [problem] : Array.Empty<string>(),
    ]);

    /// <summary>The device and what it can do.</summary>
    public VulkanDevice Device => context.Description;

    /// <summary>What the validation layer said so far; nothing where it is not installed or not asked for.</summary>
    public IReadOnlyList<string> Messages => context.Instance.Messages.All;

    /// <summary>Whether the validation layer checks every call.</summary>
    public bool Validates => context.Instance.Validates;

    /// <summary>The device as lowering sees it.</summary>
    internal GpuTraits GpuTraits => context.Traits;

    /// <summary>Kernels that are not used, and why.</summary>
    internal GpuQuarantine Quarantine { get; } = new();

    /// <summary>Whether compiled kernels were taken from the cache's file.</summary>
    internal bool CacheLoaded => cache!.Loaded;

    /// <summary>Number of pipelines made so far.</summary>
    internal int PipelineCount => pipelines!.Count;

    /// <summary>Counts the handles that are alive.</summary>
    internal VulkanLedger Ledger => context.Ledger;

    /// <inheritdoc/>
    public string? Reject(ExecutionPlan plan, PlanStep step) => GpuProgram.Lower(plan, step, context.Traits, out _, Quarantine).Rejection;

    /// <inheritdoc/>
    public ICompiledPlan Compile(ExecutionPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return Compile(GpuProgram.Build(plan, context.Traits, (step, lowering) => Choose(plan, step, lowering), Quarantine), options.Profile);
    }

    /// <summary>Prepares a program.</summary>
    internal VulkanPlan Compile(GpuProgram program, bool profile = false)
    {
        var plan = new VulkanPlan(context, pipelines!, program, options.Frames, profile);
        cache!.Save(pipelines!.Count);
        return plan;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        pipelines?.Dispose();
        cache?.Dispose();
        context.Dispose();
    }

    /// <summary>The way to execute a step: the first of those that lowering offers.</summary>
    private static GpuCandidate Choose(ExecutionPlan plan, int step, GpuLowering lowering) => lowering.Candidates[0];
}
