namespace EdgeRuntime.Planning;

/// <summary>How long measuring may take, and how long it took. Work that has begun is not cut short, so none is begun that may take long when little is left.</summary>
/// <param name="clock">Says how long work takes.</param>
/// <param name="limit">How long all of it may take.</param>
internal sealed class WorkBudget(TimeProvider clock, TimeSpan limit)
{
    /// <summary>How long the work so far took.</summary>
    public TimeSpan Spent { get; private set; }

    /// <summary>How long it may take.</summary>
    public TimeSpan Limit => limit;

    /// <summary>The time now.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>True while less than a share of the time is spent.</summary>
    public bool HasTime(double share = 1) => Spent < limit * share;

    /// <summary>True when work that takes so long would still end within a share of the time.</summary>
    public bool HasTimeFor(double nanoseconds, double share = 1) => Spent + TimeSpan.FromMicroseconds(nanoseconds / 1e3) < limit * share;

    /// <summary>Does what has to be done in any case, and does not count; how many nanoseconds it took.</summary>
    public double TimeUncounted(Action work)
    {
        TimeSpan before = Spent;
        double time = Time(work);
        Spent = before;
        return time;
    }

    /// <summary>Works; how many nanoseconds it took.</summary>
    public double Time(Action work)
    {
        long start = clock.GetTimestamp();
        try
        {
            work();
        }
        finally
        {
            Spent += clock.GetElapsedTime(start);
        }
        return clock.GetElapsedTime(start).TotalNanoseconds;
    }

    /// <summary>Makes something.</summary>
    public T Make<T>(Func<T> work)
    {
        T? made = default;
        Time(() => made = work());
        return made!;
    }
}
