using System.Diagnostics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>
/// Finds the fastest way to execute each step by trying all on the device: in turn, each several times in one submission, the least time counts,
/// and those that fall behind drop out. Equal steps are measured once. Time is bounded: the steps with most work come first, and those
/// for which none is left take what won most often among the measured.
/// </summary>
internal sealed class GpuTuner(IGpuDevice device, GpuRecords records, GpuQuarantine quarantine, TimeSpan budget)
{
    private const int Rounds = 5, MostRepetitions = 64;

    /// <summary>How long a submission should take, so that one execution is measured well.</summary>
    private const long SubmissionNanoseconds = 2_000_000;

    /// <summary>One that took so many times the best, and this much longer, in the first round is measured no more; and in later rounds.</summary>
    private const double Hopeless = 2, Behind = 1.2;

    private const long Noise = 5_000;

    /// <summary>Steps whose ways were measured, and such for which there was no time, since the device was opened.</summary>
    public int Measured { get; private set; }

    /// <inheritdoc cref="Measured"/>
    public int Guessed { get; private set; }

    /// <summary>How long all of it took.</summary>
    public TimeSpan Spent { get; private set; }

    /// <summary>Measures the steps of a plan for which there is no choice yet.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void Tune(ExecutionPlan plan, CancellationToken stop = default)
    {
        var open = new Dictionary<string, (PlanStep Step, GpuLowering Lowering)>(StringComparer.Ordinal);
        foreach (PlanStep step in plan.Steps)
        {
            GpuLowering lowering = GpuProgram.Lower(plan, step, device.Traits, out GpuStep gpu, quarantine);
            if (lowering.Candidates.Count < 2) continue;
            string signature = GpuSignature.Of(plan, gpu, lowering);
            if (records.Choice(signature) is null) open.TryAdd(signature, (step, lowering));
        }
        if (open.Count == 0) return;

        long start = Stopwatch.GetTimestamp();
        var wins = new Dictionary<string, int>(StringComparer.Ordinal);
        // Those of the ways that lose are not kept; those of the others are found in the cache.
        using IGpuBench bench = device.OpenBench(quarantine);
        foreach ((string signature, (PlanStep step, GpuLowering lowering)) in open.OrderByDescending(o => o.Value.Step.Cost.Operations + o.Value.Step.Cost.Bytes))
        {
            GpuChoice? choice = Stopwatch.GetElapsedTime(start) < budget ? Measure(bench, plan, step, lowering, () => Stopwatch.GetElapsedTime(start) < budget && !stop.IsCancellationRequested) : null;
            stop.ThrowIfCancellationRequested();
            if (choice is null)
            {
                Guessed++;
                choice = Guess(lowering, wins);
            }
            else
            {
                Measured++;
                wins[choice.Name] = wins.GetValueOrDefault(choice.Name) + 1;
            }
            records.Add(signature, choice);
        }
        Spent += Stopwatch.GetElapsedTime(start);
    }

    private static GpuChoice Guess(GpuLowering lowering, Dictionary<string, int> wins)
    {
        int best = Enumerable.Range(0, lowering.Candidates.Count).MaxBy(i => wins.GetValueOrDefault(lowering.Candidates[i].Name));
        return new GpuChoice(best, lowering.Candidates[best].Name, 0);
    }

    /// <summary>The fastest way; null when none could be measured.</summary>
    private GpuChoice? Measure(IGpuBench bench, ExecutionPlan plan, PlanStep step, GpuLowering lowering, Func<bool> hasTime)
    {
        ExecutionPlan single = SingleStep.Of(plan, step);
        var runners = new List<Runner>();
        try
        {
            for (int i = 0; i < lowering.Candidates.Count && (i == 0 || hasTime()); i++)
                if (Start(bench, single, lowering, i) is { } runner) runners.Add(runner);
            for (int round = 0; round < Rounds && runners.Count > 1 && hasTime(); round++)
            {
                foreach (Runner runner in runners) runner.Run(SubmissionNanoseconds);
                Drop(runners, round == 0 ? Hopeless : Behind);
            }
            Runner? best = runners.MinBy(r => r.Best);
            return best is null ? null : new GpuChoice(best.Candidate, lowering.Candidates[best.Candidate].Name, best.Best);
        }
        finally
        {
            foreach (Runner runner in runners) runner.Dispose();
        }
    }

    /// <summary>Prepares one way and runs it once, since drivers compile then; null for one that cannot be had.</summary>
    private Runner? Start(IGpuBench bench, ExecutionPlan single, GpuLowering lowering, int candidate)
    {
        try
        {
            var program = GpuProgram.Build(single, device.Traits, (_, ways) => ways.Candidates.First(c => c.Name == lowering.Candidates[candidate].Name));
            var runner = new Runner(candidate, bench.Trial(program));
            try
            {
                runner.WarmUp();
                return runner;
            }
            catch
            {
                runner.Dispose();
                throw;
            }
        }
        // What only the trial needs is no loss: the model is smaller than all ways side by side, and other ways may suit the driver.
        catch (EdgeException e) when (e.Code is ErrorCode.PipelineRefused or ErrorCode.OutOfDeviceMemory)
        {
            return null;
        }
    }

    private static void Drop(List<Runner> runners, double factor)
    {
        long best = runners.Min(r => r.Best);
        for (int i = runners.Count - 1; i >= 0; i--)
        {
            if (runners[i].Best <= best * factor + Noise) continue;
            runners[i].Dispose();
            runners.RemoveAt(i);
        }
    }

    /// <summary>One way and the least time it took.</summary>
    private sealed class Runner(int candidate, IGpuTrial trial) : IDisposable
    {
        private int repetitions = 1;

        public int Candidate => candidate;

        public long Best { get; private set; } = long.MaxValue;

        public void WarmUp()
        {
            trial.Measure(1);
            Best = trial.Measure(1);
        }

        public void Run(long nanoseconds)
        {
            if (repetitions == 1) repetitions = (int)Math.Clamp(nanoseconds / Best, 1, MostRepetitions);
            Best = Math.Min(Best, trial.Measure(repetitions));
        }

        public void Dispose() => trial.Dispose();
    }
}
