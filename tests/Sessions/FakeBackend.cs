using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>
/// A device that is none: it computes as the CPU does, in memory of its own, refuses what it is told to, and fails when it is told to.
/// </summary>
internal sealed class FakeBackend(Func<PlanStep, string?>? reject = null) : IBackend
{
    private readonly CpuBackend cpu = new(threads: 1);

    /// <summary>Thrown by runs as long as it is set.</summary>
    public EdgeException? FailRun { get; set; }

    /// <summary>Lets the device fail once it has run so many times.</summary>
    public void FailRunAfter(int runs, EdgeException fault) => (goodRuns, FailRun) = (runs, fault);

    private int goodRuns;

    /// <summary>Thrown by compiling as long as it is set.</summary>
    public EdgeException? FailCompile { get; set; }

    /// <summary>Operators that the driver refuses when they are compiled; from then on they are rejected.</summary>
    public HashSet<string> Unbuildable { get; init; } = [];

    private readonly HashSet<string> quarantined = [];

    /// <summary>Runs so far.</summary>
    public int Runs { get; private set; }

    /// <summary>Plans compiled and not disposed.</summary>
    public int LivePlans { get; private set; }

    public int Disposals { get; private set; }

    /// <summary>Opens the device again; null where that is not to be had.</summary>
    public Func<IBackend>? Reopening { get; set; }

    /// <summary>What a test of its kernels throws; null where they pass.</summary>
    public EdgeException? FailRetest { get; set; }

    public int Retests { get; private set; }

    public BackendTraits Traits { get; init; } = new("fake", "a device of the tests", []);

    public string? Reject(ExecutionPlan plan, PlanStep step) =>
        quarantined.Contains(step.Operator.Name) ? "its driver refuses the kernel" : reject?.Invoke(step);

    public ICompiledPlan Compile(ExecutionPlan plan)
    {
        if (FailCompile is { } fault) throw fault;
        foreach (PlanStep step in plan.Steps)
        {
            Assert(Reject(plan, step) is null);
            if (Unbuildable.Contains(step.Operator.Name))
            {
                quarantined.Add(step.Operator.Name);
                throw new EdgeException(ErrorCode.PipelineRefused, $"The driver refuses the kernel of {step.Operator.Name}.");
            }
        }
        LivePlans++;
        return new FakePlan(this, cpu.Compile(plan));
    }

    public IBackend? Reopen() => Reopening?.Invoke();

    public void Retest(ICompiledPlan plan)
    {
        Retests++;
        if (FailRetest is { } fault) throw fault;
    }

    public void Dispose()
    {
        Disposals++;
        cpu.Dispose();
    }

    /// <summary>What the device says a step took.</summary>
    public static long TimeOf(PlanStep step) => 1_000_000_000L + step.Name.Sum(c => c);

    private static void Assert(bool held)
    {
        if (!held) throw new InvalidOperationException("A step that was rejected came nevertheless.");
    }

    private sealed class FakePlan(FakeBackend backend, ICompiledPlan inner) : ICompiledPlan
    {
        private readonly long[] nanoseconds = [.. inner.Plan.Steps.Select(TimeOf)];
        private bool disposed;

        public ExecutionPlan Plan => inner.Plan;

        public IReadOnlyList<string> Kernels { get; } = [.. inner.Plan.Steps.Select(s => $"fake_{s.Operator.Name}")];

        public ReadOnlySpan<long> StepNanoseconds => nanoseconds;

        public TensorView Input(int index) => inner.Input(index);

        public TensorView Output(int index) => inner.Output(index);

        public void Run()
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            backend.Runs++;
            inner.Run();
            if (backend.FailRun is not { } fault || backend.Runs <= backend.goodRuns) return;
            // What a lost device had in hand is gone.
            for (int i = 0; i < Plan.Outputs.Count; i++) inner.Output(i).Bytes.Fill(0xFF);
            throw fault;
        }

        public void Dispose()
        {
            if (disposed) return;
            disposed = true;
            backend.LivePlans--;
            inner.Dispose();
        }
    }
}
