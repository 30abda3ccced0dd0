namespace EdgeRuntime.Realtime;

/// <summary>What became of a frame: each ends in exactly one of these.</summary>
public enum FrameOutcome
{
    /// <summary>It was processed and its result handed on.</summary>
    Result,

    /// <summary>As <see cref="Result"/>, and a device failed meanwhile, so that another one finished it.</summary>
    FailedOver,

    /// <summary>Its result was not there while it would have been of use.</summary>
    TimedOut,

    /// <summary>A newer frame came before it was begun.</summary>
    Replaced,

    /// <summary>There was no room for it.</summary>
    Overrun,

    /// <summary>Processing it threw.</summary>
    Failed,

    /// <summary>Everything was stopped before it was finished.</summary>
    Stopped,
}
