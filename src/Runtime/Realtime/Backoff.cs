namespace EdgeRuntime.Realtime;

/// <summary>How long to wait before something is tried again: 1, 2, 4 … 30 seconds.</summary>
internal sealed class Backoff
{
    private const int Longest = 30;

    private int seconds = 1;

    /// <summary>How often it was asked since it went well.</summary>
    public int Tries { get; private set; }

    /// <summary>The next wait.</summary>
    public TimeSpan Next()
    {
        int now = seconds;
        seconds = Math.Min(Longest, seconds * 2);
        Tries++;
        return TimeSpan.FromSeconds(now);
    }

    /// <summary>It went well.</summary>
    public void Reset() => (seconds, Tries) = (1, 0);
}
