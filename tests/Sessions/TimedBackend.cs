using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Realtime;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>A device that computes nothing and takes exactly the time that it is told to: it moves a clock on.</summary>
internal class TimedBackend(string name, ManualClock clock, Func<PlanStep, double> nanoseconds, TransferCost transfer = default, Func<PlanStep, string?>? reject = null) : IProfiledBackend
{
    /// <summary>Runs of plans so far, those to measure transfers included.</summary>
    public int Runs { get; private set; }

    /// <summary>Plans compiled so far.</summary>
    public int Compiled { get; private set; }

    /// <summary>Plans compiled and not disposed.</summary>
    public int LivePlans { get; private set; }

    /// <summary>What compiling takes.</summary>
    public TimeSpan CompileTime { get; init; }

    /// <summary>Thrown by runs as long as it is set.</summary>
    public EdgeException? FailRun { get; set; }

    public string Driver { get; init; } = "1.0";

    public BackendTraits Traits => new(name, $"a {name} of the tests", [Driver]);

    public string Identity => $"{name} {Driver}";

    public bool IsSoftware => false;

    public string? Reject(ExecutionPlan plan, PlanStep step) => reject?.Invoke(step);

    public ICompiledPlan Compile(ExecutionPlan plan) => Made(plan, null);

    public ICompiledPlan CompileProfiled(ExecutionPlan plan) => Made(plan, null);

    protected ICompiledPlan Made(ExecutionPlan plan, IReadOnlyList<TensorView>? ports)
    {
        foreach (PlanStep step in plan.Steps)
            if (Reject(plan, step) is { } reason) throw new InvalidOperationException($"A step that was rejected came nevertheless: {reason}");
        clock.Advance(CompileTime);
        Compiled++;
        LivePlans++;
        return new TimedPlan(this, plan, ports);
    }

    public void Dispose() => GC.SuppressFinalize(this);

    private sealed class TimedPlan(TimedBackend backend, ExecutionPlan plan, IReadOnlyList<TensorView>? ports) : ICompiledPlan
    {
        private readonly TensorView[] memory = ports is null ? [.. plan.Inputs.Concat(plan.Outputs).Select(p => new Tensor(plan.Slots[p.Slot].Type).View)] : [.. ports];
        private readonly long[] times = [.. plan.Steps.Select(s => (long)backend.TimeOf(s))];
        private bool disposed;

        public ExecutionPlan Plan => plan;

        public IReadOnlyList<string> Kernels { get; } = [.. plan.Steps.Select(s => s.Operator.Name)];

        public ReadOnlySpan<long> StepNanoseconds => times;

        public TensorView Input(int index) => memory[index];

        public TensorView Output(int index) => memory[plan.Inputs.Count + index];

        public void Run()
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            backend.Runs++;
            if (backend.FailRun is { } fault) throw fault;
            backend.Pass(plan.Steps.Sum(backend.TimeOf) + backend.TransferOf(plan));
        }

        public void Dispose()
        {
            if (disposed) return;
            disposed = true;
            backend.LivePlans--;
        }
    }

    public double TimeOf(PlanStep step) => nanoseconds(step);

    private double TransferOf(ExecutionPlan plan) => transfer.Of(Bytes(plan, plan.Inputs), Bytes(plan, plan.Outputs));

    private void Pass(double time) => clock.Advance(TimeSpan.FromTicks((long)(time / TimeSpan.NanosecondsPerTick)));

    private static long Bytes(ExecutionPlan plan, IEnumerable<PlanPort> ports) => ports.Sum(p => plan.Slots[p.Slot].Type.ByteCount);
}

/// <summary>The same in the place of the CPU.</summary>
internal sealed class TimedHost(ManualClock clock, Func<PlanStep, double> nanoseconds) : TimedBackend("cpu", clock, nanoseconds), IHostBackend
{
    public ICompiledPlan Compile(ExecutionPlan plan, IReadOnlyList<TensorView> ports) => Made(plan, ports);
}
