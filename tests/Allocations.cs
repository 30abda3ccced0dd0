namespace EdgeRuntime.Tests;

/// <summary>
/// Counts allocated managed memory. A collection that another test causes meanwhile makes the runtime count the rest of this thread's
/// allocation buffer, up to 8 KB, as allocated; some things are set up once; the test runner may write a line. Therefore the least of some
/// attempts counts: what allocates per frame does so in each.
/// </summary>
internal static class Allocations
{
    private const int Attempts = 10;

    /// <summary>The least number of bytes that the calling thread allocates in a run.</summary>
    public static long Least(Action run) => Least(() => run, GC.GetAllocatedBytesForCurrentThread);

    /// <summary>As <see cref="Least(Action)"/>; each attempt is prepared anew, which does not count.</summary>
    public static long LeastAfter(Func<Action> prepare) => Least(prepare, GC.GetAllocatedBytesForCurrentThread);

    /// <summary>The least number of bytes that all threads together allocate in a run; only for tests that run alone.</summary>
    public static long LeastOfAllThreads(Action run) => Least(() => run, () => GC.GetTotalAllocatedBytes(precise: true));

    private static long Least(Func<Action> prepare, Func<long> allocated)
    {
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least > 0; attempt++)
        {
            Action run = prepare();
            long before = allocated();
            run();
            least = Math.Min(least, allocated() - before);
        }
        return least;
    }
}
