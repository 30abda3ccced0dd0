using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Planning;

/// <summary>The place of an accelerator in a chain: the backend, or when it is tried again after it failed.</summary>
/// <param name="first">The backend at the beginning.</param>
/// <param name="owned">True when it is to be disposed with the chain.</param>
/// <param name="options">How to go on.</param>
internal sealed class BackendLink(IBackend first, bool owned, FailoverOptions options)
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1), LongestWait = TimeSpan.FromMinutes(1);

    private bool isOwned = owned, mayReturn = options.Retry;
    private long since;
    private TimeSpan wait;
    private BackgroundWork<IBackend>? opening;
    private IBackend? leftOver;

    /// <summary>What it is; a backend that was disposed is not asked any more.</summary>
    public BackendTraits Traits { get; private set; } = first.Traits;

    /// <summary>The backend that can be used; null while there is none.</summary>
    public IBackend? Backend { get; private set; } = first;

    /// <summary>The backend that was used last, which knows how to open its device again.</summary>
    private IBackend Last { get; set; } = first;

    /// <summary>The last fault; null while there was none.</summary>
    public EdgeException? Fault { get; private set; }

    /// <summary>How often it was tried again since it failed.</summary>
    public int Attempts { get; private set; }

    /// <summary>True for a backend that came back and did not run yet.</summary>
    public bool IsNews { get; private set; }

    /// <summary>True for the first backend until it runs: what it takes to be prepared is worth to be told.</summary>
    public bool IsFresh { get; private set; } = true;

    /// <summary>True while it is out of order and may come back.</summary>
    public bool IsAwaited => Backend is null && mayReturn;

    /// <summary>How long it is waited for after the last fault.</summary>
    public TimeSpan Wait => wait;

    /// <summary>How long it has been out of order, or in use again.</summary>
    public TimeSpan Elapsed => options.Clock.GetElapsedTime(since);

    /// <summary>Uses the backend no more; nothing of it may be in use.</summary>
    public void GiveUp(EdgeException fault)
    {
        // What worked for longer than it was waited for begins anew.
        bool again = Attempts > 0 && Elapsed < wait;
        wait = again ? Longer(wait) : ShortestWait;
        if (!again) Attempts = 0;
        // A driver that refuses its kernels from the beginning does so the next time, too.
        mayReturn &= fault.Code != ErrorCode.PipelineRefused || Attempts > 0;
        (Fault, since, IsNews, IsFresh) = (fault, options.Clock.GetTimestamp(), false, false);
        // What a failed device holds is of use to nobody; the caller's own backend is the caller's to close. Closing one that hangs takes its time, which is no frame's.
        if (isOwned && fault.Code == ErrorCode.DeviceTimeout) leftOver = Backend;
        else if (isOwned) Backend!.Dispose();
        Backend = null;
    }

    /// <summary>Between two frames: begins to open the device again when it is time; true when it is open.</summary>
    public bool Tend()
    {
        if (opening is null)
        {
            if (Elapsed >= wait) opening = new BackgroundWork<IBackend>($"EdgeRuntime: opening {Traits.Name}", Reopen, options.Background);
            else return false;
        }
        if (!opening.IsDone) return false;

        IBackend? opened = opening.Take(out EdgeException? fault);
        opening = null;
        Attempts++;
        since = options.Clock.GetTimestamp();
        if (fault is not null) (Fault, wait) = (fault, Longer(wait));
        else if (opened is null) mayReturn = false;
        else (Backend, Last, Traits, isOwned, IsNews) = (opened, opened, opened.Traits, true, true);
        return opened is not null;
    }

    /// <summary>The backend runs again.</summary>
    public void Announced() => (IsNews, IsFresh) = (false, false);

    /// <summary>Disposes what is the chain's own, also what is just being opened.</summary>
    public void Dispose()
    {
        if (opening?.Take(out _) is { } opened) opened.Dispose();
        opening = null;
        leftOver?.Dispose();
        leftOver = null;
        if (isOwned) Backend?.Dispose();
    }

    private IBackend? Reopen()
    {
        leftOver?.Dispose();
        leftOver = null;
        return Last.Reopen();
    }

    private static TimeSpan Longer(TimeSpan wait) => wait * 2 < LongestWait ? wait * 2 : LongestWait;
}
