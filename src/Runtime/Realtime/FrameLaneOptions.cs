namespace EdgeRuntime.Realtime;

/// <summary>What becomes of frames that come faster than they are processed.</summary>
public enum QueuePolicy
{
    /// <summary>The newest takes the place of the one that waits: for whoever wants to know what is now.</summary>
    NewestWins,

    /// <summary>Some wait; one that finds no room is dropped.</summary>
    Bounded,

    /// <summary>Whoever captures waits until there is room: for files.</summary>
    EveryFrame,
}

/// <summary>How a lane of pictures works.</summary>
public sealed record FrameLaneOptions : LaneOptions
{
    /// <summary>What becomes of frames that come faster than they are processed.</summary>
    public QueuePolicy Policy { get; init; }

    /// <summary>How many frames may wait; 1 where the newest wins.</summary>
    public int Capacity
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1024);
            field = value;
        }
    } = 4;
}
