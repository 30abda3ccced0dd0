namespace EdgeRuntime.Planning;

/// <summary>
/// Guesses where a plan runs best from what was measured of the same model with inputs of other shapes: steps of the same name take time in proportion to their work. A growing cache would else be
/// measured anew at every step.
/// </summary>
internal static class PlacementEstimate
{
    /// <summary>At least so much of the work has to be known.</summary>
    private const double LeastShare = 0.9;

    /// <summary>The estimate; null where too little is known.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="measured">The plan that was measured.</param>
    /// <param name="findings">What was found.</param>
    /// <param name="backends">The backends there are, the host last.</param>
    public static PlacementFindings? Of(ExecutionPlan plan, ExecutionPlan measured, PlacementFindings findings, IReadOnlyList<IBackend> backends)
    {
        if (!backends.Select(b => (b.Traits.Name, b.Traits.Device)).SequenceEqual(findings.Backends.Select(b => (b.Name, b.Device)))) return null;
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < measured.Steps.Count; i++) known.TryAdd(measured.Steps[i].Name, i);

        int host = backends.Count - 1;
        double all = 0, found = 0;
        double[][] steps = [.. backends.Select(_ => new double[plan.Steps.Count])];
        // What is new is taken to be as fast as the rest.
        double rate = findings.Costs.Steps[host].Sum() / Math.Max(1, measured.Steps.Sum(StepProfile.Work));
        for (int i = 0; i < plan.Steps.Count; i++)
        {
            PlanStep step = plan.Steps[i];
            double work = StepProfile.Work(step);
            int at = known.GetValueOrDefault(step.Name, -1);
            all += work;
            if (at >= 0) found += work;
            for (int b = 0; b < backends.Count; b++)
                steps[b][i] = at >= 0 ? findings.Costs.Steps[b][at] * work / StepProfile.Work(measured.Steps[at]) : b == host ? rate * work : double.NaN;
            for (int b = 0; b < host; b++)
                if (!double.IsNaN(steps[b][i]) && backends[b].Reject(plan, step) is not null) steps[b][i] = double.NaN;
        }
        if (found < all * LeastShare) return null;
        var flow = new PlanFlow(plan);
        PlacementCosts costs = findings.Costs with { Steps = steps };
        int[] backendOf = PlacementSolver.Solve(flow, costs);
        double alone = steps[host].Sum(), best = PlacementSolver.Cost(flow, costs, backendOf);
        var contenders = new List<PlacementContender> { new(findings.Backends[host].Name, alone, alone, 0, null) };
        if (backendOf.Any(b => b != host)) contenders.Add(new PlacementContender("mixed", best, best, 0, new PlanAssignment(findings.Backends, backendOf)));
        return new PlacementFindings(findings.Time, findings.Backends, costs, contenders, contenders.Count - 1, findings.PassedOver) { Source = PlacementSource.Estimated };
    }
}
