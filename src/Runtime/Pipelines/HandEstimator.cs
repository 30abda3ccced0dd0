using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Finds hands and their 21 points: a first model finds palms, a second one looks at each hand, cut out upright. Where hands are followed the next frame's cut is where the last one's points were, for as long
/// as there is a hand, and palms are looked for now and then only. Nothing is allocated per frame while frames keep their size and format. Not for use by two threads at once.
/// </summary>
public sealed class HandEstimator : IFrameStage, IDisposable
{
    /// <summary>The task of the model of points.</summary>
    public const string Task = "hand-landmark";

    /// <summary>The number of points: the wrist, then of thumb, index, middle, ring and little finger four each, from the palm to the tip.</summary>
    public const int Points = 21;

    private const string Remedy = "Use a model of hands of the zoo, such as hand-landmark-lite.";

    /// <summary>How often palms are looked for while hands are followed and there could be more.</summary>
    private static readonly TimeSpan SearchEvery = TimeSpan.FromMilliseconds(250);

    private static readonly (int From, int To)[] Pairs =
    [
        (0, 1), (1, 2), (2, 3), (3, 4), (0, 5), (5, 6), (6, 7), (7, 8), (5, 9), (9, 10), (10, 11), (11, 12), (9, 13), (13, 14), (14, 15), (15, 16), (13, 17), (17, 18), (18, 19), (19, 20), (0, 17),
    ];

    private readonly PalmDetector palms;
    private readonly CropSession crops;
    private readonly HandDecoder decoder;
    private readonly HandFollower? follower;
    private readonly Candidate[] candidates;
    private readonly Detection[] seen, found;
    private LearnedCost cropCost, readCost;
    private Phase phase;
    private int next, waiting, count, foundCount;
    private bool searched;
    private double cropping, inferring, reading;

    /// <summary>Prepares both models.</summary>
    /// <param name="palmModel">Finds palms; it must outlive the estimator.</param>
    /// <param name="handModel">Finds the points of a hand; it must outlive the estimator.</param>
    /// <param name="options">Where both run, how many hands are looked at, and whether they are followed; null for the defaults.</param>
    /// <exception cref="EdgeException">A model is for another task, or cannot run.</exception>
    public HandEstimator(EdgeModel palmModel, EdgeModel handModel, CropOptions? options = null)
    {
        options ??= new CropOptions();
        palms = new PalmDetector(palmModel, options);
        try
        {
            crops = new CropSession(handModel, Task, Remedy, options, CropEdge.Black);
            try
            {
                DecoderInfo info = handModel.Metadata.Decoder ?? throw new EdgeException(ErrorCode.WrongTask, $"'{handModel.Metadata.Name}' says it is for {Task}, but not how its outputs are read.", Remedy);
                decoder = new HandDecoder(new DecoderRequest(handModel.Metadata.Name, info, crops.Session, crops.Width, crops.Height, null));
            }
            catch
            {
                crops.Dispose();
                throw;
            }
        }
        catch
        {
            palms.Dispose();
            throw;
        }
        Sessions = [palms.Session, crops.Session];
        (candidates, seen, found) = (new Candidate[options.Most], new Detection[options.Most], new Detection[options.Most]);
        if (options.Follows) follower = new HandFollower(options.Most, options.Smooths);
    }

    private enum Phase
    {
        Begin,
        Search,
        Crop,
        Infer,
        Read,
    }

    /// <inheritdoc/>
    public string Name => "hands";

    /// <summary>Names of what is found, by <see cref="Detection.Label"/>, of a picture that is not mirrored.</summary>
    public static IReadOnlyList<string> Labels { get; } = ["left hand", "right hand"];

    /// <summary>Pairs of points that a skeleton's lines join.</summary>
    public static ReadOnlySpan<(int From, int To)> Bones => Pairs;

    /// <summary>The sessions of both models, the one that finds palms first.</summary>
    public IReadOnlyList<InferenceSession> Sessions { get; }

    /// <summary>True when whole frames go to the device of the model of palms; crops never do.</summary>
    public bool PreprocessesOnDevice => palms.PreprocessesOnDevice;

    /// <summary>How long each stage of the last frame took, all its hands together.</summary>
    public StageTimes LastTimes { get; private set; }

    /// <summary>The hands of the last frame that has gone all the way, in its pixels, those followed first; valid until the next one has.</summary>
    public ReadOnlySpan<Detection> Found => found.AsSpan(0, foundCount);

    /// <summary>Whether palms were looked for in the last frame.</summary>
    internal bool Searched => searched;

    /// <inheritdoc/>
    public long FailOvers => palms.FailOvers + crops.Session.Faults;

    /// <summary>Finds the hands of a frame.</summary>
    /// <returns>They, in pixels of the frame; valid until the next call.</returns>
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
        if (phase == Phase.Begin) Begin(frame);
        if (phase == Phase.Search)
        {
            if (!palms.Advance(frame, budget)) return false;
            AddPalms();
            phase = Phase.Crop;
        }
        while (next < waiting)
        {
            if (!Look(frame, budget)) return false;
            next++;
            phase = Phase.Crop;
        }
        follower?.Finish(seen.AsSpan(0, count), frame, searched);
        seen.AsSpan(0, count).CopyTo(found);
        foundCount = count;
        phase = Phase.Begin;
        StageTimes searching = searched ? palms.LastTimes : default;
        LastTimes = new StageTimes(searching.Preprocess + Span(cropping), searching.Inference + Span(inferring), searching.Decode + Span(reading));
        return true;
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        if (phase == Phase.Search) palms.Abandon();
        if (phase == Phase.Infer) crops.Session.Abandon();
        phase = Phase.Begin;
    }

    /// <summary>Lets the code for the model of points be compiled on blank crops, since there is no hand in a blank frame.</summary>
    internal void WarmUp()
    {
        Abandon();
        crops.WarmUp(place => decoder.TryRead(place, out _));
    }

    /// <summary>Forgets the hands that were followed, as before another video.</summary>
    public void Reset() => follower?.Reset();

    /// <inheritdoc/>
    public void Dispose()
    {
        palms.Dispose();
        crops.Dispose();
    }

    private void Begin(Frame frame)
    {
        (next, waiting, count, cropping, inferring, reading) = (0, 0, 0, 0, 0, 0);
        if (follower is not null)
        {
            follower.Begin(frame);
            foreach (ref readonly FollowedHand hand in follower.Hands) candidates[waiting++] = new Candidate(hand.Next, hand.Track);
        }
        searched = follower is null || waiting == 0 || (waiting < candidates.Length && frame.Time - follower.Searched >= SearchEvery);
        phase = searched ? Phase.Search : Phase.Crop;
    }

    /// <summary>Adds the palms that are none of the hands that are followed.</summary>
    private void AddPalms()
    {
        int known = waiting;
        foreach (ref readonly Detection palm in palms.Found)
        {
            if (waiting == candidates.Length) break;
            Crop place = HandPlace.OfPalm(palm);
            bool isKnown = false;
            for (int i = 0; i < known; i++) isKnown |= HandPlace.AreTheSame(candidates[i].Place, place);
            if (!isKnown) candidates[waiting++] = new Candidate(place, 0);
        }
    }

    /// <summary>Does what fits of the look at the next hand; true when it is done.</summary>
    private bool Look(Frame frame, in TimeBudget budget)
    {
        long start = budget.Timestamp, now;
        ref readonly Candidate candidate = ref candidates[next];
        if (phase == Phase.Crop)
        {
            if (!candidate.Place.IsUsable) return true;
            if (budget.Fit(cropCost.Expected, 1, start) == 0) return false;
            crops.Write(frame, candidate.Place);
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
        ref Detection hand = ref seen[count];
        if (decoder.TryRead(candidate.Place, out hand) && !IsFound(hand))
        {
            hand.Track = candidate.Track;
            count++;
        }
        now = budget.Timestamp;
        readCost.Learn(budget.Nanoseconds(start, now));
        reading += budget.Nanoseconds(start, now);
        return true;
    }

    /// <summary>Whether the points of two cuts are those of one hand.</summary>
    private bool IsFound(in Detection hand)
    {
        for (int i = 0; i < count; i++)
            if (HandPlace.AreTheSame(HandPlace.OfPoints(seen[i]), HandPlace.OfPoints(hand))) return true;
        return false;
    }

    private static TimeSpan Span(double nanoseconds) => TimeSpan.FromTicks((long)(nanoseconds / TimeSpan.NanosecondsPerTick));

    /// <summary>What will be cut out.</summary>
    /// <param name="Place">Where.</param>
    /// <param name="Track">The number of the hand that was there in the last frame; 0 for a palm that was found in this one.</param>
    private readonly record struct Candidate(Crop Place, int Track);
}
