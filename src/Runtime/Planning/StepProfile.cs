namespace EdgeRuntime.Planning;

/// <summary>How long the steps of a plan take on a backend.</summary>
/// <param name="Steps">Nanoseconds of each step, the least of some runs.</param>
/// <param name="Total">Nanoseconds of a run, what steps do not account for included.</param>
internal sealed record StepProfile(double[] Steps, double Total)
{
    /// <summary>Measures.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="plan">A plan that it takes.</param>
    /// <param name="budget">What it may take.</param>
    /// <param name="share">The share of that after which no further run begins.</param>
    /// <param name="least">Runs that are made in any case, those to warm up included.</param>
    /// <param name="most">Runs at most.</param>
    public static StepProfile Of(IBackend backend, ExecutionPlan plan, WorkBudget budget, double share, int least, int most)
    {
        using ICompiledPlan compiled = budget.Make(() => backend is IProfiledBackend profiled ? profiled.CompileProfiled(plan) : backend.Compile(plan));
        MadeUpInputs.Fill(compiled);
        double[] steps = new double[plan.Steps.Count];
        Array.Fill(steps, double.PositiveInfinity);
        double total = double.PositiveInfinity, last = 0;
        for (int run = 0; run < most && (run < least || budget.HasTimeFor(last, share)); run++)
        {
            last = budget.Time(compiled.Run);
            // The first prepares what runs find prepared: it counts only where there is no other.
            if (run == 1)
            {
                total = double.PositiveInfinity;
                Array.Fill(steps, double.PositiveInfinity);
            }
            total = Math.Min(total, last);
            ReadOnlySpan<long> own = compiled.StepNanoseconds;
            for (int i = 0; i < own.Length; i++) steps[i] = Math.Min(steps[i], own[i]);
        }
        if (compiled.StepNanoseconds.Length == 0) Spread(plan, total, steps);
        return new StepProfile(steps, total);
    }

    /// <summary>A backend that does not say how long steps take: each is taken to have its share of the work.</summary>
    private static void Spread(ExecutionPlan plan, double total, double[] steps)
    {
        double all = Math.Max(1, plan.Steps.Sum(Work));
        for (int i = 0; i < steps.Length; i++) steps[i] = total * Work(plan.Steps[i]) / all;
    }

    /// <summary>What a step has to do, roughly: operations, and bytes, which cost about as much.</summary>
    public static double Work(PlanStep step) => 1.0 + step.Cost.Operations + step.Cost.Bytes;
}
