namespace EdgeRuntime.Pipelines.Speech;

/// <summary>How a listener listens.</summary>
public sealed record SpeechListenerOptions
{
    /// <summary>When speech begins and ends: pauses between words do not end it, and enough is added on both sides for a recogniser.</summary>
    public SpeechSegmenterOptions Segments { get; init; } = new() { MinSilence = TimeSpan.FromMilliseconds(500), Padding = TimeSpan.FromMilliseconds(160) };

    /// <summary>Whether words are written down while they are spoken, too.</summary>
    public bool Partials { get; init; } = true;

    /// <summary>How much must have been said for the first words.</summary>
    public TimeSpan FirstPartial { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>With a wake word: for how long after it speech may begin that is written down.</summary>
    public TimeSpan Attention { get; init; } = TimeSpan.FromSeconds(6);
}
