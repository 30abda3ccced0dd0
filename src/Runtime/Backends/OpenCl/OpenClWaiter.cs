using System.Collections.Concurrent;
using System.Diagnostics;
using Silk.NET.OpenCL;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>
/// Waits for events, and not for ever, which OpenCL has no function for. The driver calls when an event happens; since some do not, its state is
/// looked at from time to time too. Asking all the time would take a core away from drivers that compute on the processor.
/// </summary>
internal sealed unsafe class OpenClWaiter : IDisposable
{
    /// <summary>How often the state of an event is looked at where nobody calls, in milliseconds.</summary>
    private const int Slice = 10;

    /// <summary>Those who may be called, by number: a call that comes late finds nobody.</summary>
    private static readonly ConcurrentDictionary<nint, OpenClWaiter> Waiters = new();

    /// <summary>Native code calls it, so it stays.</summary>
    private static readonly EventNotifyCallback Told = static (_, _, number) =>
    {
        if (Waiters.TryGetValue((nint)number, out OpenClWaiter? waiter)) waiter.called.Set();
    };

    private static int numbers;

    private readonly OpenClCalls calls;
    private readonly ManualResetEventSlim called = new(false, 20);
    private readonly nint number = Interlocked.Increment(ref numbers);

    public OpenClWaiter(OpenClCalls calls)
    {
        this.calls = calls;
        Waiters[number] = this;
    }

    /// <summary>Prepares to wait for an event, right after what it is of was put into a queue.</summary>
    public void Expect(nint done) => calls.Tell(done, Told, number);

    /// <summary>Waits until an event has happened; false when it did not in time.</summary>
    /// <exception cref="Diagnostics.EdgeException">What the event is of failed.</exception>
    public bool Wait(nint done, TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        while (!calls.Happened(done))
        {
            TimeSpan left = patience - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) return false;
            Rest(left);
        }
        return true;
    }

    /// <summary>As <see cref="Wait"/>, of a device that may have failed; true also where it does nothing any more.</summary>
    public bool Settles(nint done, TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        while (!calls.Settled(done))
        {
            TimeSpan left = patience - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) return false;
            Rest(left);
        }
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => Waiters.TryRemove(number, out _);

    private void Rest(TimeSpan left)
    {
        // A driver may call a moment before the state changes, and late for an event of before.
        if (called.Wait((int)Math.Min(Slice, left.TotalMilliseconds + 1))) Thread.Yield();
        called.Reset();
    }
}
