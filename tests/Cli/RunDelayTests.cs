using System.Diagnostics;
using EdgeRuntime.Tools.Runs;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>How long a thread had to wait for a processor.</summary>
public class RunDelayTests
{
    [Fact]
    public void A_thread_that_shares_its_processor_has_waited_for_it_without_garbage()
    {
        using RunDelay? delay = RunDelay.Open();
        Assert.SkipWhen(delay is null, "the system does not tell how long threads wait for a processor");
        bool stop = false;
        Thread[] others = [.. Enumerable.Range(0, 2 * Environment.ProcessorCount + 2).Select(_ => new Thread(() =>
        {
            while (!Volatile.Read(ref stop)) Thread.SpinWait(1000);
        }))];
        TimeSpan before = delay.Total();
        long start = Stopwatch.GetTimestamp();
        foreach (Thread other in others) other.Start();
        // Until it had to wait, however long that takes.
        while (delay.Total() == before) Thread.SpinWait(1000);
        Volatile.Write(ref stop, true);
        foreach (Thread other in others) other.Join();
        Assert.InRange(delay.Total() - before, TimeSpan.FromTicks(1), Stopwatch.GetElapsedTime(start));
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 100; i++) delay.Total();
        }));
    }
}
