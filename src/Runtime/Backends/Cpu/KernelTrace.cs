using System.Diagnostics;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>
/// Records which worker computed which tiles of which step, and when. Kernels are wrapped when they are bound, so that plans without a trace do not know of it; recording writes into arrays that are there already.
/// </summary>
/// <param name="workers">Number of workers, the caller included.</param>
/// <param name="most">Pieces that are kept of each worker; what comes later is left out.</param>
internal sealed class KernelTrace(int workers, int most = 1 << 16)
{
    private readonly List<(PlanStep Step, string Kernel)> steps = [];
    private readonly Piece[][] pieces = [.. Enumerable.Range(0, workers).Select(_ => new Piece[most])];
    private readonly int[] counts = new int[workers];

    /// <summary>Whether pieces are recorded; to be changed between runs.</summary>
    public bool IsOn { get; set; }

    /// <summary>The steps that were bound, with their kernels.</summary>
    public IReadOnlyList<(PlanStep Step, string Kernel)> Steps => steps;

    /// <summary>What was recorded, in the order in which it began; not to be asked while a plan runs.</summary>
    public IReadOnlyList<Piece> Pieces => [.. pieces.SelectMany((p, worker) => p.Take(counts[worker])).OrderBy(p => p.Start).ThenByDescending(p => p.End)];

    /// <summary>The kernel of a step, recorded.</summary>
    public CpuKernel Wrap(PlanStep step, CpuKernel kernel)
    {
        steps.Add((step, kernel.Name));
        return new Recorded(this, steps.Count - 1, kernel);
    }

    /// <summary>Tiles of a step that a worker computed at a stretch; times are of <see cref="Stopwatch.GetTimestamp"/>.</summary>
    internal readonly record struct Piece(int Step, int Worker, int First, int Last, long Start, long End);

    private sealed class Recorded(KernelTrace trace, int step, CpuKernel kernel) : CpuKernel
    {
        public override string Name => kernel.Name;

        public override int Tiles => kernel.Tiles;

        public override void Run(int first, int last, int worker)
        {
            if (!trace.IsOn)
            {
                kernel.Run(first, last, worker);
                return;
            }
            long start = Stopwatch.GetTimestamp();
            kernel.Run(first, last, worker);
            long end = Stopwatch.GetTimestamp();
            ref int count = ref trace.counts[worker];
            // The counts of workers lie in one cache line; that costs what a trace may cost.
            if (count < trace.pieces[worker].Length) trace.pieces[worker][count++] = new Piece(step, worker, first, last, start, end);
        }
    }
}
