using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Planning;

/// <summary>
/// A backend that fails as a plan says, and else does what another one does: for tests of going on without it, the same for every backend. What a device had in hand when it failed is garbage.
/// </summary>
/// <param name="inner">The other one, which belongs to this one.</param>
/// <param name="faults">What goes wrong when.</param>
internal sealed class FaultyBackend(IBackend inner, FaultPlan faults) : IBackend
{
    private const byte Garbage = 0xA7;

    private readonly HashSet<string> refused = [];
    private volatile bool isLost, isWrong;

    /// <inheritdoc/>
    public BackendTraits Traits => inner.Traits;

    /// <inheritdoc/>
    public string? Reject(ExecutionPlan plan, PlanStep step)
    {
        lock (refused)
            if (refused.Contains(step.Operator.Name)) return "its driver refuses the kernel";
        return inner.Reject(plan, step);
    }

    /// <inheritdoc/>
    public ICompiledPlan Compile(ExecutionPlan plan) => Compile(plan, CancellationToken.None);

    /// <inheritdoc/>
    public ICompiledPlan Compile(ExecutionPlan plan, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(plan);
        FaultKind? fault = Strike(FaultPoint.Compile);
        if (fault == FaultKind.Refused)
        {
            string name = plan.Steps[0].Operator.Name;
            lock (refused) refused.Add(name);
            throw Error(ErrorCode.PipelineRefused, $"the driver refuses the kernel of {name}");
        }
        ICompiledPlan compiled = inner.Compile(plan, stop);
        // What fails halfway must not leave anything behind.
        if (fault is { } kind)
        {
            compiled.Dispose();
            throw Error(kind);
        }
        return new FaultyPlan(this, compiled);
    }

    /// <inheritdoc/>
    public void WarmUp(ICompiledPlan plan, CancellationToken stop) => inner.WarmUp(((FaultyPlan)plan).Inner, stop);

    /// <inheritdoc/>
    public IBackend? Reopen()
    {
        if (faults.Next(FaultPoint.Open) is { } kind) throw Error(kind);
        return inner.Reopen() is { } again ? new FaultyBackend(again, faults) : null;
    }

    /// <inheritdoc/>
    public void Retest(ICompiledPlan plan)
    {
        if (Strike(FaultPoint.Retest) is { } kind) throw Error(kind);
        if (isWrong) throw Error(FaultKind.Wrong);
        inner.Retest(((FaultyPlan)plan).Inner);
    }

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    /// <summary>What goes wrong now; a lost device fails whatever it is asked.</summary>
    private FaultKind? Strike(FaultPoint point)
    {
        FaultKind? kind = faults.Next(point);
        isLost |= kind == FaultKind.Lost;
        isWrong |= kind == FaultKind.Wrong;
        return isLost ? FaultKind.Lost : kind == FaultKind.Wrong && point != FaultPoint.Retest ? null : kind;
    }

    private EdgeException Error(FaultKind kind) => kind switch
    {
        FaultKind.Lost => Error(ErrorCode.DeviceLost, "the device stopped working"),
        FaultKind.Memory => Error(ErrorCode.OutOfDeviceMemory, "there is not enough memory"),
        FaultKind.Timeout => Error(ErrorCode.DeviceTimeout, "the device did not finish in time"),
        FaultKind.Refused => Error(ErrorCode.PipelineRefused, "the driver refuses a kernel"),
        _ => Error(ErrorCode.WrongResult, "its kernels compute something else than they should"),
    };

    private EdgeException Error(ErrorCode code, string what) => new(code, $"{Traits.Device}: {what} (rehearsed).");

    /// <summary>A plan of the other backend.</summary>
    private sealed class FaultyPlan(FaultyBackend backend, ICompiledPlan inner) : ICompiledPlan
    {
        public ICompiledPlan Inner => inner;

        public ExecutionPlan Plan => inner.Plan;

        public IReadOnlyList<string> Kernels => inner.Kernels;

        public ReadOnlySpan<long> StepNanoseconds => inner.StepNanoseconds;

        public TensorView Input(int index) => inner.Input(index);

        public TensorView Output(int index) => inner.Output(index);

        public void Run()
        {
            FaultKind? fault = backend.Strike(FaultPoint.Run);
            // A device that is out of memory does not begin; any other has begun.
            if (fault != FaultKind.Memory) inner.Run();
            if (fault is null && !backend.isWrong) return;
            for (int i = 0; i < Plan.Outputs.Count; i++) inner.Output(i).Bytes.Fill(Garbage);
            for (int i = 0; i < Plan.Inputs.Count && fault is not null; i++) inner.Input(i).Bytes.Fill(Garbage);
            if (fault is { } kind) throw backend.Error(kind);
        }

        public void Dispose() => inner.Dispose();
    }
}
