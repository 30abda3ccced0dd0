using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>
/// Threads that share the tiles of one kernel at a time. The calling thread is worker 0; the others spin for a moment between
/// kernels and then sleep. Nothing is allocated after construction.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    /// <summary>How long a worker spins before it sleeps: longer than the gap between two kernels, shorter than one between frames.</summary>
    private static readonly long SpinTicks = Stopwatch.Frequency / 20_000;

    /// <summary>Set in <see cref="gate"/> while workers may join; the number of those that joined is in the lower bits.</summary>
    private const int Open = 1 << 30;

    private readonly Thread[] threads;
    private readonly AutoResetEvent[] wakeups;
    private readonly int[] asleep;
    private readonly TileShares shares;
    private CpuKernel? kernel;
    private ExceptionDispatchInfo? failure;
    private int round, gate, busy;
    private volatile bool stopping;

    /// <summary>Starts the threads.</summary>
    /// <param name="workers">Number of workers, the caller included.</param>
    public WorkerPool(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        Workers = workers;
        threads = new Thread[workers - 1];
        wakeups = new AutoResetEvent[workers - 1];
        asleep = new int[workers - 1];
        shares = new TileShares(workers);
        for (int i = 0; i < threads.Length; i++)
        {
            int index = i;
            wakeups[i] = new AutoResetEvent(false);
            threads[i] = new Thread(() => Work(index)) { IsBackground = true, Name = $"EdgeRuntime worker {i + 1}" };
            threads[i].Start();
        }
    }

    /// <summary>Number of workers, the caller included.</summary>
    public int Workers { get; }

    /// <summary>Runs all tiles and returns when the last is done. What a tile throws, on whichever thread, is thrown here.</summary>
    /// <exception cref="InvalidOperationException">Another thread is running a kernel on this pool.</exception>
    public void Run(CpuKernel work) => Run(work, 0, work.Tiles);

    /// <summary>Runs tiles from <paramref name="first"/> up to but not including <paramref name="last"/>, as <see cref="Run(CpuKernel)"/> does.</summary>
    public void Run(CpuKernel work, int first, int last)
    {
        ObjectDisposedException.ThrowIf(stopping, this);
        if (threads.Length == 0 || last - first == 1)
        {
            work.Run(first, last, 0);
            return;
        }
        if (Interlocked.Exchange(ref busy, 1) != 0) throw new InvalidOperationException("Two threads run kernels on one worker pool.");
        kernel = work;
        failure = null;
        shares.Deal(first, last);
        Volatile.Write(ref gate, Open);
        Interlocked.Increment(ref round);
        for (int i = 0; i < threads.Length; i++)
            if (Volatile.Read(ref asleep[i]) != 0 && Interlocked.Exchange(ref asleep[i], 0) != 0) wakeups[i].Set();

        TakeTiles(0);

        // Whoever has not joined by now never will; whoever has finishes the tiles it took.
        Interlocked.And(ref gate, ~Open);
        var spinner = new SpinWait();
        while (Volatile.Read(ref gate) != 0) spinner.SpinOnce(sleep1Threshold: -1);
        kernel = null;
        ExceptionDispatchInfo? thrown = failure;
        Volatile.Write(ref busy, 0);
        thrown?.Throw();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (stopping) return;
        stopping = true;
        foreach (AutoResetEvent wakeup in wakeups) wakeup.Set();
        foreach (Thread thread in threads) thread.Join();
        foreach (AutoResetEvent wakeup in wakeups) wakeup.Dispose();
    }

    private unsafe void Work(int index)
    {
        // The thread is ours to the end: nothing is restored.
        DenormalFlush.Environment before;
        DenormalFlush.Begin(&before);
        int seen = 0;
        while (true)
        {
            WaitForRound(index, ref seen);
            if (stopping) return;
            if (!Join()) continue;
            TakeTiles(index + 1);
            Interlocked.Decrement(ref gate);
        }
    }

    /// <summary>Spins, then sleeps, until a round starts that this worker has not seen.</summary>
    private void WaitForRound(int index, ref int seen)
    {
        long start = Stopwatch.GetTimestamp();
        while (!stopping)
        {
            int current = Volatile.Read(ref round);
            if (current != seen)
            {
                seen = current;
                return;
            }
            if (Stopwatch.GetTimestamp() - start < SpinTicks)
            {
                Thread.SpinWait(8);
                continue;
            }
            Interlocked.Exchange(ref asleep[index], 1);
            // A round that started meanwhile did not see the flag: look again before sleeping.
            if (Volatile.Read(ref round) == seen && !stopping) wakeups[index].WaitOne();
            Interlocked.Exchange(ref asleep[index], 0);
        }
    }

    /// <summary>Counts this worker in, unless the round is over.</summary>
    private bool Join()
    {
        int current = Volatile.Read(ref gate);
        while ((current & Open) != 0)
        {
            int before = Interlocked.CompareExchange(ref gate, current + 1, current);
            if (before == current) return true;
            current = before;
        }
        return false;
    }

    private void TakeTiles(int worker)
    {
        try
        {
            while (shares.TryTake(worker, out int first, out int last)) kernel!.Run(first, last, worker);
        }
        catch (Exception e)
        {
            // Thrown again on the caller's thread; the other workers find no more tiles.
            Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
            shares.Clear();
        }
    }
}
