using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Tools.Evaluation.Transcription;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipelines <c>vad</c>, <c>wake-word</c>, <c>transcribe</c> and <c>listen</c>: what is said in a sound, and when.</summary>
internal static class SpeechRun
{
    private const float WakeThreshold = 0.5f;

    private static readonly TimeSpan PauseInFile = TimeSpan.FromSeconds(1.5);

    /// <summary>Tells when someone speaks.</summary>
    public static void Voice(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        string source = SoundFeed.Source(request, "vad");
        var segments = new SpeechSegmenterOptions();
        if (request.Options.ScoreThreshold is { } threshold) segments = segments with { Threshold = threshold, SilenceThreshold = Math.Max(0, threshold - 0.15f) };
        using var voice = new VoiceDetector(model, request.Options.Session);
        using var lines = new SpeechLines(output, request.Json, null);
        Hear(source, new SpeechListener(voice, lines.Write, options: new SpeechListenerOptions { Segments = segments }), lines, request.Json ? output : null, stop);
    }

    /// <summary>Hears a wake word.</summary>
    public static void WakeWord(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        string source = SoundFeed.Source(request, "wake-word");
        using WakeWordDetector detector = Detector(request, model);
        using var lines = new SpeechLines(output, request.Json, null) { WakeWords = Words(model) };
        var part = new float[detector.PartSamples];
        lines.Finish(SoundFeed.Hear(source, detector.SampleRate, detector.PartSamples, new TakerStage("wake-word", Hear), request.Json ? output : null, stop));

        void Hear(ReadOnlySpan<float> given)
        {
            given.CopyTo(part);
            part.AsSpan(given.Length).Clear();
            if (detector.Process(part, out WakeWord word)) lines.Write(new SpeechEvent(SpeechEventKind.WakeWord, word.Time, word.Time, Score: word.Score, Label: word.Label));
        }
    }

    /// <summary>Writes down all that is said.</summary>
    public static void Transcribe(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        string source = SoundFeed.Source(request, "transcribe");
        using var voice = new VoiceDetector(request.Load(SpeechModels.Voice), request.Options.Session);
        using SpeechRecognizer recognizer = Recognizer(request, model, stop);
        using var lines = new SpeechLines(output, request.Json, request.Save);
        Hear(source, new SpeechListener(voice, lines.Write, recognizer, options: Sentences(source, lines)), lines, request.Json ? output : null, stop);
    }

    /// <summary>Writes down what is said after a wake word.</summary>
    public static void Listen(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        string source = SoundFeed.Source(request, "listen");
        using WakeWordDetector detector = Detector(request, model);
        using var voice = new VoiceDetector(request.Load(SpeechModels.Voice), request.Options.Session);
        using SpeechRecognizer recognizer = Recognizer(request, request.Load(SpeechModels.Encoder), stop);
        using var lines = new SpeechLines(output, request.Json, request.Save) { WakeWords = Words(model) };
        Hear(source, new SpeechListener(voice, lines.Write, recognizer, detector, Sentences(source, lines)), lines, request.Json ? output : null, stop);
    }

    private static void Hear(string source, SpeechListener listener, SpeechLines lines, TextWriter? json, CancellationToken stop)
    {
        double seconds = SoundFeed.Hear(source, listener.SampleRate, listener.PartSamples, listener, json, stop);
        listener.Flush();
        lines.Finish(seconds);
    }

    /// <summary>Of what is said live one wants words soon after a pause; a file can be heard on, since more words around a word make it clearer.</summary>
    private static SpeechListenerOptions Sentences(string source, SpeechLines lines)
    {
        var options = new SpeechListenerOptions { Partials = lines.ShowsPartials };
        return SoundStream.Means(source) ? options : options with { Segments = options.Segments with { MinSilence = PauseInFile } };
    }

    private static SpeechRecognizer Recognizer(PromptRequest request, EdgeModel encoder, CancellationToken stop)
    {
        string decoder = SpeechModels.DecoderOf(encoder.Metadata.Name)
            ?? throw new EdgeException(ErrorCode.WrongTask, $"'{encoder.Metadata.Name}' has no decoder in the zoo that writes words.", "Take moonshine-tiny-encoder or moonshine-base-encoder.");
        return new SpeechRecognizer(encoder, request.Load(decoder), LlamaVocabulary.Load(Console.Error.WriteLine, stop), request.Options.Session);
    }

    private static WakeWordDetector Detector(PromptRequest request, EdgeModel word) =>
        new(request.Load(SpeechModels.WakeSpectrogram), request.Load(SpeechModels.WakeEmbedding), word, request.Options.ScoreThreshold ?? WakeThreshold, request.Options.Session);

    /// <summary>What the words are called: by the model's labels, or as the model is called.</summary>
    private static IReadOnlyList<string> Words(EdgeModel model) => model.Metadata.Labels.Count > 0 ? model.Metadata.Labels : [model.Metadata.Name.Replace("wake-", "", StringComparison.Ordinal).Replace('-', ' ')];
}
