using System.Diagnostics;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Verification;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>Some runs of a model, step by step and worker by worker; all times are in nanoseconds since the first run began.</summary>
/// <param name="Title">What ran where.</param>
/// <param name="Workers">Number of the CPU's workers, the caller included.</param>
/// <param name="Runs">The runs.</param>
/// <param name="Steps">The steps of all runs.</param>
/// <param name="Pieces">Tiles of steps that a worker computed at a stretch.</param>
internal sealed record RunTrace(string Title, int Workers, IReadOnlyList<RunTrace.Span> Runs, IReadOnlyList<RunTrace.StepSpan> Steps, IReadOnlyList<RunTrace.PieceSpan> Pieces)
{
    private const double WarmUpSeconds = 0.5;

    private const int LeastWarmUp = 30;

    /// <summary>A time from one instant to another.</summary>
    internal readonly record struct Span(long Start, long End);

    /// <summary>A step in one of the runs.</summary>
    internal sealed record StepSpan(int Run, string Name, string Operator, string Backend, string Kernel, Cost Cost, Span Time);

    /// <summary>Tiles that a worker computed, from the first up to but not including the last.</summary>
    internal sealed record PieceSpan(string Name, int Worker, int First, int Last, Span Time);

    /// <summary>Runs a model and records.</summary>
    public static RunTrace Record(Graph graph, string title, SessionOptions options, int runs)
    {
        int workers = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        var kernels = new KernelTrace(workers);
        Tensor[] values = RandomInput.For(graph, seed: 1);
        using var session = new InferenceSession(graph, options with { Profile = true, Threads = workers, Trace = kernels });
        session.Run(Array.ConvertAll(values, v => v.View));
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < LeastWarmUp || Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUpSeconds; i++) session.Run();

        var times = new Span[runs];
        long[][] devices = new long[runs][];
        kernels.IsOn = true;
        for (int i = 0; i < runs; i++)
        {
            long began = Stopwatch.GetTimestamp();
            session.Run();
            times[i] = new Span(began, Stopwatch.GetTimestamp());
            devices[i] = session.Compiled is { } compiled ? compiled.StepNanoseconds.ToArray() : [];
        }
        kernels.IsOn = false;
        long origin = times[0].Start;
        Span[] spans = Array.ConvertAll(times, t => Since(t.Start, t.End));
        return new RunTrace(title, workers, spans, [.. OnCpu(kernels, spans, Since), .. OnDevice(session, spans, devices)],
            [.. kernels.Pieces.Select(p => new PieceSpan(kernels.Steps[p.Step].Step.Name, p.Worker, p.First, p.Last, Since(p.Start, p.End)))]);

        Span Since(long from, long to) => new(Nanoseconds(from - origin), Nanoseconds(to - origin));
    }

    /// <summary>A step is from the first of its tiles to the last one; pieces of another step between them mean that it ran again, in a loop.</summary>
    private static IEnumerable<StepSpan> OnCpu(KernelTrace kernels, Span[] runs, Func<long, long, Span> since)
    {
        IReadOnlyList<KernelTrace.Piece> pieces = kernels.Pieces;
        int run = 0;
        for (int first = 0, next; first < pieces.Count; first = next)
        {
            next = first + 1;
            while (next < pieces.Count && pieces[next].Step == pieces[first].Step && pieces[next].First != pieces[first].First) next++;
            (Planning.PlanStep step, string kernel) = kernels.Steps[pieces[first].Step];
            Span time = since(pieces[first].Start, pieces.Skip(first).Take(next - first).Max(p => p.End));
            while (run + 1 < runs.Length && time.Start >= runs[run + 1].Start) run++;
            yield return new StepSpan(run, step.Name, step.Operator.Name, "cpu", kernel, step.Cost, time);
        }
    }

    /// <summary>A device says how long its steps took, not when they began: they are laid one behind the other from the beginning of their run.</summary>
    private static IEnumerable<StepSpan> OnDevice(InferenceSession session, Span[] runs, long[][] nanoseconds)
    {
        if (session.Compiled is not { } compiled || session.StepBackends is not { } backends) yield break;
        for (int run = 0; run < runs.Length; run++)
        {
            long at = runs[run].Start;
            for (int i = 0; i < nanoseconds[run].Length; i++)
            {
                Planning.PlanStep step = compiled.Plan.Steps[i];
                if (backends[i] != "cpu") yield return new StepSpan(run, step.Name, step.Operator.Name, backends[i], compiled.Kernels[i], step.Cost, new Span(at, at + nanoseconds[run][i]));
                at += nanoseconds[run][i];
            }
        }
    }

    private static long Nanoseconds(long ticks) => (long)(ticks * (1e9 / Stopwatch.Frequency));
}
