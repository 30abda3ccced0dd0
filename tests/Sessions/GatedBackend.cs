using EdgeRuntime.Planning;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>A backend that compiles when a test says so.</summary>
internal sealed class GatedBackend(IBackend inner) : IBackend
{
    /// <summary>Set when compiling may go on.</summary>
    public ManualResetEventSlim Gate { get; } = new();

    /// <summary>Set when compiling has begun.</summary>
    public ManualResetEventSlim Begun { get; } = new();

    /// <summary>Whether compiling ends when nobody wants the plan any more, or goes on nevertheless.</summary>
    public bool Stops { get; init; } = true;

    /// <summary>Plans that were asked for, and warmed up.</summary>
    public int Compiled { get; private set; }

    public int WarmedUp { get; private set; }

    public int? CompilingThread { get; private set; }

    public BackendTraits Traits => inner.Traits;

    public string? Reject(ExecutionPlan plan, PlanStep step) => inner.Reject(plan, step);

    public ICompiledPlan Compile(ExecutionPlan plan) => Compile(plan, CancellationToken.None);

    public ICompiledPlan Compile(ExecutionPlan plan, CancellationToken stop)
    {
        Compiled++;
        CompilingThread = Environment.CurrentManagedThreadId;
        Begun.Set();
        Gate.Wait(Stops ? stop : CancellationToken.None);
        return inner.Compile(plan, stop);
    }

    public void WarmUp(ICompiledPlan plan, CancellationToken stop)
    {
        WarmedUp++;
        inner.WarmUp(plan, stop);
    }

    public IBackend? Reopen() => inner.Reopen();

    public void Retest(ICompiledPlan plan) => inner.Retest(plan);

    public void Dispose() => inner.Dispose();
}
