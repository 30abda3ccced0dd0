namespace EdgeRuntime.Planning;

/// <summary>How a session goes on when a device fails.</summary>
public sealed record FailoverOptions
{
    /// <summary>
    /// True to open a device that failed again, after one second, and after twice as long each time that it fails at once, up to a minute. It is opened and prepared on another thread, while frames
    /// run elsewhere, and takes over between two frames.
    /// </summary>
    public bool Retry { get; init; } = true;

    /// <summary>
    /// After how many frames the kernels in use are tried again on steps whose results are known, so that a device that begins to compute wrong is found out; the frame is then run again elsewhere.
    /// 0 for never but before they are used first, and when a device came back.
    /// </summary>
    public int SelfTestEvery
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>Says when a device is tried again, and what faults cost.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Does work beside frames; null for a thread of its own.</summary>
    internal Action<Action>? Background { get; init; }
}
