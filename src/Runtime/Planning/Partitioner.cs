using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Planning;

/// <summary>
/// Divides a plan among backends: each step goes to the first that takes it, and steps are put in an order that changes backends seldom.
/// </summary>
/// <remarks>
/// One rule overrules preference: a section whose neighbours all run on the last backend, and that would move more bytes over its borders than it
/// computes operations, stays there too. An operation and a byte moved cost about the same, and each change of backends is a wait.
/// </remarks>
internal static class Partitioner
{
    /// <summary>Divides a plan.</summary>
    /// <param name="plan">The whole plan.</param>
    /// <param name="backends">Backends, the preferred first; the last takes every step.</param>
    /// <exception cref="EdgeException">No backend takes a step (<see cref="ErrorCode.NoBackend"/>).</exception>
    public static PlanPartition Divide(ExecutionPlan plan, IReadOnlyList<IBackend> backends)
    {
        var refusals = new List<StepRefusal>();
        int[] backendOf = Assign(plan, backends, refusals);
        int[] producers = Producers(plan);
        var cutter = new SectionCutter(plan, producers);
        int host = backends.Count - 1;
        while (true)
        {
            List<Group> groups = Order(plan, producers, backendOf, backends.Count);
            PlanSection[] sections = [.. groups.Select((g, i) => cutter.Cut(backends[g.Backend], g.Steps, $"{plan.Name}/{i}"))];
            int idle = Enumerable.Range(0, groups.Count).FirstOrDefault(i => groups[i].Backend != host && IsNotWorthIt(i), -1);
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

    private static int[] Assign(ExecutionPlan plan, IReadOnlyList<IBackend> backends, List<StepRefusal> refusals)
    {
        int[] backendOf = new int[plan.Steps.Count];
        for (int i = 0; i < backendOf.Length; i++)
        {
            PlanStep step = plan.Steps[i];
            int backend = 0;
            while (backend < backends.Count && backends[backend].Reject(plan, step) is { } reason)
                refusals.Add(new StepRefusal(i, backends[backend++].Traits.Name, reason));
            if (backend == backends.Count)
                throw new EdgeException(ErrorCode.NoBackend, $"No backend runs the step '{step.Name}' ({step.Operator.Name}) of '{plan.Name}': {refusals[^1].Reason}.");
            backendOf[i] = backend;
        }
        return backendOf;
    }

    /// <summary>For each storage the step that writes it; -1 for inputs and constants.</summary>
    private static int[] Producers(ExecutionPlan plan)
    {
        int[] producers = new int[plan.Slots.Count];
        Array.Fill(producers, -1);
        for (int i = 0; i < plan.Steps.Count; i++)
            foreach (int slot in plan.Steps[i].Outputs) producers[plan.Slots[slot].Storage] = i;
        return producers;
    }

    /// <summary>The better of the orders that begin with each backend.</summary>
    private static List<Group> Order(ExecutionPlan plan, int[] producers, int[] backendOf, int backends) =>
        Enumerable.Range(0, backends).Select(first => OrderFrom(plan, producers, backendOf, first)).MinBy(groups => groups.Count)!;

    /// <summary>Runs all that can be run on one backend before it goes to the next.</summary>
    private static List<Group> OrderFrom(ExecutionPlan plan, int[] producers, int[] backendOf, int backend)
    {
        var groups = new List<Group>();
        bool[] done = new bool[backendOf.Length];
        for (int first = 0; first < done.Length; backend = first < done.Length ? backendOf[first] : backend)
        {
            var steps = new List<int>();
            // Steps are in an order of dependence, so that one pass finds all that can run.
            for (int i = first; i < done.Length; i++)
            {
                if (done[i] || backendOf[i] != backend || !IsReady(plan.Steps[i])) continue;
                done[i] = true;
                steps.Add(i);
            }
            if (steps.Count > 0) groups.Add(new Group(backend, steps));
            while (first < done.Length && done[first]) first++;
        }
        return groups;

        bool IsReady(PlanStep step)
        {
            foreach (int slot in step.Inputs)
                if (slot >= 0 && producers[plan.Slots[slot].Storage] is >= 0 and var producer && !done[producer]) return false;
            return true;
        }
    }

    private sealed record Group(int Backend, List<int> Steps);
}
