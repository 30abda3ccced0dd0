using System.Runtime.ExceptionServices;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Realtime;

/// <summary>
/// Shares one machine among lanes: by priority, then by deadline. A host with a loop of its own calls <see cref="Tick"/> with the time it can spare; others call <see cref="Start"/>, and a thread does the work.
/// Nothing is allocated while it goes on.
/// </summary>
public sealed class RealtimeEngine : IDisposable
{
    /// <summary>How long the engine's own thread works before it looks whether something of a higher priority came.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(2);

    private readonly TimeProvider clock;
    private readonly List<Lane> lanes = [];
    private readonly AutoResetEvent wakeup = new(false);
    private Thread? thread;
    private ExceptionDispatchInfo? failure;
    private volatile Thread? working;
    private volatile bool stopping;
    private int stopped;
    private long turns;

    /// <summary>Makes an engine.</summary>
    /// <param name="clock">The clock, or null for the system's monotonic one.</param>
    public RealtimeEngine(TimeProvider? clock = null) => this.clock = clock ?? TimeProvider.System;

    /// <summary>The time: monotonic, since some moment in the past. It is that of live sources' frames.</summary>
    public TimeSpan Now => clock.GetElapsedTime(0);

    /// <summary>All lanes.</summary>
    public IReadOnlyList<Lane> Lanes => lanes;

    /// <summary>Adds a lane, before the engine is started.</summary>
    public void Add(Lane lane)
    {
        ArgumentNullException.ThrowIfNull(lane);
        if (thread is not null) throw new InvalidOperationException("Lanes are added before the engine is started.");
        lane.Join(this);
        lanes.Add(lane);
    }

    /// <summary>
    /// Works for as long as the budget lasts, and less where there is nothing to do. What does not fit any more goes on in the next call; nothing is begun that is known not to fit. What a stage or a
    /// handler throws is thrown here, and its frame is counted as failed.
    /// </summary>
    /// <returns>True when there is something left to do.</returns>
    public bool Tick(TimeSpan budget)
    {
        if (thread is not null && thread != Thread.CurrentThread) throw new InvalidOperationException("The engine has a thread of its own.");
        ObjectDisposedException.ThrowIf(stopping, this);
        return Work(new TimeBudget(budget, clock));
    }

    /// <summary>Starts a thread that works until all lanes are complete, or <see cref="Stop"/>.</summary>
    public void Start()
    {
        if (thread is not null) throw new InvalidOperationException("The engine was started already.");
        ObjectDisposedException.ThrowIf(stopping, this);
        thread = new Thread(Serve) { IsBackground = true, Name = "EdgeRuntime engine" };
        thread.Start();
    }

    /// <summary>Waits until all lanes are complete, or something failed, and throws what did.</summary>
    /// <param name="atMost">How long to wait.</param>
    /// <returns>True when all lanes are complete.</returns>
    public bool Wait(TimeSpan atMost)
    {
        if (thread is not null && !thread.Join(atMost)) return false;
        failure?.Throw();
        return lanes.TrueForAll(l => l.IsComplete);
    }

    /// <summary>Stops: what waits or is under way is counted as stopped. Called by a stage or a handler, it stops when that returns. Nobody may call <see cref="Tick"/> any more.</summary>
    public void Stop()
    {
        stopping = true;
        Wake();
        if (working == Thread.CurrentThread) return;
        thread?.Join();
        StopLanes();
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    /// <summary>Something came.</summary>
    internal void Wake()
    {
        if (thread is not null) wakeup.Set();
    }

    private void Serve()
    {
        try
        {
            while (!stopping)
            {
                if (Work(new TimeBudget(Slice, clock) { WaitsForDevices = true })) continue;
                if (lanes.TrueForAll(static l => l.IsComplete)) return;
                wakeup.WaitOne();
            }
        }
        catch (Exception e)
        {
            // Whoever waits for the end is told.
            failure = ExceptionDispatchInfo.Capture(e);
        }
    }

    /// <summary>True when there is something left to do.</summary>
    private bool Work(in TimeBudget budget)
    {
        working = Thread.CurrentThread;
        try
        {
            while (!stopping && First() is { } lane)
            {
                // A lane that got nothing done has nothing that fits any more; one of a lower priority must not take what it saves up for.
                if (budget.IsSpent || !lane.Advance(budget)) return true;
                lane.Turn = ++turns;
            }
            return false;
        }
        finally
        {
            working = null;
            if (stopping) StopLanes();
        }
    }

    private void StopLanes()
    {
        if (Interlocked.Exchange(ref stopped, 1) != 0) return;
        foreach (Lane lane in lanes) lane.Stop();
    }

    /// <summary>
    /// The lane that is served next: of the highest priority, of those the one whose result is wanted first, or else whose frame is the oldest; and where lanes share frames, the one whose last turn is
    /// the longest ago, so that none is left out by what is slower than the source.
    /// </summary>
    private Lane? First()
    {
        Lane? first = null;
        (TimeSpan Due, TimeSpan Captured, long Turn) order = default;
        foreach (Lane lane in lanes)
        {
            if (lane.Next is not { } captured) continue;
            (TimeSpan, TimeSpan, long) own = (lane.Deadline is { } age ? captured + age : TimeSpan.MaxValue, captured, lane.Turn);
            if (first is not null && (lane.Priority < first.Priority || lane.Priority == first.Priority && own.CompareTo(order) >= 0)) continue;
            (first, order) = (lane, own);
        }
        return first;
    }
}
