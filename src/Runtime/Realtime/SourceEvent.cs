namespace EdgeRuntime.Realtime;

/// <summary>What can be wrong with a source that goes on.</summary>
public enum SourceTrouble
{
    /// <summary>It ended or failed, and is opened anew until it is there again.</summary>
    Lost,

    /// <summary>It is open and gives nothing.</summary>
    Stalled,

    /// <summary>Its pictures have another size from now on. This has no end.</summary>
    Resized,

    /// <summary>Its pictures are black.</summary>
    Black,

    /// <summary>It gives the same picture again and again, bit by bit.</summary>
    Stuck,

    /// <summary>Its sound is silent, as no microphone is that works.</summary>
    Silent,

    /// <summary>Its sound is louder than it can be told, so that it is distorted.</summary>
    Clipped,
}

/// <summary>A trouble of a source that began or ended.</summary>
/// <param name="Trouble">What is wrong.</param>
/// <param name="Begins">True when it began, false when it is over.</param>
/// <param name="Time">When, on the monotonic clock.</param>
/// <param name="Lasted">How long it has been so.</param>
/// <param name="Detail">More for people, or nothing.</param>
public readonly record struct SourceEvent(SourceTrouble Trouble, bool Begins, TimeSpan Time, TimeSpan Lasted, string Detail = "");
