namespace EdgeRuntime.Planning;

/// <summary>What happened to the backends of a session: the last events, and how many there were. What an event cost is known when its frame is done.</summary>
/// <param name="clock">Says how long that took.</param>
internal sealed class BackendLog(TimeProvider clock)
{
    /// <summary>Older events are forgotten: a device that comes and goes for weeks must not fill the memory.</summary>
    public const int Kept = 256;

    private readonly List<BackendEvent> events = [];
    private long openSince;
    private bool isOpen;

    /// <summary>The last events, the oldest first.</summary>
    public IReadOnlyList<BackendEvent> Events => events;

    /// <summary>All events, forgotten ones, too.</summary>
    public long Count { get; private set; }

    /// <summary>All faults, forgotten ones, too.</summary>
    public long Faults { get; private set; }

    /// <summary>How often a backend came back, forgotten events, too.</summary>
    public long Returns { get; private set; }

    /// <summary>What all of them cost.</summary>
    public TimeSpan TimeLost { get; private set; }

    /// <summary>Notes an event that costs the frame under way time, from a time stamp of the clock until <see cref="Close"/> or the next event.</summary>
    public void Open(BackendEvent happened, long since)
    {
        CloseAt(since);
        Note(happened);
        (openSince, isOpen) = (since, true);
    }

    /// <summary>Notes an event that costs what it says.</summary>
    public void Note(BackendEvent happened)
    {
        if (happened.Kind == BackendEventKind.Fault) Faults++;
        if (happened.Kind == BackendEventKind.Return) Returns++;
        Count++;
        if (events.Count == Kept) events.RemoveAt(0);
        events.Add(happened);
        TimeLost += happened.Cost;
    }

    /// <summary>The frame is done: that was the cost of what went wrong with it, if anything did.</summary>
    public void Close()
    {
        if (isOpen) CloseAt(clock.GetTimestamp());
    }

    private void CloseAt(long now)
    {
        if (!isOpen) return;
        isOpen = false;
        TimeSpan cost = clock.GetElapsedTime(openSince, now);
        events[^1] = events[^1] with { Cost = cost };
        TimeLost += cost;
    }
}
