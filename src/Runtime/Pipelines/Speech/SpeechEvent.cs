namespace EdgeRuntime.Pipelines.Speech;

/// <summary>What a listener heard.</summary>
public enum SpeechEventKind
{
    /// <summary>Someone began to speak.</summary>
    Started,

    /// <summary>What began was too short for speech.</summary>
    Cancelled,

    /// <summary>What was said so far, while it goes on; later words may change it.</summary>
    Partial,

    /// <summary>The speaker paused: what was said, where words are written down.</summary>
    Final,

    /// <summary>A wake word.</summary>
    WakeWord,
}

/// <summary>Something that a <see cref="SpeechListener"/> heard. Times count from the beginning of the sound.</summary>
/// <param name="Kind">What it was.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">When it ended, or how much of it was heard.</param>
/// <param name="Text">The words; empty where none are written down.</param>
/// <param name="Score">Of a wake word how sure the model was, 0…1; else 0.</param>
/// <param name="Label">Of a wake word which it was, from 0.</param>
public readonly record struct SpeechEvent(SpeechEventKind Kind, TimeSpan Start, TimeSpan End, string Text = "", float Score = 0, int Label = 0);
