using System.Globalization;

namespace EdgeRuntime.Realtime;

/// <summary>How many frames came and what became of them, at one moment; of sound, samples.</summary>
/// <param name="Captured">How many came.</param>
/// <param name="Results">How many gave a result.</param>
/// <param name="FailedOver">How many gave one though a device failed meanwhile.</param>
/// <param name="TimedOut">How many were too late.</param>
/// <param name="Replaced">How many were dropped for a newer one.</param>
/// <param name="Overrun">How many were dropped for want of room.</param>
/// <param name="Failed">How many were dropped because processing them threw.</param>
/// <param name="Stopped">How many were dropped in the end.</param>
public readonly record struct FrameCounts(long Captured, long Results, long FailedOver, long TimedOut, long Replaced, long Overrun, long Failed, long Stopped)
{
    /// <summary>How many were dropped, for whatever reason.</summary>
    public long Dropped => Replaced + Overrun + Failed + Stopped;

    /// <summary>How many have ended.</summary>
    public long Ended => Results + FailedOver + TimedOut + Dropped;

    /// <summary>How many wait or are being processed.</summary>
    public long UnderWay => Captured - Ended;

    /// <summary>One line; what never happened is left out.</summary>
    public override string ToString()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{Captured} captured = {Results} results");
        foreach ((long count, string name) in ((long, string)[])[(FailedOver, "failed over"), (TimedOut, "timed out"), (Replaced, "replaced by newer ones"), (Overrun, "without room"), (Failed, "failed"), (Stopped, "stopped"), (UnderWay, "under way")])
            if (count != 0) text += string.Create(CultureInfo.InvariantCulture, $" + {count} {name}");
        return text;
    }
}
