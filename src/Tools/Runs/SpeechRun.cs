using EdgeRuntime.Format;
using EdgeRuntime.Pipelines.Speech;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipelines <c>vad</c>, <c>wake-word</c>, <c>transcribe</c> and <c>listen</c>: what is said in a sound, and when.</summary>
internal static class SpeechRun
{
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
        using WakeWordDetector detector = SpeechEars.Detector(request, model);
        using var lines = new SpeechLines(output, request.Json, null) { WakeWords = SpeechEars.Words(model) };
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
        using var ears = new SpeechEars(request, model, waits: false, source, output, isLive: false, stop);
        Hear(source, ears.Listener, ears.Lines, request.Json ? output : null, stop);
    }

    /// <summary>Writes down what is said after a wake word.</summary>
    public static void Listen(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        string source = SoundFeed.Source(request, "listen");
        using var ears = new SpeechEars(request, model, waits: true, source, output, isLive: false, stop);
        Hear(source, ears.Listener, ears.Lines, request.Json ? output : null, stop);
    }

    private static void Hear(string source, SpeechListener listener, SpeechLines lines, TextWriter? json, CancellationToken stop)
    {
        double seconds = SoundFeed.Hear(source, listener.SampleRate, listener.PartSamples, listener, json, stop);
        listener.Flush();
        lines.Finish(seconds);
    }
}
