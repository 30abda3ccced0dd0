using System.Runtime.CompilerServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Sessions;

/// <summary>
/// Plans and compiles models where they run best: as was found at an earlier start, or is measured now. All that a session measures shares one budget; plans that come when it is used up, and such for other shapes of a model
/// that was measured, go by estimates.
/// </summary>
internal sealed class PlanPlacer
{
    /// <summary>How long a session may measure.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2.5);

    /// <summary>Nothing is begun when more of the time is spent.</summary>
    private const double BeginShare = 0.5;

    private const int MostMeasured = 8;

    private readonly BackendChain chain;
    private readonly bool profile, startsAtOnce;
    private readonly IReadOnlyList<IBackend> backends;
    private readonly WorkBudget budget;
    private readonly PlacementRecords records;
    private readonly List<(ExecutionPlan Plan, PlacementFindings Findings)> measured = [];
    private readonly ConditionalWeakTable<ICompiledPlan, PlacementFindings> findings = [];

    /// <summary>Begins with what was found before.</summary>
    /// <param name="chain">The backends.</param>
    /// <param name="profile">Whether the session measures steps: then what it finds is not kept.</param>
    /// <param name="folder">Where findings are kept; null for nowhere.</param>
    /// <param name="clock">Says how long work takes; null for the system's.</param>
    /// <param name="limit">How long measuring may take; null for <see cref="Limit"/>.</param>
    /// <param name="startsAtOnce">Whether frames run on the host until devices are prepared, where nothing is to be measured.</param>
    public PlanPlacer(BackendChain chain, bool profile, string? folder, TimeProvider? clock = null, TimeSpan? limit = null, bool startsAtOnce = false)
    {
        (this.chain, this.profile, this.startsAtOnce, backends) = (chain, profile, startsAtOnce, [.. chain.Usable]);
        budget = new WorkBudget(clock ?? TimeProvider.System, limit ?? Limit);
        records = new PlacementRecords(folder, backends);
    }

    /// <summary>How long measuring took so far.</summary>
    public TimeSpan Spent => budget.Spent;

    /// <summary>What is known about a plan that was compiled here; null for nothing.</summary>
    public PlacementFindings? Of(ICompiledPlan compiled) => findings.TryGetValue(compiled, out PlacementFindings? found) ? found : null;

    /// <summary>Plans and compiles a graph of known shapes, which it may change.</summary>
    public ICompiledPlan Compile(Graph graph)
    {
        if (!chain.HasAccelerators)
        {
            ShuffleJoin.Join(graph);
            return chain.Host.Compile(Planner.Plan(graph));
        }
        // Devices have kernels for what the passes had put together, the host has kernels for some of the whole.
        (ExecutionPlan alone, ExecutionPlan plan) = Plans(graph);
        if (plan.Steps.Count == 0) return chain.Host.Compile(alone);
        string digest = PlanDigest.Of(plan);
        PlacementFindings? known = records.Find(digest, plan) ?? Estimate(plan);
        if (known is not null)
        {
            if (known.Source == PlacementSource.Kept) Note(plan, known);
            return Remember(Compile(alone, plan, known.Best.Assignment), known);
        }
        // Nobody knows what a device would make of it, and there is no time to find out.
        if (chain.Usable.Count == 1 || !budget.HasTime(BeginShare)) return chain.Host.Compile(alone);

        var measurer = new PlacementMeasurer(chain, profile, budget, TransferOf);
        ICompiledPlan compiled;
        PlacementFindings found;
        try
        {
            (compiled, found) = measurer.Measure(alone, plan);
        }
        // Made-up inputs may take a model into branches that are not for inputs of these shapes.
        catch (EdgeException e) when (!BackendChain.IsDeviceFault(e))
        {
            return chain.Host.Compile(alone);
        }
        Note(plan, found);
        if (!measurer.IsSpoiled && !profile)
        {
            records.Add(digest, found);
            records.Save();
        }
        return Remember(compiled, found);
    }

    /// <summary>The model as the host runs it alone, and as several backends run it; what is planned stays as it is when the graph changes.</summary>
    private static (ExecutionPlan Alone, ExecutionPlan Plan) Plans(Graph graph)
    {
        ExecutionPlan before = Planner.Plan(graph);
        if (graph.Nodes.Any(n => n.Operator is Attention))
        {
            AttentionParts.Expand(graph);
            return (before, Planner.Plan(graph));
        }
        ShuffleJoin.Join(graph);
        return (Planner.Plan(graph), before);
    }

    private ICompiledPlan Compile(ExecutionPlan alone, ExecutionPlan plan, PlanAssignment? assignment) =>
        assignment is null ? chain.Host.Compile(alone) : new SectionedPlan(plan, chain, profile, assignment, startsAtOnce);

    /// <summary>Estimates are made from this.</summary>
    private void Note(ExecutionPlan plan, PlacementFindings found)
    {
        if (measured.Count == MostMeasured) measured.RemoveAt(0);
        measured.Add((plan, found));
    }

    private ICompiledPlan Remember(ICompiledPlan compiled, PlacementFindings found)
    {
        findings.Add(compiled, found);
        return compiled;
    }

    private PlacementFindings? Estimate(ExecutionPlan plan) =>
        measured.AsEnumerable().Reverse().Select(m => PlacementEstimate.Of(plan, m.Plan, m.Findings, chain.Usable)).FirstOrDefault(e => e is not null);

    /// <summary>What transfers to a backend cost; that is measured once for each device.</summary>
    private TransferCost TransferOf(IBackend backend)
    {
        int index = backends.ToList().IndexOf(backend);
        if (index >= 0 && records.Transfer(index) is { } known) return known;
        TransferCost cost = TransferProbe.Measure(backend, budget);
        if (index >= 0) records.Add(index, cost);
        return cost;
    }
}
