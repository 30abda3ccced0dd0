using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Tools.Commands;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipelines <c>vad</c>, <c>wake-word</c>, <c>transcribe</c> and <c>listen</c>: what is said in a sound, and when.</summary>
internal static class SpeechRun
{
    /// <summary>Tells when someone speaks.</summary>
    public static void Voice(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        var feed = new SoundFeed(request, "vad", output, stop);
        var segments = new SpeechSegmenterOptions();
        if (request.Options.ScoreThreshold is { } threshold) segments = segments with { Threshold = threshold, SilenceThreshold = Math.Max(0, threshold - 0.15f) };
        using var voice = new VoiceDetector(model, request.Options.Session);
        using var lines = new SpeechLines(output, request.Json, null);
        Hear(feed, new SpeechListener(voice, heard => lines.Tell(heard, feed), options: new SpeechListenerOptions { Segments = segments }), voice, lines);
    }

    /// <summary>Hears a wake word.</summary>
    public static void WakeWord(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        var feed = new SoundFeed(request, "wake-word", output, stop);
        using WakeWordDetector detector = SpeechEars.Detector(request, model);
        using var lines = new SpeechLines(output, request.Json, null) { WakeWords = SpeechEars.Words(model) };
        var part = new float[detector.PartSamples];
        bool restarted = false;
        TimeSpan origin = TimeSpan.Zero;
        lines.Finish(feed.Hear(detector.SampleRate, detector.PartSamples, new TakerStage("wake-word", Hear, Restart), () => detector.Score));

        void Restart()
        {
            detector.Reset();
            restarted = true;
        }

        void Hear(ReadOnlySpan<float> given, TimeSpan time)
        {
            if (restarted) (origin, restarted) = (time, false);
            given.CopyTo(part);
            part.AsSpan(given.Length).Clear();
            if (detector.Process(part, out WakeWord word)) lines.Tell(new SpeechEvent(SpeechEventKind.WakeWord, origin + word.Time, origin + word.Time, Score: word.Score, Label: word.Label), feed);
        }
    }

    /// <summary>Writes down all that is said.</summary>
    public static void Transcribe(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        var feed = new SoundFeed(request, "transcribe", output, stop);
        using var ears = new SpeechEars(request, model, waits: false, feed, output, stop);
        Hear(feed, ears.Listener, ears.Voice, ears.Lines);
    }

    /// <summary>Writes down what is said after a wake word.</summary>
    public static void Listen(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        var feed = new SoundFeed(request, "listen", output, stop);
        using var ears = new SpeechEars(request, model, waits: true, feed, output, stop);
        Hear(feed, ears.Listener, ears.Voice, ears.Lines);
    }

    private static void Hear(SoundFeed feed, SpeechListener listener, VoiceDetector voice, SpeechLines lines)
    {
        double seconds;
        try
        {
            seconds = feed.Hear(listener.SampleRate, listener.PartSamples, listener, () => voice.Probability);
            listener.Flush();
        }
        catch (Exception e) when (e is EdgeException or BrokenPipeException)
        {
            lines.Finish(listener.Heard.TotalSeconds, e);
            throw;
        }
        lines.Finish(seconds);
    }
}
