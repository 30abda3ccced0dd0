using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeRuntime.Backends.Cpu;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>
/// What this machine can do at most, measured: the ceiling that kernels are held against. Each figure is the best of many short tries, since others may use the machine, too; the threads are those of a worker pool,
/// as kernels have them, so that a thread which is taken away leaves its share to the others. It takes about a second, once a process for each number of threads.
/// </summary>
internal static class MachinePeaks
{
    /// <summary>Pieces that a try is cut into for each thread, so that the last one to end is not waited for long.</summary>
    private const int PiecesPerThread = 16;

    /// <summary>How long a try takes, and how often it is repeated: a machine that is shared is seldom free for long.</summary>
    private const double TrySeconds = 1e-3;

    private const int Tries = 60;

    private static readonly ConcurrentDictionary<int, PeakFigures> Measured = new();

    /// <summary>The peaks with a number of threads.</summary>
    public static PeakFigures Measure(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        return Measured.GetOrAdd(threads, Try);
    }

    private static PeakFigures Try(int threads)
    {
        using var pool = new WorkerPool(threads);
        double floats = Best(pool, [.. PeakLoops.Floats()]), integers = Best(pool, [.. PeakLoops.Integers()]);
        CacheSizes caches = CacheSizes.Find();
        return new PeakFigures(threads, floats, integers, Reading(pool, caches.MemorySample(threads), tries: 6), Reading(pool, caches.CacheSample(threads), tries: 40));
    }

    /// <summary>Operations a nanosecond of the best loop. Those of vectors less than half as wide as the widest are not tried.</summary>
    private static double Best(WorkerPool pool, PeakLoop[] loops)
    {
        int widest = loops.Max(loop => loop.OperationsPerRound);
        return loops.Where(loop => loop.OperationsPerRound * 2 >= widest).Max(loop => Arithmetic(pool, loop));
    }

    private static double Arithmetic(WorkerPool pool, PeakLoop loop)
    {
        // So long that the optimizing compiler has had its turn, and that one thread's piece takes a known time.
        int rounds = 1000;
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < TrySeconds)
        {
            long start = Stopwatch.GetTimestamp();
            loop.Run(rounds);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (seconds < TrySeconds / PiecesPerThread && rounds < 1 << 20) rounds *= 2;
        }
        var work = new Pieces(pool.Workers * PiecesPerThread, _ => loop.Run(rounds));
        return Best(pool, work, Tries, (double)work.Tiles * rounds * loop.OperationsPerRound);
    }

    /// <summary>Bytes a nanosecond, read in pieces of a block that each thread takes as they come.</summary>
    private static double Reading(WorkerPool pool, long bytes, int tries)
    {
        // Arrays of this length lie in memory of their own and are given back with it.
        long[] block = GC.AllocateUninitializedArray<long>((int)(bytes / sizeof(long)));
        int pieces = pool.Workers * PiecesPerThread, length = block.Length / pieces / PeakLoops.LongsPerRound * PeakLoops.LongsPerRound;
        // Memory that was never written is not there.
        pool.Run(new Pieces(pieces, piece =>
        {
            block.AsSpan(piece * length, length).Fill(piece);
            return 0;
        }));
        return Best(pool, new Pieces(pieces, piece => PeakLoops.Read(block.AsSpan(piece * length, length))), tries, (double)pieces * length * sizeof(long));
    }

    private static double Best(WorkerPool pool, Pieces work, int tries, double units)
    {
        long least = long.MaxValue;
        for (int i = -2; i < tries; i++)
        {
            long start = Stopwatch.GetTimestamp();
            pool.Run(work);
            if (i >= 0) least = Math.Min(least, Stopwatch.GetElapsedTime(start).Ticks * 100);
        }
        return units / Math.Max(1, least);
    }

    /// <summary>Work for a pool; what pieces return is added up, so that no compiler leaves them out.</summary>
    private sealed class Pieces(int count, Func<int, long> piece) : CpuKernel
    {
        private long sum;

        public override string Name => "peak";

        public override int Tiles => count;

        public override void Run(int first, int last, int worker)
        {
            for (int i = first; i < last; i++) Interlocked.Add(ref sum, piece(i));
        }
    }
}
