namespace EdgeRuntime.Realtime;

/// <summary>What comes first, and what is too late, when several lanes share a machine.</summary>
public record LaneOptions
{
    /// <summary>Work of a higher priority comes first, also in the middle of work of a lower one: say, 1 for a microphone and 0 for a camera.</summary>
    public int Priority { get; init; }

    /// <summary>The age at which a result is wanted. Of lanes of one priority the one whose result is wanted first is served first, also in the middle of another's work: a short deadline for what is fast and a
    /// longer one for what is slow keep the one from being delayed by the other, and let the slow one have its turn all the same. Null where it does not matter.</summary>
    public TimeSpan? Deadline
    {
        get;
        init
        {
            if (value is { } age) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(age, TimeSpan.Zero);
            field = value;
        }
    }

    /// <summary>True to hand results on even after the deadline; else what is late has timed out, and is not worked on any more.</summary>
    public bool KeepsLate { get; init; }
}

/// <summary>How a lane of sound works.</summary>
public sealed record SoundLaneOptions : LaneOptions
{
    /// <summary>So much sound waits at most before some is lost; four bytes a sample.</summary>
    public TimeSpan Buffer
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromMinutes(10));
            field = value;
        }
    } = TimeSpan.FromSeconds(8);
}
