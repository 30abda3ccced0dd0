using System.Diagnostics;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>One side of a measurement: what runs once, and how long each counted run took.</summary>
/// <param name="name">What it is.</param>
/// <param name="run">Runs once.</param>
/// <param name="isCompiledAhead">Whether its code is as fast at first use as it will ever be.</param>
internal sealed class Contender(string name, Action run, bool isCompiledAhead = false)
{
    /// <summary>Whether its code is as fast at first use as it will ever be.</summary>
    public bool IsCompiledAhead => isCompiledAhead;

    /// <summary>Its counted runs.</summary>
    public LatencySamples Samples { get; } = new(name);

    /// <summary>Sum of the counted runs.</summary>
    public TimeSpan Total { get; private set; }

    /// <summary>Managed memory that the calling thread allocated in counted runs.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>Runs once without counting; how long it took.</summary>
    public TimeSpan RunUncounted()
    {
        long start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Runs once and counts it.</summary>
    public void RunCounted()
    {
        long before = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
        run();
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        AllocatedBytes += GC.GetAllocatedBytesForCurrentThread() - before;
        Samples.Add(time);
        Total += time;
    }
}
