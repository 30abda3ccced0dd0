using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Sessions;

/// <summary>What of a model runs where, and why; <see cref="InferenceSession.Explain"/> prints it.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Backends">Who runs steps, the preferred first.</param>
/// <param name="Sections">The parts of the model, in the order in which they run.</param>
/// <param name="Refusals">Operators that do not run where they were wanted.</param>
/// <param name="PassedOver">Backends that were not used at all, each with the reason.</param>
/// <param name="Events">What went wrong since the session began.</param>
public sealed record Placement(
    string Model, IReadOnlyList<PlacedBackend> Backends, IReadOnlyList<PlacedSection> Sections, IReadOnlyList<RefusedOperator> Refusals,
    IReadOnlyList<string> PassedOver, IReadOnlyList<BackendEvent> Events)
{
    /// <summary>Operators that are executed by themselves, because the shapes of their results depend on data; none where all is planned.</summary>
    public IReadOnlyList<RefusedOperator> Unplanned { get; init; } = [];

    /// <summary>Where placement was decided by measuring: what was found for each plan; none where the first backend that takes a step runs it.</summary>
    public IReadOnlyList<MeasuredPlacement> Measured { get; init; } = [];

    /// <summary>Bytes that are copied to devices for each frame.</summary>
    public long BytesToDevice => Sections.Sum(s => s.BytesIn);

    /// <summary>Bytes that are copied back from devices for each frame.</summary>
    public long BytesFromDevice => Sections.Sum(s => s.BytesOut);

    internal static Placement Of(ICompiledPlan compiled, BackendChain chain, PlanPlacer? placer = null) => Of(compiled.Plan.Name, [compiled], chain, placer);

    /// <summary>Of the stages of the last run, and of those of the bodies that it ran.</summary>
    internal static Placement Of(string model, Stage stage, BodyPlans bodies, BackendChain chain, PlanPlacer? placer = null)
    {
        var plans = new List<ICompiledPlan>();
        var unplanned = new List<Node>();
        foreach (Stage first in (IEnumerable<Stage>)[stage, .. bodies.Last])
        {
            for (Stage? at = first; at is not null; at = at.Next)
            {
                if (at.Plan is { } plan) plans.Add(plan);
                unplanned.AddRange(at.Unplanned);
            }
        }
        return Of(model, plans, chain, placer) with
        {
            Unplanned = [.. unplanned.GroupBy(n => n.Operator.Name).Select(g => new RefusedOperator(g.Key, "plan", "the shapes of its results depend on data", g.Count()))],
        };
    }

    private static PlanPartition Partition(ICompiledPlan compiled, BackendChain chain) => compiled is SectionedPlan sectioned ? sectioned.Partition
        // A plan that the last backend runs as a whole.
        : new PlanPartition(compiled.Plan, [new PlanSection(chain.Host, compiled.Plan, [.. Enumerable.Range(0, compiled.Plan.Steps.Count)], [], [])], []);

    private static Placement Of(string model, IReadOnlyList<ICompiledPlan> plans, BackendChain chain, PlanPlacer? placer)
    {
        PlanPartition[] partitions = [.. plans.Select(p => Partition(p, chain))];
        (PlanSection Section, IReadOnlyList<string> Kernels)[] sections = [.. partitions.Zip(plans).SelectMany(p => p.First.Sections.Select(s => (s, p.Second.Kernels)))];
        long operations = Math.Max(1, sections.Sum(s => s.Section.Operations));
        int steps = Math.Max(1, plans.Sum(p => p.Plan.Steps.Count));
        return new Placement(
            model,
            [
                .. from section in sections
                   group section by section.Section.Backend into own
                   let backend = own.Key.Traits
                   orderby own.Key == chain.Host
                   let count = own.Sum(s => s.Section.Steps.Count)
                   select new PlacedBackend(
                       backend.Name, backend.Device, own.Count(), count, (double)count / steps, (double)own.Sum(s => s.Section.Operations) / operations, own.Sum(s => s.Section.Plan.ArenaBytes),
                       [.. own.SelectMany(s => s.Section.Steps.Select(step => s.Kernels[step])).GroupBy(name => name, (name, uses) => new KernelUse(name, uses.Count())).OrderByDescending(k => k.Steps)]),
            ],
            [
                .. from pair in partitions.Zip(plans)
                   let found = placer?.Of(pair.Second)
                   from s in pair.First.Sections
                   select new PlacedSection(s.Plan.Name, s.Backend.Traits.Name, s.Steps.Count, s.Operations, Copied(s, s.BytesIn), Copied(s, s.BytesOut)) { Times = found is null ? null : PlacedTimes.Of(s, found, pair.First.Sections.Count == 1) },
            ],
            [
                .. from partition in partitions
                   from refusal in partition.Refusals
                   group refusal by (partition.Plan.Steps[refusal.Step].Operator.Name, refusal.Backend, refusal.Reason) into same
                   orderby same.Count() descending
                   select new RefusedOperator(same.Key.Name, same.Key.Backend, same.Key.Reason, same.Count()),
            ],
            [.. chain.PassedOver, .. chain.OutOfOrder, .. plans.Any(p => p is SectionedPlan { IsPending: true }) ? chain.Coming : []], [.. chain.Log.Events])
        {
            Measured = [.. from plan in plans let found = placer?.Of(plan) where found is not null select MeasuredPlacement.Of(plan.Plan.Name, found)],
        };
    }

    private static long Copied(PlanSection section, long bytes) => section.Backend is IHostBackend ? 0 : bytes;
}

/// <summary>A backend and what it runs.</summary>
/// <param name="Name">Such as vulkan.</param>
/// <param name="Device">Its device.</param>
/// <param name="Sections">Number of sections.</param>
/// <param name="Steps">Number of steps.</param>
/// <param name="StepShare">Share of all steps, 0…1.</param>
/// <param name="OperationShare">Share of all arithmetic operations, 0…1.</param>
/// <param name="ArenaBytes">Memory for tensors in between.</param>
/// <param name="Kernels">Its kernels, the most used first.</param>
public sealed record PlacedBackend(
    string Name, string Device, int Sections, int Steps, double StepShare, double OperationShare, long ArenaBytes, IReadOnlyList<KernelUse> Kernels);

/// <summary>A kernel and how often it is used.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Steps">Number of steps.</param>
public sealed record KernelUse(string Name, int Steps);

/// <summary>A part of a model that one backend runs at a stretch.</summary>
/// <param name="Name">The model's name and a number.</param>
/// <param name="Backend">Who runs it.</param>
/// <param name="Steps">Number of steps.</param>
/// <param name="Operations">Arithmetic operations.</param>
/// <param name="BytesIn">Bytes copied to it; none where it reads the host's memory.</param>
/// <param name="BytesOut">Bytes copied from it; none where it writes the host's memory.</param>
public sealed record PlacedSection(string Name, string Backend, int Steps, long Operations, long BytesIn, long BytesOut)
{
    /// <summary>How long it takes there, and would take elsewhere; null where that was not measured.</summary>
    public PlacedTimes? Times { get; init; }
}

/// <summary>An operator that a backend does not run.</summary>
/// <param name="Operator">Name of the operator.</param>
/// <param name="Backend">The backend.</param>
/// <param name="Reason">Why not.</param>
/// <param name="Steps">Number of steps that it concerns.</param>
public sealed record RefusedOperator(string Operator, string Backend, string Reason, int Steps);
