using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines.Tracking;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// What looks closely at each thing that a detector finds: cuts it out of the frame, upright, and gives it to a second model. Nothing is allocated per frame while frames keep their size and format.
/// Not for use by two threads at once.
/// </summary>
public abstract class CropStage : IFrameStage, IDisposable
{
    private const float DefaultThreshold = 0.5f, LowShare = 0.4f;

    private readonly PictureDetector finder;
    private readonly CropSession crops;
    private readonly ObjectTracker? tracker;
    private readonly int most;
    private readonly Detection[] found;
    private LearnedCost cropCost, readCost;
    private Phase phase;
    private Crop crop;
    private int front, count, next, candidates, kept;
    private double cropping, inferring, reading;

    /// <summary>Prepares both models.</summary>
    /// <param name="finder">Finds things; it belongs to the stage from now on, also when this throws.</param>
    /// <param name="finderModel">Its model.</param>
    /// <param name="model">Looks at what is cut out; it must outlive the stage.</param>
    /// <param name="task">The task it must declare.</param>
    /// <param name="remedy">What to do when it is for another one.</param>
    /// <param name="options">Where both run, and what is looked at.</param>
    /// <param name="edge">What a crop shows of the world beyond the frame.</param>
    /// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
    private protected CropStage(PictureDetector finder, EdgeModel finderModel, EdgeModel model, string task, string remedy, CropOptions options, CropEdge edge)
    {
        this.finder = finder;
        try
        {
            crops = new CropSession(model, task, remedy, options, edge);
        }
        catch
        {
            finder.Dispose();
            throw;
        }
        Sessions = [finder.Session, crops.Session];
        most = options.Most;
        found = new Detection[2 * most];
        if (!options.Follows) return;
        float high = ScoreOf(finderModel, options);
        tracker = new ObjectTracker(new TrackerOptions { HighScore = high, LowScore = high * LowShare, Smooths = options.Smooths });
    }

    private enum Phase
    {
        Find,
        Crop,
        Infer,
        Read,
    }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <summary>The sessions of both models, the one that finds first.</summary>
    public IReadOnlyList<InferenceSession> Sessions { get; }

    /// <summary>True when whole frames go to the device of the model that finds; crops never do.</summary>
    public bool PreprocessesOnDevice => finder.PreprocessesOnDevice;

    /// <summary>How long each stage of the last frame took, all its crops together.</summary>
    public StageTimes LastTimes { get; private set; }

    /// <summary>What there was in the last frame that has gone all the way, in its pixels; valid until the next one has.</summary>
    public ReadOnlySpan<Detection> Found => found.AsSpan(SlotOf(0), count);

    /// <inheritdoc/>
    public long FailOvers => finder.FailOvers + crops.Session.Faults;

    /// <summary>The session of the second model, whose outputs are there while <see cref="Read"/> runs.</summary>
    private protected InferenceSession CropSession => crops.Session;

    /// <summary>Room for what is known of things beside their detections: of the last frame, and of the one that is looked at.</summary>
    private protected int Slots => found.Length;

    /// <summary>Width of the second model's input.</summary>
    private protected int InputWidth => crops.Width;

    /// <summary>Height of the second model's input.</summary>
    private protected int InputHeight => crops.Height;

    /// <summary>Looks at a frame.</summary>
    /// <returns>What there is, in pixels of the frame; valid until the next call.</returns>
    public ReadOnlySpan<Detection> Process(Frame frame)
    {
        Abandon();
        Advance(frame, TimeBudget.Unlimited);
        return Found;
    }

    /// <inheritdoc/>
    public bool Advance(Frame frame, in TimeBudget budget)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (phase == Phase.Find)
        {
            if (!finder.Advance(frame, budget)) return false;
            Begin(frame);
        }
        while (next < candidates)
        {
            if (!Look(frame, budget)) return false;
            next++;
            phase = Phase.Crop;
        }
        (phase, front, count) = (Phase.Find, 1 - front, kept);
        StageTimes finding = finder.LastTimes;
        LastTimes = new StageTimes(finding.Preprocess + Span(cropping), finding.Inference + Span(inferring), finding.Decode + Span(reading));
        return true;
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        if (phase == Phase.Find) finder.Abandon();
        if (phase == Phase.Infer) crops.Session.Abandon();
        phase = Phase.Find;
    }

    /// <summary>Lets the second model run on a blank crop some times, so that the first thing that is found is looked at as fast as others.</summary>
    internal void WarmUp() => crops.WarmUp();

    /// <summary>Forgets what was followed, as before another video.</summary>
    public virtual void Reset() => tracker?.Reset();

    /// <inheritdoc/>
    public void Dispose()
    {
        finder.Dispose();
        crops.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The least score that the detector must tell of: less than what is found where things are followed, since what is half hidden goes on with its track.</summary>
    private protected static float? FinderScore(EdgeModel finder, CropOptions options) => options.Follows ? ScoreOf(finder, options) * LowShare : options.ScoreThreshold;

    /// <summary>What of the frame the second model is given for something that was found; false to leave it out.</summary>
    private protected abstract bool TryCrop(in Detection candidate, out Crop place);

    /// <summary>Reads the outputs of the second model.</summary>
    /// <param name="slot">Where to keep what is known of it, which is <see cref="SlotOf"/> its place in <see cref="Found"/> once the frame is done.</param>
    /// <param name="place">What the model was given.</param>
    /// <param name="time">When the frame was captured.</param>
    /// <param name="detection">What the detector found, which may be changed.</param>
    /// <returns>False to leave it out.</returns>
    private protected abstract bool Read(int slot, in Crop place, TimeSpan time, ref Detection detection);

    /// <summary>Where things are kept that are known of something in <see cref="Found"/>.</summary>
    private protected int SlotOf(int index) => front * most + index;

    private static float ScoreOf(EdgeModel finder, CropOptions options) =>
        options.ScoreThreshold ?? (finder.Metadata.Decoder?.Parameters.GetValueOrDefault("score_threshold") is [var threshold] ? (float)threshold : DefaultThreshold);

    private void Begin(Frame frame)
    {
        ReadOnlySpan<Detection> all = tracker is null ? finder.Found : tracker.Process(finder.Found, frame.Time);
        candidates = Math.Min(all.Length, most);
        all[..candidates].CopyTo(Back);
        (next, kept, cropping, inferring, reading) = (0, 0, 0, 0, 0);
        phase = Phase.Crop;
    }

    /// <summary>What is looked at, while the last frame's results stay.</summary>
    private Span<Detection> Back => found.AsSpan((1 - front) * most, most);

    /// <summary>Does what fits of the look at the next thing; true when it is done.</summary>
    private bool Look(Frame frame, in TimeBudget budget)
    {
        long start = budget.Timestamp, now;
        if (phase == Phase.Crop)
        {
            if (!TryCrop(Back[next], out crop) || !crop.IsUsable) return true;
            if (budget.Fit(cropCost.Expected, 1, start) == 0) return false;
            crops.Write(frame, crop);
            now = budget.Timestamp;
            cropCost.Learn(budget.Nanoseconds(start, now));
            cropping += budget.Nanoseconds(start, now);
            (phase, start) = (Phase.Infer, now);
        }
        if (phase == Phase.Infer)
        {
            bool done = crops.Session.Advance(budget);
            now = budget.Timestamp;
            inferring += budget.Nanoseconds(start, now);
            if (!done) return false;
            (phase, start) = (Phase.Read, now);
        }
        if (budget.Fit(readCost.Expected, 1, start) == 0) return false;
        Back[kept] = Back[next];
        if (Read((1 - front) * most + kept, crop, frame.Time, ref Back[kept])) kept++;
        now = budget.Timestamp;
        readCost.Learn(budget.Nanoseconds(start, now));
        reading += budget.Nanoseconds(start, now);
        return true;
    }

    private static TimeSpan Span(double nanoseconds) => TimeSpan.FromTicks((long)(nanoseconds / TimeSpan.NanosecondsPerTick));
}
