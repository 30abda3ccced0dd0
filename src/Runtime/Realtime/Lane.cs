using EdgeRuntime.Planning;

namespace EdgeRuntime.Realtime;

/// <summary>
/// The way from one source to its results: what waits, the stages that work on it, and an account of everything that came. One thread captures; the engine's, or whoever calls its
/// <see cref="RealtimeEngine.Tick"/>, does the work. Lanes are independent: none waits for another, but they share the time there is.
/// </summary>
public abstract class Lane
{
    private readonly FrameLedger ledger = new();
    private RealtimeEngine? engine;
    private int capturing;
    private volatile bool closed, stopped;

    private protected Lane(string name, LaneOptions options, IEnumerable<string> stages)
    {
        ArgumentNullException.ThrowIfNull(name);
        (Name, Priority, Deadline, KeepsLate) = (name, options.Priority, options.Deadline, options.KeepsLate);
        Stages = [.. stages.Select(s => new StageLatency(s, new LatencyHistogram()))];
    }

    /// <summary>What it is called in reports.</summary>
    public string Name { get; }

    /// <summary>Work of a higher priority comes first.</summary>
    public int Priority { get; }

    /// <summary>The age at which a result is wanted, or null.</summary>
    public TimeSpan? Deadline { get; }

    /// <summary>True where results are handed on even after the deadline.</summary>
    public bool KeepsLate { get; }

    /// <summary>What came and what became of it. The parts always add up.</summary>
    public FrameCounts Counts => ledger.Counts;

    /// <summary>Age of results when they were there, counted from capture.</summary>
    public LatencyHistogram CaptureToResult { get; } = new();

    /// <summary>How long frames waited before they were begun.</summary>
    public LatencyHistogram Waited { get; } = new();

    /// <summary>How long each stage worked, without what was done in between.</summary>
    public IReadOnlyList<StageLatency> Stages { get; }

    /// <summary>How regularly frames, or blocks of samples, come.</summary>
    public Pace Captures { get; } = new();

    /// <summary>How regularly results come.</summary>
    public Pace Results { get; } = new();

    /// <summary>True when no more will come, and all that came has ended.</summary>
    public bool IsComplete => closed && Next is null;

    /// <summary>True once no more will come.</summary>
    internal bool IsClosed => closed;

    /// <summary>True once everything was stopped.</summary>
    internal bool IsStopped => stopped;

    /// <summary>When something of it ended last, counted in turns of the engine.</summary>
    internal long Turn { get; set; }

    /// <summary>The clock's time.</summary>
    internal TimeSpan Now => (engine ?? throw new InvalidOperationException($"The lane '{Name}' was added to no engine.")).Now;

    /// <summary>Capture time of what is under way, or waits first; null where there is nothing to do. Of the working thread.</summary>
    internal abstract TimeSpan? Next { get; }

    /// <summary>No more will come. What waits is still worked on.</summary>
    public void Close()
    {
        closed = true;
        engine?.Wake();
    }

    /// <summary>Works on what is under way, or else waits first, as long as the budget lasts. True when that has ended. Of the working thread.</summary>
    internal abstract bool Advance(in TimeBudget budget);

    /// <summary>Ends all that waits or is under way. Nobody works any more.</summary>
    internal void Stop()
    {
        (closed, stopped) = (true, true);
        Interlocked.MemoryBarrier();
        StopCapture();
        var spinner = new SpinWait();
        while (Volatile.Read(ref capturing) != 0) spinner.SpinOnce();
        EndAll();
    }

    internal void Join(RealtimeEngine one)
    {
        if (Interlocked.CompareExchange(ref engine, one, null) is not null) throw new InvalidOperationException($"The lane '{Name}' belongs to an engine already.");
    }

    /// <summary>Lets a capturing thread that waits for room go.</summary>
    private protected virtual void StopCapture()
    {
    }

    /// <summary>Counts all that waits or is under way as stopped.</summary>
    private protected abstract void EndAll();

    /// <summary>Counts what came; false when everything was stopped, so that it ends at once. <see cref="Leave"/> must follow.</summary>
    private protected bool Enter(long count, TimeSpan time)
    {
        Interlocked.Exchange(ref capturing, 1);
        ledger.Capture(count);
        Captures.Add(time);
        if (!stopped) return true;
        ledger.End(FrameOutcome.Stopped, count);
        return false;
    }

    private protected void Leave()
    {
        Volatile.Write(ref capturing, 0);
        engine?.Wake();
    }

    private protected void End(FrameOutcome outcome, long count = 1) => ledger.End(outcome, count);

    private protected bool IsLate(TimeSpan captured, TimeSpan now) => !KeepsLate && Deadline is { } age && now - captured > age;
}

/// <summary>How long a stage works.</summary>
/// <param name="Name">The stage.</param>
/// <param name="Latency">Its durations.</param>
public sealed record StageLatency(string Name, LatencyHistogram Latency);
