using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Pipelines.Speech;

/// <summary>
/// Listens to sound that goes on: tells when someone speaks, hears wake words, and writes down what is said, part of it while it is spoken. With a wake word only what is said with it or
/// soon after it is written down. What it does depends on the sound alone, never on the clock, so the same sound gives the same events. Not for use by two threads at once.
/// </summary>
/// <remarks>Writing words down allocates and takes a while: read sound into a buffer on another thread, as SoundLane does. All else allocates nothing.</remarks>
public sealed class SpeechListener : ISoundStage
{
    /// <summary>While someone goes on speaking, words are written down anew when this part more was said, so that the work grows with what is said and not with its square.</summary>
    private const double MoreForPartial = 0.25;

    private static readonly TimeSpan LeastForPartial = TimeSpan.FromMilliseconds(500);

    private readonly VoiceDetector voice;
    private readonly SpeechRecognizer? recognizer;
    private readonly WakeWordDetector? wakeWord;
    private readonly SpeechListenerOptions settings;
    private readonly SpeechSegmenter segmenter;
    private readonly Action<SpeechEvent> tell;
    private readonly float[] window, part, history;
    private int windowFilled, partFilled;
    private long heard, nextPartial, wokenAt = long.MinValue / 2;
    private string written = "";
    private bool restarted;
    private TimeSpan origin;

    /// <summary>Prepares to listen; models must outlive the listener, which does not dispose them.</summary>
    /// <param name="voice">Tells speech from silence.</param>
    /// <param name="tell">Told of what was heard, on the thread that calls <see cref="Process"/>.</param>
    /// <param name="recognizer">Writes words down, or null.</param>
    /// <param name="wakeWord">Hears wake words, or null.</param>
    /// <param name="options">How to listen, or null for the defaults.</param>
    /// <exception cref="EdgeException">The models take sound at different rates.</exception>
    public SpeechListener(VoiceDetector voice, Action<SpeechEvent> tell, SpeechRecognizer? recognizer = null, WakeWordDetector? wakeWord = null, SpeechListenerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(voice);
        ArgumentNullException.ThrowIfNull(tell);
        if (recognizer is not null && recognizer.SampleRate != voice.SampleRate || wakeWord is not null && wakeWord.SampleRate != voice.SampleRate)
            throw new EdgeException(ErrorCode.WrongTask, $"The models take sound at different rates: {voice.SampleRate}, {recognizer?.SampleRate ?? voice.SampleRate} and {wakeWord?.SampleRate ?? voice.SampleRate} samples a second.", "Use models of one rate.");
        (this.voice, this.tell, this.recognizer, this.wakeWord, settings) = (voice, tell, recognizer, wakeWord, options ?? new SpeechListenerOptions());
        TimeSpan longest = settings.Segments.MaxSpeech + settings.Segments.Padding * 2 + TimeSpan.FromSeconds(1);
        segmenter = new SpeechSegmenter(voice.SampleRate, settings.Segments);
        (window, part, history) = (new float[voice.WindowSamples], new float[wakeWord?.PartSamples ?? 0], new float[(int)Samples(longest)]);
        if (recognizer is not null && history.Length > recognizer.MostSamples)
            throw new ArgumentException($"Stretches of {settings.Segments.MaxSpeech.TotalSeconds:0} s are more than the recogniser takes ({recognizer.MostSamples / recognizer.SampleRate} s).", nameof(options));
    }

    /// <summary>Samples a second that it takes.</summary>
    public int SampleRate => voice.SampleRate;

    /// <summary>Samples of a part that suits the models, as for a lane.</summary>
    public int PartSamples => voice.WindowSamples;

    /// <inheritdoc/>
    public string Name => recognizer is null ? voice.Name : "listen";

    /// <inheritdoc/>
    public long FailOvers => voice.Session.Faults;

    /// <summary>How much was heard.</summary>
    public TimeSpan Heard => Time(heard);

    /// <summary>Whether someone speaks now.</summary>
    public bool IsSpeech => segmenter.IsSpeech;

    /// <summary>Hears what comes next.</summary>
    /// <param name="samples">Any number of samples of one channel, between -1 and 1.</param>
    public void Process(ReadOnlySpan<float> samples)
    {
        while (samples.Length > 0)
        {
            // Up to where one of the models has enough.
            int count = Math.Min(samples.Length, window.Length - windowFilled);
            if (part.Length > 0) count = Math.Min(count, part.Length - partFilled);
            ReadOnlySpan<float> now = samples[..count];
            samples = samples[count..];
            now.CopyTo(window.AsSpan(windowFilled));
            windowFilled += count;
            Keep(now);
            if (part.Length > 0)
            {
                now.CopyTo(part.AsSpan(partFilled));
                partFilled += count;
                if (partFilled == part.Length) HearWord();
            }
            if (windowFilled == window.Length) HearVoice();
        }
    }

    /// <summary>Ends what is being said, as at the end of a file.</summary>
    public void Flush()
    {
        if (windowFilled > 0) Process(new float[window.Length - windowFilled]);
        Follow(segmenter.Flush());
    }

    /// <summary>Hears a part whole: writing words down cannot be cut into pieces, so sound waits meanwhile.</summary>
    public bool Advance(ReadOnlySpan<float> part, TimeSpan time, in TimeBudget budget)
    {
        if (restarted) (origin, restarted) = (time, false);
        Process(part);
        return true;
    }

    /// <summary>Sound is missing: what is being said ends before it, and what comes next is timed by its part.</summary>
    void ISoundStage.Reset()
    {
        Flush();
        Reset();
        restarted = true;
    }

    /// <summary>Begins anew, at time zero.</summary>
    public void Reset()
    {
        origin = TimeSpan.Zero;
        voice.Reset();
        wakeWord?.Reset();
        segmenter.Reset();
        (windowFilled, partFilled, heard, nextPartial, wokenAt, written) = (0, 0, 0, 0, long.MinValue / 2, "");
    }

    private void HearWord()
    {
        partFilled = 0;
        if (!wakeWord!.Process(part, out WakeWord word)) return;
        wokenAt = heard;
        tell(new SpeechEvent(SpeechEventKind.WakeWord, Time(heard), Time(heard), Score: word.Score, Label: word.Label));
    }

    private void HearVoice()
    {
        windowFilled = 0;
        Follow(segmenter.Process(voice.Process(window), window.Length));
        if (!segmenter.IsSpeech || recognizer is null || !settings.Partials || segmenter.Heard < nextPartial || !Attends) return;
        PlanPartial();
        string text = recognizer.Recognize(Stretch(segmenter.Start, segmenter.Heard));
        if (text.Length == 0 || text == written) return;
        written = text;
        tell(new SpeechEvent(SpeechEventKind.Partial, Time(segmenter.Start), Time(segmenter.Heard), text));
    }

    private void Follow(SpeechChange change)
    {
        if (change == SpeechChange.Started)
        {
            written = "";
            nextPartial = segmenter.Heard + Samples(settings.FirstPartial);
            tell(new SpeechEvent(SpeechEventKind.Started, Time(segmenter.Start), Time(segmenter.Heard)));
        }
        else if (change == SpeechChange.Cancelled) tell(new SpeechEvent(SpeechEventKind.Cancelled, Time(segmenter.Start), Time(segmenter.Heard)));
        else if (change == SpeechChange.Ended)
        {
            string text = recognizer is not null && Attends ? recognizer.Recognize(Stretch(segmenter.Start, segmenter.End)) : "";
            tell(new SpeechEvent(SpeechEventKind.Final, Time(segmenter.Start), Time(segmenter.End), text));
        }
    }

    /// <summary>Whether what is said now is meant for whoever listens.</summary>
    private bool Attends => wakeWord is null || segmenter.Start <= wokenAt + Samples(settings.Attention);

    private void PlanPartial()
    {
        long said = segmenter.Heard - segmenter.Start;
        nextPartial = segmenter.Heard + Math.Max(Samples(LeastForPartial), (long)(said * MoreForPartial));
    }

    /// <summary>Keeps sound for as long as one can speak; places go round.</summary>
    private void Keep(ReadOnlySpan<float> samples)
    {
        foreach (float sample in samples) history[heard++ % history.Length] = sample;
    }

    private float[] Stretch(long from, long to)
    {
        from = Math.Max(from, heard - history.Length);
        var stretch = new float[to - from];
        for (int i = 0; i < stretch.Length; i++) stretch[i] = history[(from + i) % history.Length];
        return stretch;
    }

    private long Samples(TimeSpan time) => (long)(time.TotalSeconds * voice.SampleRate);

    private TimeSpan Time(long samples) => origin + TimeSpan.FromSeconds((double)samples / voice.SampleRate);
}
