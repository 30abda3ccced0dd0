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
    private readonly VulkanRecordFile? measurements;
    private readonly GpuRecords records;
    private readonly VulkanTuner tuner;
    private readonly VulkanSelfTest selfTest;
    private readonly Lock choosing = new();

    private VulkanBackend(VulkanOptions options)
    {
        this.options = options;
        context = new VulkanContext(options);
        try
        {
            cache = new VulkanPipelineCache(context, options.CacheFolder);
            pipelines = new VulkanPipelines(context.Calls, cache.Handle, Quarantine);
            measurements = options.CacheFolder is { } folder ? new VulkanRecordFile(context, folder) : null;
            records = measurements?.Records ?? new GpuRecords();
            tuner = new VulkanTuner(context, cache.Handle, records, Quarantine, options.TuningBudget);
            selfTest = new VulkanSelfTest(context, cache.Handle, records, Quarantine, options.Sabotage);
            selfTest.Recall();
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
        .. measurements?.Problem is { } trouble ? [trouble] : Array.Empty<string>(),
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

    /// <summary>What was measured when plans were compiled.</summary>
    internal VulkanTuner Tuner => tuner;

    /// <summary>What was found out about the device.</summary>
    internal GpuRecords Records => records;

    /// <summary>Tries all kernels, whatever is known of them, and keeps the results.</summary>
    internal IReadOnlyList<GpuTestResult> TestKernels(Action<int, int>? done = null)
    {
        lock (choosing)
        {
            IReadOnlyList<GpuTestResult> results = selfTest.RunAll(done);
            measurements?.Save();
            return results;
        }
    }

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
        return Compile(Choose(plan), options.Profile);
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

    /// <summary>Lowers a plan, with the fastest way for each step.</summary>
    private GpuProgram Choose(ExecutionPlan plan)
    {
        lock (choosing)
        {
            while (true)
            {
                if (options.Tuning == GpuTuning.Measure) tuner.Tune(plan);
                RefuseWhatIsPutAway(plan);
                var program = GpuProgram.Build(plan, context.Traits, (gpu, lowering) => Fastest(plan, gpu, lowering), Quarantine);
                bool passed = !options.SelfTest || selfTest.Passes(program);
                measurements?.Save();
                if (passed) return program;
            }
        }
    }

    /// <summary>Tells the session to ask again which steps are taken, since some have no way left.</summary>
    private void RefuseWhatIsPutAway(ExecutionPlan plan)
    {
        if (Quarantine.Reasons.Count == 0) return;
        foreach (PlanStep step in plan.Steps)
            if (Reject(plan, step) is { } reason) throw new EdgeException(ErrorCode.PipelineRefused, $"The step '{step.Name}' cannot run on {context.Description.Name}: {reason}.", "Run on another device, and look for news of the driver.");
    }

    private GpuCandidate Fastest(ExecutionPlan plan, GpuStep step, GpuLowering lowering)
    {
        if (options.Tuning == GpuTuning.First || lowering.Candidates.Count < 2) return lowering.Candidates[0];
        // Files are not trusted: what does not fit the ways there are is no choice.
        return records.Choice(GpuSignature.Of(plan, step, lowering)) is { } choice && choice.Candidate < lowering.Candidates.Count && lowering.Candidates[choice.Candidate].Name == choice.Name
            ? lowering.Candidates[choice.Candidate] : lowering.Candidates[0];
    }
}
