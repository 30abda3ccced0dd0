using System.Diagnostics;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>
/// Lets sides take turns, so that what else the machine does strikes all alike; each round goes the other way around than the one before, so that none always follows
/// the same one. With one thread a turn is one run. With several, threads that another side left spinning would take the processor from the next one: a turn waits until
/// the process is idle, and its runs are a few in a row, the first ones, which wake threads up, not counted.
/// </summary>
internal static class Turns
{
    private const int LeadIn = 2, LongestTurn = 30;

    private const int UsualWarmUp = 30, FewestInWindow = 3;

    /// <summary>What is much the same as the time before.</summary>
    private const double Settled = 0.95;

    /// <summary>
    /// Code that is used often is compiled again in the background, a tenth of a second after the last new code was used, and code that it calls after that: so time counts, not
    /// the number of runs alone.
    /// </summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(0.5), ShortestWarmUp = TimeSpan.FromSeconds(1), LongestWarmUp = TimeSpan.FromSeconds(5), PeerWarmUp = TimeSpan.FromSeconds(0.3);

    private static readonly TimeSpan TurnLength = TimeSpan.FromMilliseconds(50);

    /// <summary>Systems count a thread's time in ticks of up to 10 ms: within less, a thread that spins may seem idle.</summary>
    private static readonly TimeSpan IdleWindow = TimeSpan.FromMilliseconds(15), LongestWait = TimeSpan.FromMilliseconds(250);

    /// <summary>The share of one processor that an idle process may use.</summary>
    private const double IdleShare = 0.2;

    /// <summary>Measures.</summary>
    /// <param name="sides">Who takes turns.</param>
    /// <param name="limits">How many runs are counted.</param>
    /// <param name="threads">Threads of each side.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1; null if nobody listens.</param>
    /// <param name="stop">Ends it.</param>
    public static void Measure(IReadOnlyList<Contender> sides, TurnLimits limits, int threads, Action<double>? progress = null, CancellationToken stop = default)
    {
        int[] lengths = [.. sides.Select(side => WarmUp(side, stop)).Select(time => threads > 1 && sides.Count > 1 ? LengthOf(time) : 1)];
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; !IsDone(sides, limits, Stopwatch.GetElapsedTime(start)); round++)
        {
            for (int i = 0; i < sides.Count; i++)
            {
                stop.ThrowIfCancellationRequested();
                int at = round % 2 == 0 ? i : sides.Count - 1 - i;
                if (threads > 1 && sides.Count > 1) TakeOver(sides[at]);
                for (int run = 0; run < lengths[at]; run++) sides[at].RunCounted();
            }
            progress?.Invoke(sides.Min(side => Part(side, limits)));
        }
    }

    /// <summary>Runs until caches are filled and, where code is compiled at its first use, until runs get no faster any more; the shortest run.</summary>
    private static TimeSpan WarmUp(Contender side, CancellationToken stop)
    {
        TimeSpan shortest = TimeSpan.MaxValue;
        double before = double.PositiveInfinity;
        int runs = 0;
        var times = new List<double>();
        for (long start = Stopwatch.GetTimestamp(); ;)
        {
            times.Clear();
            TimeSpan window = side.IsCompiledAhead ? PeerWarmUp : Window;
            for (long begun = Stopwatch.GetTimestamp(); times.Count < FewestInWindow || Stopwatch.GetElapsedTime(begun) < window; runs++)
            {
                stop.ThrowIfCancellationRequested();
                TimeSpan time = side.RunUncounted();
                times.Add(time.TotalMilliseconds);
                if (time < shortest) shortest = time;
            }
            double median = BlockNoise.Median([.. times]);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (side.IsCompiledAhead || elapsed >= LongestWarmUp || (runs >= UsualWarmUp && elapsed >= ShortestWarmUp && median >= Settled * before)) return shortest;
            before = median;
        }
    }

    private static bool IsDone(IReadOnlyList<Contender> sides, TurnLimits limits, TimeSpan elapsed) =>
        sides.All(limits.IsEnough) || (elapsed >= limits.AtMost && sides.All(side => side.Samples.Count >= TurnLimits.Fewest));

    /// <summary>Short runs go in a row, so that waiting for the other side's threads does not take most of the time.</summary>
    private static int LengthOf(TimeSpan run) => (int)Math.Clamp(TurnLength / run, 1, LongestTurn);

    private static void TakeOver(Contender side)
    {
        WaitUntilIdle();
        for (int i = 0; i < LeadIn; i++) side.RunUncounted();
    }

    /// <summary>Waits while other threads of this process are busy, such as those that spin until there is more work: ONNX Runtime's do so for 50 ms.</summary>
    private static void WaitUntilIdle()
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < LongestWait)
        {
            TimeSpan used = Environment.CpuUsage.TotalTime;
            long slept = Stopwatch.GetTimestamp();
            Thread.Sleep(IdleWindow);
            if (Environment.CpuUsage.TotalTime - used < Stopwatch.GetElapsedTime(slept) * IdleShare) return;
        }
    }

    private static double Part(Contender side, TurnLimits limits)
    {
        double runs = side.Samples.Count / (double)limits.Runs;
        return Math.Min(1, limits.AtLeast > TimeSpan.Zero ? Math.Min(runs, side.Total / limits.AtLeast) : runs);
    }
}
