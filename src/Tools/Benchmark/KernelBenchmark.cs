using System.Diagnostics;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Verification;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>Measures a step alone in every way to execute it, in turn, and compares each result with the operator's definition.</summary>
internal static class KernelBenchmark
{
    private const int Rounds = 30, ColdRounds = 9;

    /// <summary>A round takes about so long for each way, and warming up so long in all: the compiler needs its time.</summary>
    private const double RoundSeconds = 1e-3, WarmUpSeconds = 0.2;

    /// <summary>The definition of a large layer takes seconds: once is enough then.</summary>
    private const double SlowSeconds = 0.05;

    /// <summary>Measures.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="layer">The step.</param>
    /// <param name="threads">Number of threads.</param>
    public static KernelReport Measure(string model, SingleLayer layer, int threads)
    {
        KernelChoice? choice = null;
        using var backend = new CpuBackend(threads) { Choose = (_, _) => choice };
        IReadOnlyList<KernelCandidate> candidates = backend.Candidates(layer.Plan, layer.Step);
        var ways = new List<Way>();
        try
        {
            foreach (KernelCandidate candidate in candidates)
            {
                choice = candidate.Choice;
                ways.Add(new Way(candidate, backend.Compile(layer.Plan), layer));
            }
            Tensor[] expected = Results(ways.Single(w => w.Candidate.Kernel.Name == KernelTime.Definition).Plan);
            foreach (Way way in ways) way.Compare(expected);
            Way[] measured = [.. ways.Where(w => w.Seconds < SlowSeconds)];
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUpSeconds)
                foreach (Way way in measured) way.Run(RoundSeconds);
            foreach (Way way in measured) way.Forget();
            for (int round = 0; round < Rounds; round++)
                foreach (Way way in measured) way.Run(RoundSeconds);
            long[] other = new long[2 * CacheSizes.Find().Last / sizeof(long)];
            for (int round = 0; round < ColdRounds; round++)
                foreach (Way way in measured) way.RunCold(other);
            PeakFigures peaks = MachinePeaks.Measure(threads);
            string arithmetic = ArithmeticOf(layer.Plan);
            return new KernelReport(model, layer.Step.Name, layer.Step.Operator.Name, [.. layer.Step.Inputs.Where(i => i >= 0).Select(Text)], [.. layer.Step.Outputs.Select(Text)], threads,
                layer.Step.Cost.Operations, layer.Step.Cost.Bytes, arithmetic, peaks,
                [.. ways.Select(w => w.Time(layer.Step.Cost.Operations, arithmetic == LayerTime.Integer ? peaks.Gops : peaks.Gflops)).OrderByDescending(t => t.IsAutomatic).ThenBy(t => t.Us)]);
        }
        finally
        {
            foreach (Way way in ways) way.Plan.Dispose();
        }

        string Text(int slot) => layer.Plan.Slots[slot].Type.ToString();
    }

    /// <summary>What a step computes with: integers where its first operand are bytes.</summary>
    private static string ArithmeticOf(ExecutionPlan plan) =>
        plan.Steps[0].Inputs is [>= 0 and var first, ..] && plan.Slots[first].Type.DataType is DataType.U8 or DataType.I8 ? LayerTime.Integer : LayerTime.Float;

    private static Tensor[] Results(ICompiledPlan plan) => [.. Enumerable.Range(0, plan.Plan.Outputs.Count).Select(i =>
    {
        var copy = new Tensor(plan.Output(i).Type);
        plan.Output(i).Bytes.CopyTo(copy.View.Bytes);
        return copy;
    })];

    /// <summary>One way, and what was seen of it.</summary>
    private sealed class Way
    {
        private readonly List<double> warm = [], cold = [];
        private double difference;
        private bool matches = true;
        private int repetitions = 1;

        public Way(KernelCandidate candidate, ICompiledPlan plan, SingleLayer layer)
        {
            (Candidate, Plan) = (candidate, plan);
            for (int i = 0; i < layer.Values.Length; i++) layer.Values[i].View.Bytes.CopyTo(plan.Input(i).Bytes);
            long start = Stopwatch.GetTimestamp();
            plan.Run();
            warm.Add(Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        public KernelCandidate Candidate { get; }

        public ICompiledPlan Plan { get; }

        /// <summary>How long the first execution took.</summary>
        public double Seconds { get; }

        public void Compare(Tensor[] expected)
        {
            for (int i = 0; i < expected.Length; i++)
            {
                TensorView actual = Plan.Output(i);
                var found = TensorDifference.Of(actual, expected[i].View);
                difference = Math.Max(difference, actual.DataType.IsFloat() ? found.MaxRelative : found.MaxAbsolute);
                matches &= found.IsWithin(TensorDifference.FloatTolerance, actual.DataType);
            }
        }

        /// <summary>Forgets times of code that was not compiled for good yet.</summary>
        public void Forget() => warm.Clear();

        public void Run(double seconds)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < repetitions; i++) Plan.Run();
            double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
            warm.Add(took / repetitions);
            repetitions = (int)Math.Clamp(seconds / Math.Max(warm[^1], 1e-9), 1, 100_000);
        }

        /// <summary>Runs once after everything else was put into the caches.</summary>
        public void RunCold(long[] other)
        {
            for (int i = 0; i < other.Length; i += 8) other[i]++;
            long start = Stopwatch.GetTimestamp();
            Plan.Run();
            cold.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        public KernelTime Time(long operations, double peak)
        {
            double median = Median(warm), rate = operations / median / 1e9;
            return new KernelTime(Candidate.Name, Candidate.Choice.ToString(), Candidate.Lanes, Candidate.IsAutomatic, median * 1e6, warm.Min() * 1e6, cold.Count > 0 ? Median(cold) * 1e6 : null,
                rate, rate / peak, difference, matches);
        }

        private static double Median(List<double> times)
        {
            double[] sorted = [.. times.Order()];
            return sorted[sorted.Length / 2];
        }
    }
}
