using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Tools.Evaluation.Transcription;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The models of the pipelines <c>transcribe</c> and <c>listen</c>, a listener made of them, and the lines it writes.</summary>
internal sealed class SpeechEars : IDisposable
{
    private const float WakeThreshold = 0.5f;

    private static readonly TimeSpan PauseInFile = TimeSpan.FromSeconds(1.5);

    private readonly VoiceDetector voice;
    private readonly SpeechRecognizer? recognizer;
    private readonly WakeWordDetector? wakeWord;

    /// <summary>Opens the models.</summary>
    /// <param name="request">How it runs.</param>
    /// <param name="model">The encoder, or the wake word.</param>
    /// <param name="waits">Whether it waits for a wake word.</param>
    /// <param name="feed">The sound; null where it comes at its own rate, even of a file, beside pictures.</param>
    /// <param name="output">Where lines go.</param>
    /// <param name="stop">Ends downloads.</param>
    /// <exception cref="EdgeException">A model is for another task, or cannot run.</exception>
    public SpeechEars(PromptRequest request, EdgeModel model, bool waits, SoundFeed? feed, TextWriter output, CancellationToken stop)
    {
        voice = new VoiceDetector(request.Load(SpeechModels.Voice), request.Options.Session);
        try
        {
            if (waits) wakeWord = Detector(request, model);
            recognizer = Recognizer(request, waits ? request.Load(SpeechModels.Encoder) : model, stop);
            Lines = new SpeechLines(output, request.Json, request.Save) { WakeWords = waits ? Words(model) : [] };
            // Of what is said live one wants words soon after a pause; a file can be heard on, since more words around a word make it clearer.
            var options = new SpeechListenerOptions { Partials = request.Partials };
            // The first words are waited for, which are not the time to compile.
            if (request.Partials && feed is not { GoesOn: false }) WarmUp(recognizer);
            if (feed is { GoesOn: false }) options = options with { Segments = options.Segments with { MinSilence = PauseInFile } };
            Lines.Padding = options.Segments.Padding;
            Listener = new SpeechListener(voice, Tell, recognizer, wakeWord, options);
        }
        catch
        {
            Dispose();
            throw;
        }

        void Tell(SpeechEvent heard) => Lines.Tell(heard, feed);
    }

    /// <summary>Tells speech from silence.</summary>
    public VoiceDetector Voice => voice;

    /// <summary>Who listens.</summary>
    public SpeechListener Listener { get; }

    /// <summary>What was heard.</summary>
    public SpeechLines Lines { get; }

    /// <summary>A detector of a wake word with the two models that all of them share.</summary>
    public static WakeWordDetector Detector(PromptRequest request, EdgeModel word) =>
        new(request.Load(SpeechModels.WakeSpectrogram), request.Load(SpeechModels.WakeEmbedding), word, request.Options.ScoreThreshold ?? WakeThreshold, request.Options.Session);

    /// <summary>What the words are called: by the model's labels, or as the model is called.</summary>
    public static IReadOnlyList<string> Words(EdgeModel model) => model.Metadata.Labels.Count > 0 ? model.Metadata.Labels : [model.Metadata.Name.Replace("wake-", "", StringComparison.Ordinal).Replace('-', ' ')];

    /// <inheritdoc/>
    public void Dispose()
    {
        Lines?.Dispose();
        recognizer?.Dispose();
        wakeWord?.Dispose();
        voice.Dispose();
    }

    /// <summary>Writes down a hum that comes and goes, of which some tokens are made, a few times.</summary>
    private static void WarmUp(SpeechRecognizer recognizer)
    {
        var hum = new float[recognizer.SampleRate * 3 / 4];
        for (int i = 0; i < hum.Length; i++)
        {
            double time = (double)i / recognizer.SampleRate;
            hum[i] = (float)(0.2 * Math.Abs(Math.Sin(time * 12)) * (time * 130 % 1 - 0.5));
        }
        for (int i = 0; i < 4; i++) recognizer.Recognize(hum);
    }

    private static SpeechRecognizer Recognizer(PromptRequest request, EdgeModel encoder, CancellationToken stop)
    {
        string decoder = SpeechModels.DecoderOf(encoder.Metadata.Name)
            ?? throw new EdgeException(ErrorCode.WrongTask, $"'{encoder.Metadata.Name}' has no decoder in the zoo that writes words.", "Take moonshine-tiny-encoder or moonshine-base-encoder.");
        return new SpeechRecognizer(encoder, request.Load(decoder), LlamaVocabulary.Load(Console.Error.WriteLine, stop), request.Options.Session);
    }
}
