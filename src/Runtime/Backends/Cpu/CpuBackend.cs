using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EdgeRuntime.Backends.Cpu.Kernels;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>The CPU: runs every operator, through a tuned kernel or else through its definition.</summary>
public sealed class CpuBackend : IBackend, IHostBackend, IProfiledBackend
{
    /// <summary>Of each body whose shapes depend on data.</summary>
    private const int KeptPlans = 4;

    private readonly bool profile;
    private readonly int threads;
    private CpuContext? context;
    private KernelTuner? tuner;
    private bool disposed;

    /// <summary>Creates the backend; its threads begin with the first plan.</summary>
    /// <param name="threads">Number of threads, the caller included; 0 for one a core.</param>
    /// <param name="profile">True to measure each step.</param>
    public CpuBackend(int threads = 0, bool profile = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        this.profile = profile;
        this.threads = threads > 0 ? threads : Environment.ProcessorCount;
    }

    /// <summary>How integers are multiplied by plans still to be compiled, so that tests reach every way in one process.</summary>
    internal ProductPath Products { get; set; }

    /// <summary>Floats that vectors of plans still to be compiled have at most, where kernels can be had with several widths; 0 for as many as suit.</summary>
    internal int Lanes { get; init; }

    /// <summary>True to share out steps of plans still to be compiled however small they are, so that tests of small tensors reach all workers.</summary>
    internal bool SharesSmallSteps { get; set; }

    /// <summary>Which way the steps of plans still to be compiled are executed; null, or null of it, for the one that is likely to be the best.</summary>
    internal Func<ExecutionPlan, PlanStep, KernelChoice?>? Choose { get; set; }

    /// <summary>Whether kernels are chosen by measuring.</summary>
    internal KernelTuning Tuning { get; init; }

    /// <summary>How long measuring may take for a plan; null for what <see cref="Tuning"/> says.</summary>
    internal TimeSpan? TuningBudget { get; init; }

    /// <summary>Where what was measured is kept; null for nowhere.</summary>
    internal string? CacheFolder { get; init; }

    /// <summary>Chooses kernels; null where they are chosen by rules.</summary>
    internal KernelTuner? Tuner => Tuning is KernelTuning.Fast or KernelTuning.Full
        ? tuner ??= new KernelTuner(new KernelRecords(CacheFolder, CpuIdentity.Of(Details(), threads)), TuningBudget ?? TimeSpan.FromSeconds(Tuning == KernelTuning.Full ? 60 : 0.5)) : null;

    /// <summary>Records what workers do in plans still to be compiled; null for nobody.</summary>
    internal KernelTrace? Trace { get; init; }

    /// <inheritdoc/>
    public BackendTraits Traits => new("cpu", $"{RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} core{(Environment.ProcessorCount == 1 ? "" : "s")}", Details());

    /// <inheritdoc/>
    public string? Reject(ExecutionPlan plan, PlanStep step) => null;

    /// <inheritdoc/>
    public ICompiledPlan Compile(ExecutionPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Tuner?.Tune(plan, Context);
        return new CpuPlan(plan, new Dictionary<int, TensorView>(), Context, profile);
    }

    /// <inheritdoc/>
    string IProfiledBackend.Identity => CpuIdentity.Of(Details(), threads);

    /// <inheritdoc/>
    bool IProfiledBackend.IsSoftware => false;

    /// <inheritdoc/>
    ICompiledPlan IProfiledBackend.CompileProfiled(ExecutionPlan plan)
    {
        Tuner?.Tune(plan, Context);
        return new CpuPlan(plan, new Dictionary<int, TensorView>(), Context, profile: true);
    }

    /// <inheritdoc/>
    ICompiledPlan IHostBackend.Compile(ExecutionPlan plan, IReadOnlyList<TensorView> ports)
    {
        Tuner?.Tune(plan, Context);
        return new CpuPlan(plan, plan.Inputs.Concat(plan.Outputs).Zip(ports).ToDictionary(p => p.First.Slot, p => p.Second), Context, profile);
    }

    /// <inheritdoc/>
    Tensor[] IHostBackend.Compute(Graph graph)
    {
        using var plan = new CpuPlan(Planner.Plan(graph), new Dictionary<int, TensorView>(), Context with { Choose = null, Trace = null }, profile: false);
        plan.Run();
        // The memory of outputs is theirs once the plan is gone.
        return [.. plan.Plan.Outputs.Select((_, i) => plan.Output(i)).Select(CpuPlan.Kept)];
    }

    /// <summary>All ways to execute a step, the automatic one first; see <see cref="CpuKernels.Candidates"/>. They are to be named, not to be run: what they are bound to is gone.</summary>
    internal IReadOnlyList<KernelCandidate> Candidates(ExecutionPlan plan, PlanStep step)
    {
        using var weights = new PackedWeights();
        return CpuPlan.Candidates(SingleStep.Of(plan, step), Context with { Weights = weights });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        context?.Dispose();
    }

    private CpuContext Context
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return context ??= new CpuContext(new WorkerPool(threads), new PackedWeights(), new BodyPlans(Compile, KeptPlans), Products, SharesSmallSteps, Tuner is { } chooser ? (plan, step) => Choose?.Invoke(plan, step) ?? chooser.Choose(plan, step) : Choose, Trace, Lanes);
        }
    }

    private List<string> Details() =>
    [
        $"{threads} threads",
        Vector512.IsHardwareAccelerated ? "512-bit vectors" : Vector256.IsHardwareAccelerated ? "256-bit vectors"
            : Vector128.IsHardwareAccelerated ? "128-bit vectors" : "no vectors",
        .. System.Runtime.Intrinsics.X86.Avx2.IsSupported ? ["AVX2"] : Array.Empty<string>(),
        .. System.Runtime.Intrinsics.X86.Fma.IsSupported ? ["FMA"] : Array.Empty<string>(),
        .. System.Runtime.Intrinsics.X86.AvxVnni.IsSupported ? ["AVX-VNNI"] : Array.Empty<string>(),
        .. System.Runtime.Intrinsics.X86.Avx512F.IsSupported ? ["AVX-512"] : Array.Empty<string>(),
        .. MachineCode.VnniCode.IsSupported ? ["AVX-512 VNNI"] : Array.Empty<string>(),
        .. System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported ? ["NEON"] : Array.Empty<string>(),
        .. System.Runtime.Intrinsics.Arm.Dp.IsSupported ? ["dot product"] : Array.Empty<string>(),
    ];
}
