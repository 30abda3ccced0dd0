namespace EdgeRuntime.Pipelines.Speech;

/// <summary>How a listener listens.</summary>
public sealed record SpeechListenerOptions
{
    /// <summary>
    /// When speech begins and ends. Pauses within a sentence do not end it, for recognisers go by the words around a word: of some words alone one is taken for another. Nobody waits for it, since
    /// words come as partials meanwhile. Enough is added on both sides that no soft sound is cut off.
    /// </summary>
    public SpeechSegmenterOptions Segments { get; init; } = new() { MinSilence = TimeSpan.FromMilliseconds(1200), Padding = TimeSpan.FromMilliseconds(300) };

    /// <summary>Whether words are written down while they are spoken, too.</summary>
    public bool Partials { get; init; } = true;

    /// <summary>How much must have been said for the first words.</summary>
    public TimeSpan FirstPartial { get; init; } = TimeSpan.FromMilliseconds(380);

    /// <summary>With a wake word: for how long after it speech may begin that is written down.</summary>
    public TimeSpan Attention { get; init; } = TimeSpan.FromSeconds(6);
}
