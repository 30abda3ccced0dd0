using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Runs;

/// <summary>Models of the zoo that belong together in pipelines of speech.</summary>
internal static class SpeechModels
{
    /// <summary>Tells speech from silence.</summary>
    public const string Voice = "silero-vad-v6-16k";

    /// <summary>Sound to the mel spectrogram that wake words are heard in.</summary>
    public const string WakeSpectrogram = "wake-melspectrogram";

    /// <summary>Mel spectrogram to the numbers that wake words are heard in.</summary>
    public const string WakeEmbedding = "wake-embedding";

    /// <summary>Writes down what is said, together with its decoder.</summary>
    public const string Encoder = "moonshine-tiny-encoder";

    /// <summary>The decoder of the zoo that is called like an encoder, or null.</summary>
    public static string? DecoderOf(string encoder) =>
        encoder.Replace("encoder", "decoder", StringComparison.Ordinal) is var name && name != encoder && ModelZoo.Default.Find(name) is not null ? name : null;

    /// <summary>The second of two models that follow each other, such as dtln-2 after dtln-1, or null.</summary>
    public static string? Second(string first) => first.EndsWith("-1", StringComparison.Ordinal) && $"{first[..^1]}2" is var name && ModelZoo.Default.Find(name) is not null ? name : null;
}
