using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>
/// Finds the fastest kernel for each step by trying those that compete for it: alone, in turn, each for some time; the least time counts, and those that fall behind drop out. Equal steps are measured once. Time is bounded: the
/// steps with most work come first, and those for which none is left keep the automatic kernel and are measured at another start.
/// </summary>
internal sealed class KernelTuner(KernelRecords records, TimeSpan budget)
{
    private const int Rounds = 6, WarmUpRuns = 20, MostRepetitions = 1000;

    private const double RoundSeconds = 1e-3, WarmUpSeconds = 5e-3;

    /// <summary>One that took so many times the best in the first round is measured no more; and in later rounds.</summary>
    private const double Hopeless = 1.7, Behind = 1.15;

    /// <summary>The automatic kernel stays unless another takes less than this part of its time: rules do not change their minds with the noise of a measurement.</summary>
    private const double Gain = 0.95;

    /// <summary>Steps that were measured, and such for which there was no time.</summary>
    public int Measured { get; private set; }

    /// <inheritdoc cref="Measured"/>
    public int Left { get; private set; }

    /// <summary>How long all of it took.</summary>
    public TimeSpan Spent { get; private set; }

    /// <summary>The choice for a step; null for the automatic kernel.</summary>
    public KernelChoice? Choose(ExecutionPlan plan, PlanStep step) => KernelSignature.Of(plan, step) is { } signature ? records.Find(signature)?.Choice : null;

    /// <summary>Measures the steps of a plan for which there is no choice yet.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="context">The threads to measure with; nothing else of it is used.</param>
    public void Tune(ExecutionPlan plan, CpuContext context)
    {
        var open = new Dictionary<string, PlanStep>(StringComparer.Ordinal);
        foreach (PlanStep step in plan.Steps)
            if (KernelSignature.Of(plan, step) is { } signature && records.Find(signature) is null) open.TryAdd(signature, step);
        if (open.Count == 0) return;

        long start = Stopwatch.GetTimestamp();
        foreach ((string signature, PlanStep step) in open.OrderByDescending(o => o.Value.Cost.Operations + o.Value.Cost.Bytes))
        {
            if (Stopwatch.GetElapsedTime(start) >= budget)
            {
                Left++;
                continue;
            }
            // Weights of those that lose go with the context of the trial.
            using var weights = new PackedWeights();
            CpuContext trial = context with { Weights = weights, Choose = null, Trace = null };
            records.Add(signature, Measure(SingleStep.Of(plan, step), trial));
            Measured++;
        }
        Spent += Stopwatch.GetElapsedTime(start);
        records.Save();
    }

    private static KernelRecord Measure(ExecutionPlan single, CpuContext context)
    {
        IReadOnlyList<KernelCandidate> candidates = CpuPlan.Candidates(single, context, rivals: true);
        KernelCandidate automatic = candidates[0];
        if (candidates.Count == 1) return new KernelRecord(automatic.Choice, automatic.Name, 0);
        var runners = new List<Runner>();
        try
        {
            foreach (KernelCandidate candidate in candidates) runners.Add(new Runner(candidate, new CpuPlan(single, new Dictionary<int, TensorView>(), context with { Choose = (_, _) => candidate.Choice }, profile: false)));
            Runner first = runners[0];
            foreach (Runner runner in runners) runner.WarmUp();
            for (int round = 0; round < Rounds && runners.Count > 1; round++)
            {
                foreach (Runner runner in runners) runner.Run();
                Drop(runners, first, round == 0 ? Hopeless : Behind);
            }
            Runner best = runners.MinBy(r => r.Best)!;
            if (best.Best > first.Best * Gain) best = first;
            return new KernelRecord(best.Candidate.Choice, best.Candidate.Name, best.Best);
        }
        finally
        {
            foreach (Runner runner in runners) runner.Dispose();
        }
    }

    /// <summary>The automatic one stays to the end, since it is what the others must beat.</summary>
    private static void Drop(List<Runner> runners, Runner automatic, double factor)
    {
        double limit = runners.Min(r => r.Best) * factor;
        for (int i = runners.Count - 1; i >= 0; i--)
        {
            if (runners[i].Best <= limit || runners[i] == automatic) continue;
            runners[i].Dispose();
            runners.RemoveAt(i);
        }
    }

    /// <summary>One kernel and the least time it took, in nanoseconds.</summary>
    private sealed class Runner : IDisposable
    {
        private readonly CpuPlan plan;
        private int repetitions = 1;

        public Runner(KernelCandidate candidate, CpuPlan plan)
        {
            (Candidate, this.plan) = (candidate, plan);
            // Floats that are no zeros, in case a kernel looks at them; whole numbers stay zeros, which no index is out of bounds with.
            for (int i = 0; i < plan.Plan.Inputs.Count; i++)
            {
                if (plan.Input(i).DataType != DataType.F32) continue;
                Span<float> elements = MemoryMarshal.Cast<byte, float>(plan.Input(i).Bytes);
                for (int e = 0; e < elements.Length; e++) elements[e] = (e * 37 % 101 - 50) / 64f;
            }
        }

        public KernelCandidate Candidate { get; }

        public long Best { get; private set; } = long.MaxValue;

        /// <summary>Long enough for the compiler to see that it matters.</summary>
        public void WarmUp()
        {
            long start = Stopwatch.GetTimestamp();
            int runs = 0;
            while (runs < WarmUpRuns && Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUpSeconds)
            {
                plan.Run();
                runs++;
            }
            double once = Stopwatch.GetElapsedTime(start).TotalSeconds / runs;
            repetitions = (int)Math.Clamp(RoundSeconds / Math.Max(once, 1e-9), 1, MostRepetitions);
        }

        public void Run()
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < repetitions; i++) plan.Run();
            Best = Math.Min(Best, (long)(Stopwatch.GetElapsedTime(start).TotalNanoseconds / repetitions));
        }

        public void Dispose() => plan.Dispose();
    }
}
