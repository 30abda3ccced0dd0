namespace EdgeRuntime.Pipelines.Speech;

/// <summary>What a window of sound did to a stretch of speech.</summary>
public enum SpeechChange
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Someone began to speak: <see cref="SpeechSegmenter.Start"/> says when.</summary>
    Started,

    /// <summary>The speaker paused: <see cref="SpeechSegmenter.Start"/> and <see cref="SpeechSegmenter.End"/> hold what was said.</summary>
    Ended,

    /// <summary>What began was too short for speech, such as a click.</summary>
    Cancelled,
}

/// <summary>When speech begins and ends.</summary>
public sealed record SpeechSegmenterOptions
{
    /// <summary>From this probability on someone speaks, 0…1.</summary>
    public float Threshold { get; init; } = 0.5f;

    /// <summary>Below this probability someone is silent; between the two all stays as it is.</summary>
    public float SilenceThreshold { get; init; } = 0.35f;

    /// <summary>What is shorter is no speech.</summary>
    public TimeSpan MinSpeech { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A pause that is shorter does not end what is said.</summary>
    public TimeSpan MinSilence { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Added before and after, since speech begins and ends softly.</summary>
    public TimeSpan Padding { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>What is longer is cut, at its quietest window of the last fifth.</summary>
    public TimeSpan MaxSpeech { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>
/// Makes stretches of speech of probabilities, window by window, with two thresholds and least lengths so that neither a click is taken for speech nor a breath for its end.
/// Time is counted in samples, so it is exact. Allocates nothing.
/// </summary>
/// <param name="sampleRate">Samples a second.</param>
/// <param name="options">When speech begins and ends, or null for the defaults.</param>
public sealed class SpeechSegmenter(int sampleRate, SpeechSegmenterOptions? options = null)
{
    private readonly SpeechSegmenterOptions settings = options ?? new SpeechSegmenterOptions();
    private long heard, silentSince = -1, begun, quietest, lastEnd, cut = -1;
    private float least;

    /// <summary>Whether someone speaks now.</summary>
    public bool IsSpeech { get; private set; }

    /// <summary>The first sample of what is or was said last.</summary>
    public long Start { get; private set; }

    /// <summary>The sample behind what was said last.</summary>
    public long End { get; private set; }

    /// <summary>Samples that were heard.</summary>
    public long Heard => heard;

    /// <summary>Takes a window.</summary>
    /// <param name="probability">How likely it is that someone speaks in it, 0…1.</param>
    /// <param name="samples">Its length.</param>
    public SpeechChange Process(float probability, int samples)
    {
        long from = heard;
        heard += samples;
        if (!IsSpeech)
        {
            if (cut < 0 && !(probability >= settings.Threshold)) return SpeechChange.None;
            Start = cut >= 0 ? cut : Math.Max(lastEnd, from - Samples(settings.Padding));
            (IsSpeech, begun, silentSince, least, cut) = (true, cut >= 0 ? cut : from, -1, float.PositiveInfinity, -1);
            return SpeechChange.Started;
        }
        if (probability >= settings.Threshold) silentSince = -1;
        else if (silentSince < 0 && probability < settings.SilenceThreshold) silentSince = from;
        if (silentSince >= 0 && heard - silentSince >= Samples(settings.MinSilence)) return Finish(silentSince);
        long most = Samples(settings.MaxSpeech);
        if (heard - begun > most * 4 / 5 && probability < least) (least, quietest) = (probability, heard);
        return heard - begun >= most ? Cut() : SpeechChange.None;
    }

    /// <summary>Ends what is being said, as at the end of a file.</summary>
    public SpeechChange Flush() => IsSpeech ? Finish(silentSince >= 0 ? silentSince : heard) : SpeechChange.None;

    /// <summary>Begins anew.</summary>
    public void Reset() => (IsSpeech, heard, silentSince, Start, End, lastEnd, cut) = (false, 0, -1, 0, 0, 0, -1);

    private SpeechChange Finish(long end)
    {
        IsSpeech = false;
        if (end - begun < Samples(settings.MinSpeech)) return SpeechChange.Cancelled;
        lastEnd = End = Math.Min(heard, end + Samples(settings.Padding));
        return SpeechChange.Ended;
    }

    /// <summary>Ends what is said where it was quietest; what was said since then is the beginning of what the next window goes on with.</summary>
    private SpeechChange Cut()
    {
        IsSpeech = false;
        cut = lastEnd = End = quietest;
        return SpeechChange.Ended;
    }

    private long Samples(TimeSpan time) => (long)(time.TotalSeconds * sampleRate);
}
