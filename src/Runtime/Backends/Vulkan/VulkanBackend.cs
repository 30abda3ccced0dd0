using System.Globalization;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>A device behind Vulkan: runs the steps that have shaders.</summary>
public sealed class VulkanBackend : IBackend, IGpuDevice, IProfiledBackend
{
    private readonly VulkanContext context;
    private readonly VulkanPipelineCache? cache;
    private readonly VulkanPipelines? pipelines;
    private readonly VulkanOptions options;
    private readonly GpuChoices choices;
    private bool disposed;

    private VulkanBackend(VulkanOptions options)
    {
        this.options = options;
        context = new VulkanContext(options);
        try
        {
            var quarantine = new GpuQuarantine();
            cache = new VulkanPipelineCache(context, options.CacheFolder);
            pipelines = new VulkanPipelines(context.Calls, cache.Handle, quarantine);
            choices = new GpuChoices(this, quarantine, options.CacheFolder is { } folder ? RecordsOf(context, folder) : null, options);
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
        .. choices.Problem is { } trouble ? [trouble] : Array.Empty<string>(),
    ]);

    /// <summary>The device and what it can do.</summary>
    public VulkanDevice Device => context.Description;

    /// <summary>What the validation layer said so far; nothing where it is not installed or not asked for.</summary>
    public IReadOnlyList<string> Messages => context.Instance.Messages.All;

    /// <summary>Whether the validation layer checks every call.</summary>
    public bool Validates => context.Instance.Validates;

    /// <summary>The device as lowering sees it.</summary>
    internal GpuTraits GpuTraits => context.Traits;

    /// <inheritdoc/>
    GpuTraits IGpuDevice.Traits => context.Traits;

    /// <summary>Kernels that are not used, and why.</summary>
    internal GpuQuarantine Quarantine => choices.Quarantine;

    /// <summary>What was measured when plans were compiled.</summary>
    internal GpuTuner Tuner => choices.Tuner;

    /// <summary>What was found out about the device.</summary>
    internal GpuRecords Records => choices.Records;

    /// <summary>Tries all kernels, whatever is known of them, and keeps the results.</summary>
    internal IReadOnlyList<GpuTestResult> TestKernels(Action<int, int>? done = null) => choices.TestKernels(done);

    /// <summary>Whether compiled kernels were taken from the cache's file.</summary>
    internal bool CacheLoaded => cache!.Loaded;

    /// <summary>Number of pipelines made so far.</summary>
    internal int PipelineCount => pipelines!.Count;

    /// <summary>Counts the handles that are alive.</summary>
    internal VulkanLedger Ledger => context.Ledger;

    /// <inheritdoc/>
    public string? Reject(ExecutionPlan plan, PlanStep step) => choices.Reject(plan, step);

    /// <inheritdoc/>
    public ICompiledPlan Compile(ExecutionPlan plan) => Compile(plan, CancellationToken.None);

    /// <inheritdoc/>
    public ICompiledPlan Compile(ExecutionPlan plan, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return Compile(choices.Choose(plan, stop), options.Profile);
    }

    /// <inheritdoc/>
    public void WarmUp(ICompiledPlan plan, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ((VulkanPlan)plan).Run();
    }

    /// <inheritdoc/>
    string IProfiledBackend.Identity => $"vulkan {context.Description.Name}, {context.Description.Driver} {context.Description.DriverVersion}, Vulkan {context.Description.ApiVersion}, {options.Precision}";

    /// <inheritdoc/>
    bool IProfiledBackend.IsSoftware => context.Description.Type == "cpu";

    /// <inheritdoc/>
    ICompiledPlan IProfiledBackend.CompileProfiled(ExecutionPlan plan) => Compile(choices.ForTiming(plan), profile: true);

    /// <summary>Prepares a program.</summary>
    internal VulkanPlan Compile(GpuProgram program, bool profile = false)
    {
        var plan = new VulkanPlan(context, pipelines!, program, options.Frames, profile);
        cache!.Save(pipelines!.Count);
        return plan;
    }

    /// <inheritdoc/>
    /// <remarks>A device that still does not finish is not opened a second time, so that what it holds does not grow. What was compiled or measured is found in the cache's files.</remarks>
    public IBackend Reopen()
    {
        if (!context.Calls.Finish(0)) throw new EdgeException(ErrorCode.DeviceTimeout, $"{Device.Name}: the device has still not finished what it was given up for.", "Run on another device, and look for news of the driver.");
        if (disposed) context.Dispose();
        var again = new VulkanBackend(options with { Ledger = context.Ledger });
        if (again.Device.Name == Device.Name && again.Device.Driver == Device.Driver) return again;
        string found = again.Device.Name;
        again.Dispose();
        throw new EdgeException(ErrorCode.DeviceTrouble, $"{Device.Name}: the device is not there any more; there is {found}.");
    }

    /// <inheritdoc/>
    public void Retest(ICompiledPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        choices.Retest(((VulkanPlan)plan).Program);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        choices?.Dispose();
        pipelines?.Dispose();
        cache?.Dispose();
        context.Dispose();
    }

    /// <inheritdoc/>
    IGpuBench IGpuDevice.OpenBench(GpuQuarantine quarantine) => new VulkanBench(context, cache!.Handle, quarantine);

    private static unsafe GpuRecordFile RecordsOf(VulkanContext context, string folder)
    {
        PhysicalDeviceProperties properties;
        context.Calls.Api.GetPhysicalDeviceProperties(context.PhysicalDevice, &properties);
        string device = string.Create(CultureInfo.InvariantCulture, $"{properties.VendorID:x8}-{properties.DeviceID:x8}");
        string uuid = Convert.ToHexStringLower(new ReadOnlySpan<byte>(properties.PipelineCacheUuid, 16));
        return new GpuRecordFile(Path.Combine(folder, $"vulkan-{device}.measured"), string.Create(CultureInfo.InvariantCulture, $"{device} driver {properties.DriverVersion:x8} {uuid}"));
    }
}
