using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Planning;

/// <summary>
/// Divides a plan among backends: each step goes where it was found to run best or else to the first that takes it, and steps are put in an order that changes backends seldom.
/// </summary>
/// <remarks>
/// Where nothing was measured, one rule overrules preference: a section whose neighbours all run on the last backend, and that would move more bytes over its borders than it
/// computes operations, stays there too. An operation and a byte moved cost about the same, and each change of backends is a wait.
/// </remarks>
internal static class Partitioner
{
    /// <summary>Divides a plan.</summary>
    /// <param name="plan">The whole plan.</param>
    /// <param name="backends">Backends, the preferred first; the last takes every step.</param>
    /// <param name="assignment">Where steps were found to run best; null where nobody measured. Steps of a backend that is not there any more, or takes them no more, go to the next that takes them.</param>
    /// <exception cref="EdgeException">No backend takes a step (<see cref="ErrorCode.NoBackend"/>).</exception>
    public static PlanPartition Divide(ExecutionPlan plan, IReadOnlyList<IBackend> backends, PlanAssignment? assignment = null)
    {
        var refusals = new List<StepRefusal>();
        int[] backendOf = Assign(plan, backends, assignment, refusals);
        var flow = new PlanFlow(plan);
        var cutter = new SectionCutter(plan, flow.Producers);
        int host = backends.Count - 1;
        while (true)
        {
            List<StepGroup> groups = StepOrder.Of(flow, backendOf, backends.Count);
            PlanSection[] sections = [.. groups.Select((g, i) => cutter.Cut(backends[g.Backend], g.Steps, $"{plan.Name}/{i}"))];
            int idle = assignment is null ? Enumerable.Range(0, groups.Count).FirstOrDefault(i => groups[i].Backend != host && IsNotWorthIt(i), -1) : -1;
            if (idle < 0) return new PlanPartition(plan, sections, refusals);

            foreach (int step in groups[idle].Steps)
            {
                // The same words for all, so that they can be counted.
                refusals.Add(new StepRefusal(step, backends[backendOf[step]].Traits.Name, $"taken, but its neighbours run on {backends[host].Traits.Name}, and moving the data there and back costs more"));
                backendOf[step] = host;
            }

            bool IsNotWorthIt(int i) => groups.Count > 1 && (i == 0 || groups[i - 1].Backend == host) && (i == groups.Count - 1 || groups[i + 1].Backend == host)
                && sections[i].BytesIn + sections[i].BytesOut > sections[i].Operations;
        }
    }

    private static int[] Assign(ExecutionPlan plan, IReadOnlyList<IBackend> backends, PlanAssignment? assignment, List<StepRefusal> refusals)
    {
        int[] backendOf = new int[plan.Steps.Count];
        for (int i = 0; i < backendOf.Length; i++)
        {
            PlanStep step = plan.Steps[i];
            int? wanted = assignment?.Find(i, backends);
            int backend = 0;
            while (backend < backends.Count && Refusal(backend, step, wanted) is { } reason)
                refusals.Add(new StepRefusal(i, backends[backend++].Traits.Name, reason));
            if (backend == backends.Count)
                throw new EdgeException(ErrorCode.NoBackend, $"No backend runs the step '{step.Name}' ({step.Operator.Name}) of '{plan.Name}': {refusals[^1].Reason}.");
            backendOf[i] = backend;
        }
        return backendOf;

        // What is wanted may be refused meanwhile, when a kernel turned out to be bad; then those after it are asked.
        string? Refusal(int backend, PlanStep step, int? wanted) => backends[backend].Reject(plan, step)
            ?? (backend < wanted ? $"taken, but measured to be better on {backends[wanted.Value].Traits.Name}" : null);
    }
}
