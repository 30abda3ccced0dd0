using System.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>Times the steps of a model, in runs of their own: reading the clock between steps takes time, too.</summary>
internal static class LayerProfile
{
    private const int FewestRuns = 20, UsualRuns = 100;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.5), Longest = TimeSpan.FromSeconds(10);

    /// <summary>Measures the steps; none where the model has no plan as a whole, because shapes inside of it depend on data.</summary>
    /// <param name="subject">The model.</param>
    /// <param name="options">Where it runs.</param>
    /// <param name="peaks">What the machine can do at most; null where that is not known.</param>
    /// <param name="stop">Ends it.</param>
    public static LayerTime[] Measure(BenchSubject subject, SessionOptions options, PeakFigures? peaks, CancellationToken stop)
    {
        using var session = new InferenceSession(subject.Graph, options with { Profile = true });
        session.Run(subject.Views);
        if (session.Compiled is not { } compiled) return [];
        IReadOnlyList<PlanStep> steps = compiled.Plan.Steps;
        var samples = new List<double>[steps.Count];
        for (int s = 0; s < samples.Length; s++) samples[s] = new List<double>(UsualRuns);
        long start = Stopwatch.GetTimestamp();
        do session.Run();
        while (Stopwatch.GetElapsedTime(start) < WarmUp);
        start = Stopwatch.GetTimestamp();
        for (int run = 0; run < UsualRuns && (run < FewestRuns || Stopwatch.GetElapsedTime(start) < Longest); run++)
        {
            stop.ThrowIfCancellationRequested();
            session.Run();
            ReadOnlySpan<long> times = compiled.StepNanoseconds;
            for (int s = 0; s < samples.Length; s++) samples[s].Add(times[s]);
        }
        return Layers(compiled, session.StepBackends!, [.. samples.Select(s => s.ToArray())], peaks);
    }

    /// <summary>Sums by operator, the slowest first.</summary>
    public static OperatorTime[] Totals(IReadOnlyList<LayerTime> layers) =>
    [
        .. layers.GroupBy(l => l.Operator).Select(g =>
        {
            double us = g.Sum(l => l.Us);
            return new OperatorTime(g.Key, g.Count(), us, g.Sum(l => l.Share), Rate(g.Sum(l => l.Operations), us * 1e3), Rate(g.Sum(l => l.Bytes), us * 1e3));
        }).OrderByDescending(o => o.Us).ThenBy(o => o.Operator, StringComparer.Ordinal),
    ];

    /// <summary>The larger share of a peak that a layer reaches, and of which; null where there are no peaks. What models for small devices read is in a cache.</summary>
    public static (double? Share, string? Bound) Against(PeakFigures? peaks, LayerTime layer)
    {
        if (peaks is null) return (null, null);
        double most = layer.Arithmetic == LayerTime.Integer ? peaks.Gops : peaks.Gflops;
        double compute = most > 0 ? layer.Gflops / most : 0, memory = peaks.CacheGbps > 0 ? layer.Gbps / peaks.CacheGbps : 0;
        return compute >= memory ? (compute, "compute") : (memory, "memory");
    }

    private static LayerTime[] Layers(ICompiledPlan compiled, IReadOnlyList<string> backends, double[][] samples, PeakFigures? peaks)
    {
        double[] medians = Array.ConvertAll(samples, s => BlockNoise.Median(s));
        double total = medians.Sum();
        var layers = new LayerTime[samples.Length];
        for (int i = 0; i < layers.Length; i++)
        {
            PlanStep step = compiled.Plan.Steps[i];
            var layer = new LayerTime(step.Name, step.Operator.Name, backends[i], compiled.Kernels[i], medians[i] / 1e3, total > 0 ? medians[i] / total : 0,
                Rate(step.Cost.Operations, medians[i]), Rate(step.Cost.Bytes, medians[i]))
            {
                MinUs = samples[i].Min() / 1e3, NoiseUs = BlockNoise.Of(samples[i]) / 1e3,
                Operations = step.Cost.Operations, Bytes = step.Cost.Bytes, Arithmetic = IsInteger(compiled.Plan, step) ? LayerTime.Integer : LayerTime.Float,
            };
            (double? share, string? bound) = Against(peaks, layer);
            layers[i] = layer with { PeakShare = share, Bound = bound };
        }
        return layers;
    }

    /// <summary>What is read first decides what is computed with: a step that makes floats of integers, or the other way around, computes little.</summary>
    private static bool IsInteger(ExecutionPlan plan, PlanStep step)
    {
        foreach (int slot in step.Inputs)
            if (slot >= 0) return step.Operator is not Dequantize && !plan.Slots[slot].Type.DataType.IsFloat();
        return false;
    }

    private static double Rate(double amount, double nanoseconds) => nanoseconds > 0 ? amount / nanoseconds : 0;
}
