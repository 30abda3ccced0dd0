using System.Security.Cryptography;
using System.Text;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>A device behind OpenCL: runs the steps that have shaders.</summary>
public sealed class OpenClBackend : IBackend, IGpuDevice, IProfiledBackend
{
    private readonly OpenClContext context;
    private readonly OpenClPrograms programs;
    private readonly OpenClOptions options;
    private readonly GpuChoices choices;
    private bool disposed;

    private OpenClBackend(OpenClOptions options)
    {
        this.options = options;
        context = new OpenClContext(options);
        try
        {
            var quarantine = new GpuQuarantine();
            // Several devices, and several drivers of one, may be asked for in turn: each has files of its own.
            string? file = options.CacheFolder is { } folder ? Path.Combine(folder, $"opencl-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(context.Identity)))[..16]}") : null;
            programs = new OpenClPrograms(context, file is null ? null : new OpenClProgramFile($"{file}.programs", context.Identity), quarantine, keepsAll: options.KeepsAll || !context.Traits.IsProcessor);
            choices = new GpuChoices(this, quarantine, file is null ? null : new GpuRecordFile($"{file}.measured", context.Identity), options);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Opens a device.</summary>
    /// <exception cref="EdgeException">There is none, or it cannot do what is asked of it (DeviceTrouble).</exception>
    public static OpenClBackend Open(OpenClOptions? options = null) => new(options ?? new OpenClOptions());

    /// <inheritdoc/>
    public BackendTraits Traits => new("opencl", context.Description.Name,
    [
        $"driver {context.Description.Platform} {context.Description.DriverVersion}", context.Description.ApiVersion, options.Precision.ToString(),
        .. programs.Problem is { } problem ? [problem] : Array.Empty<string>(),
        .. choices.Problem is { } trouble ? [trouble] : Array.Empty<string>(),
    ]);

    /// <summary>The device and what it can do.</summary>
    public OpenClDevice Device => context.Description;

    /// <summary>The device as lowering sees it.</summary>
    internal GpuTraits GpuTraits => context.Traits;

    /// <inheritdoc/>
    GpuTraits IGpuDevice.Traits => context.Traits;

    /// <inheritdoc/>
    bool IGpuDevice.SharesForms => context.Traits.IsProcessor;

    /// <summary>Kernels that are not used, and why.</summary>
    internal GpuQuarantine Quarantine => choices.Quarantine;

    /// <summary>What was measured when plans were compiled.</summary>
    internal GpuTuner Tuner => choices.Tuner;

    /// <summary>What was found out about the device.</summary>
    internal GpuRecords Records => choices.Records;

    /// <summary>Tries all kernels, whatever is known of them, and keeps the results.</summary>
    internal IReadOnlyList<GpuTestResult> TestKernels(Action<int, int>? done = null) => choices.TestKernels(done);

    /// <summary>Number of programs made so far, and how many of them were taken from the file.</summary>
    internal (int All, int Loaded) Programs => (programs.Count, programs.Loaded);

    /// <summary>Counts the objects that are alive.</summary>
    internal OpenClLedger Ledger => context.Ledger;

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
        ((OpenClPlan)plan).WarmUp(stop);
        programs.Save();
    }

    /// <inheritdoc/>
    string IProfiledBackend.Identity => $"opencl {context.Identity}, {options.Precision}";

    /// <inheritdoc/>
    bool IProfiledBackend.IsSoftware => context.Traits.IsProcessor;

    /// <inheritdoc/>
    ICompiledPlan IProfiledBackend.CompileProfiled(ExecutionPlan plan) => Compile(choices.ForTiming(plan), profile: true);

    /// <summary>Prepares a program.</summary>
    internal OpenClPlan Compile(GpuProgram program, bool profile = false) => new(context, programs, program, profile, kept: true);

    /// <summary>Compiles what programs need and nobody has asked for before, in one go.</summary>
    internal void Prepare(IEnumerable<GpuProgram> some) => programs.Get(some.SelectMany(p => p.Dispatches));

    /// <inheritdoc/>
    /// <remarks>A device that still does not finish is not opened a second time, so that what it holds does not grow.</remarks>
    public IBackend Reopen()
    {
        if (!context.Calls.Finish()) throw new EdgeException(ErrorCode.DeviceTimeout, $"{Device.Name}: the device has still not finished what it was given up for.", "Run on another device, and look for news of the driver.");
        if (disposed) context.Dispose();
        var again = new OpenClBackend(options with { Ledger = context.Ledger });
        if (again.context.Identity == context.Identity) return again;
        string found = again.Device.Name;
        again.Dispose();
        throw new EdgeException(ErrorCode.DeviceTrouble, $"{Device.Name}: the device is not there any more; there is {found}.");
    }

    /// <inheritdoc/>
    public void Retest(ICompiledPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        choices.Retest(((OpenClPlan)plan).Program);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        choices?.Dispose();
        programs?.Dispose();
        context.Dispose();
    }

    /// <inheritdoc/>
    IGpuBench IGpuDevice.OpenBench(GpuQuarantine quarantine) => new OpenClBench(context, programs);
}
