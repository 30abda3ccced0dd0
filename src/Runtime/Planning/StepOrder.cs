namespace EdgeRuntime.Planning;

/// <summary>Steps that one backend runs at a stretch.</summary>
/// <param name="Backend">Who runs them.</param>
/// <param name="Steps">The steps, as positions in the plan.</param>
internal sealed record StepGroup(int Backend, List<int> Steps);

/// <summary>Puts the steps of a plan in an order that changes backends seldom.</summary>
internal static class StepOrder
{
    /// <summary>The order with the fewest groups of those that begin with each backend, and the plan's own.</summary>
    /// <param name="flow">The plan.</param>
    /// <param name="backendOf">Who runs each step.</param>
    /// <param name="backends">Number of backends.</param>
    public static List<StepGroup> Of(PlanFlow flow, int[] backendOf, int backends) =>
        Enumerable.Range(0, backends).Select(first => From(flow, backendOf, first)).Prepend(AsPlanned(backendOf)).MinBy(groups => groups.Count)!;

    private static List<StepGroup> AsPlanned(int[] backendOf)
    {
        var groups = new List<StepGroup>();
        for (int i = 0; i < backendOf.Length; i++)
        {
            if (i == 0 || backendOf[i] != backendOf[i - 1]) groups.Add(new StepGroup(backendOf[i], []));
            groups[^1].Steps.Add(i);
        }
        return groups;
    }

    /// <summary>Runs all that can be run on one backend before it goes to the next.</summary>
    private static List<StepGroup> From(PlanFlow flow, int[] backendOf, int backend)
    {
        var groups = new List<StepGroup>();
        bool[] done = new bool[backendOf.Length];
        for (int first = 0; first < done.Length; backend = first < done.Length ? backendOf[first] : backend)
        {
            var steps = new List<int>();
            // Steps are in an order of dependence, so that one pass finds all that can run.
            for (int i = first; i < done.Length; i++)
            {
                if (done[i] || backendOf[i] != backend || !IsReady(i)) continue;
                done[i] = true;
                steps.Add(i);
            }
            if (steps.Count > 0) groups.Add(new StepGroup(backend, steps));
            while (first < done.Length && done[first]) first++;
        }
        return groups;

        bool IsReady(int step)
        {
            foreach (int storage in flow.Reads[step])
                if (flow.Producers[storage] is >= 0 and var producer && !done[producer]) return false;
            return true;
        }
    }
}
