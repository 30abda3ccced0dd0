using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Pipelines.Speech;

/// <summary>
/// Listens to sound that goes on: tells when someone speaks, hears wake words, and writes down what is said, part of it while it is spoken. With a wake word only what is said with it or
/// soon after it is written down. What it does depends on the sound alone, never on the clock, so the same sound gives the same events. Not for use by two threads at once.
/// </summary>
/// <remarks>
/// Writing words down allocates and takes a while: read sound into a buffer on another thread, as SoundLane does. All else allocates nothing. In a lane it is done a part at a time, so that pictures are
/// looked at meanwhile; the sound that comes in waits in the lane's buffer.
/// </remarks>
public sealed class SpeechListener : ISoundStage
{
    /// <summary>While someone goes on speaking, words are written down anew when this part more was said, so that the work grows with what is said and not with its square.</summary>
    private const double MoreForPartial = 0.25;

    private static readonly TimeSpan LeastForPartial = TimeSpan.FromMilliseconds(500), Again = TimeSpan.FromMilliseconds(60);

    private readonly VoiceDetector voice;
    private readonly SpeechRecognizer? recognizer;
    private readonly WakeWordDetector? wakeWord;
    private readonly SpeechListenerOptions settings;
    private readonly SpeechSegmenter segmenter;
    private readonly Action<SpeechEvent> tell;
    private readonly float[] window, part, history;
    private LearnedCost wordCost;

    /// <summary>Samples in the window and the part that is filled, and of those given how many were taken.</summary>
    private int windowFilled, partFilled, taken;
    private long heard, nextPartial, wokenAt = long.MinValue / 2;
    private string written = "";
    private Loss loss;
    private TimeSpan origin;

    /// <summary>What is told when the words are there that are being written down; null while none are.</summary>
    private SpeechEvent? pending;

    /// <summary>Sound that is missing: first what was said before it is ended.</summary>
    private enum Loss
    {
        None,
        Noted,
        Ended,
    }

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
    public string Name => recognizer is null ? voice.Name : wakeWord is null ? "transcribe" : "listen";

    /// <inheritdoc/>
    public long FailOvers => voice.Session.Faults + (recognizer?.FailOvers ?? 0);

    /// <summary>How much was heard.</summary>
    public TimeSpan Heard => Time(heard);

    /// <summary>Whether someone speaks now.</summary>
    public bool IsSpeech => segmenter.IsSpeech;

    /// <summary>Whether words are being written down, and sound waits meanwhile.</summary>
    public bool IsWriting => pending is not null;

    /// <summary>Hears what comes next.</summary>
    /// <param name="samples">Any number of samples of one channel, between -1 and 1.</param>
    public void Process(ReadOnlySpan<float> samples)
    {
        taken = 0;
        Hear(samples, TimeBudget.Unlimited);
    }

    /// <summary>Ends what is being said, as at the end of a file.</summary>
    public void Flush()
    {
        End();
        WriteDown(TimeBudget.Unlimited);
    }

    /// <inheritdoc/>
    public bool Advance(ReadOnlySpan<float> part, TimeSpan time, in TimeBudget budget)
    {
        if (loss != Loss.None)
        {
            if (loss == Loss.Noted) End();
            loss = Loss.Ended;
            if (!WriteDown(budget)) return false;
            Reset();
            origin = time;
        }
        return Hear(part, budget);
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        recognizer?.Abandon();
        (pending, taken) = (null, 0);
    }

    /// <summary>Sound is missing: what is being said ends before it, and what comes next is timed by its part.</summary>
    void ISoundStage.Reset() => loss = Loss.Noted;

    /// <summary>Begins anew, at time zero.</summary>
    public void Reset()
    {
        Abandon();
        (origin, loss) = (TimeSpan.Zero, Loss.None);
        voice.Reset();
        wakeWord?.Reset();
        segmenter.Reset();
        (windowFilled, partFilled, heard, nextPartial, wokenAt, written) = (0, 0, 0, 0, long.MinValue / 2, "");
    }

    /// <summary>Hears what fits of the samples, from where the last call ended; true when all of them were heard.</summary>
    private bool Hear(ReadOnlySpan<float> samples, in TimeBudget budget)
    {
        while (true)
        {
            if (part.Length > 0 && partFilled == part.Length && !HearWord(budget)) return false;
            if (windowFilled == window.Length && !HearVoice(budget)) return false;
            if (!WriteDown(budget)) return false;
            if (taken == samples.Length)
            {
                taken = 0;
                return true;
            }
            // Up to where one of the models has enough.
            int count = Math.Min(samples.Length - taken, window.Length - windowFilled);
            if (part.Length > 0) count = Math.Min(count, part.Length - partFilled);
            ReadOnlySpan<float> now = samples.Slice(taken, count);
            taken += count;
            now.CopyTo(window.AsSpan(windowFilled));
            windowFilled += count;
            Keep(now);
            if (part.Length == 0) continue;
            now.CopyTo(part.AsSpan(partFilled));
            partFilled += count;
        }
    }

    private bool HearWord(in TimeBudget budget)
    {
        long start = budget.Timestamp;
        if (budget.Fit(wordCost.Expected, 1, start) == 0) return false;
        partFilled = 0;
        bool isThere = wakeWord!.Process(part, out WakeWord word);
        wordCost.Learn(budget.Nanoseconds(start, budget.Timestamp));
        if (!isThere) return true;
        wokenAt = heard;
        tell(new SpeechEvent(SpeechEventKind.WakeWord, Time(heard), Time(heard), Score: word.Score, Label: word.Label));
        return true;
    }

    private bool HearVoice(in TimeBudget budget)
    {
        if (!voice.Advance(window, default, budget)) return false;
        windowFilled = 0;
        Follow(segmenter.Process(voice.Probability, window.Length));
        if (!segmenter.IsSpeech || recognizer is null || !settings.Partials || segmenter.Heard < nextPartial || !Attends) return true;
        PlanPartial();
        Begin(SpeechEventKind.Partial, segmenter.Heard);
        return true;
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
            if (recognizer is not null && Attends) Begin(SpeechEventKind.Final, segmenter.End);
            else tell(new SpeechEvent(SpeechEventKind.Final, Time(segmenter.Start), Time(segmenter.End)));
        }
    }

    /// <summary>Ends what is being said; the words are still to be written down.</summary>
    private void End()
    {
        // What is being written down comes first.
        WriteDown(TimeBudget.Unlimited);
        if (windowFilled > 0) Process(new float[window.Length - windowFilled]);
        Follow(segmenter.Flush());
    }

    /// <summary>Begins to write down what was said up to some sample; nothing more is heard until that is done.</summary>
    private void Begin(SpeechEventKind kind, long end)
    {
        recognizer!.Begin(Stretch(segmenter.Start, end));
        pending = new SpeechEvent(kind, Time(segmenter.Start), Time(end));
    }

    /// <summary>Goes on writing down, if something is; true when it is written and told.</summary>
    private bool WriteDown(in TimeBudget budget)
    {
        if (pending is not { } said) return true;
        if (!recognizer!.Advance(budget)) return false;
        pending = null;
        string text = recognizer.Text;
        if (said.Kind == SpeechEventKind.Partial)
        {
            // The first words are waited for.
            if (text.Length == 0) nextPartial = segmenter.Heard + Samples(Again);
            // What is the same as before is no news.
            if (text.Length == 0 || text == written) return true;
            written = text;
        }
        tell(said with { Text = text });
        return true;
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
