using EdgeRuntime.Planning;

namespace EdgeRuntime.Pipelines;

/// <summary>The way of a frame through a model: preprocess, run, decode; at once, or a part at a time.</summary>
/// <param name="picture">The session.</param>
/// <param name="decode">Reads the outputs.</param>
internal sealed class PictureSteps(PictureSession picture, Action decode)
{
    private LearnedCost preprocessCost, decodeCost;
    private Phase phase;
    private double preprocessing, inferring;

    private enum Phase
    {
        Preprocess,
        Infer,
        Decode,
    }

    /// <summary>How long each stage of the last frame took, without what was done in between.</summary>
    public StageTimes LastTimes { get; private set; }

    /// <summary>Takes a frame all the way.</summary>
    public void Run(Frame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Abandon();
        TimeBudget clock = TimeBudget.Unlimited;
        long start = clock.Timestamp;
        picture.Write(frame);
        long preprocessed = clock.Timestamp;
        picture.Session.Run();
        long inferred = clock.Timestamp;
        decode();
        Finish(clock.Nanoseconds(start, preprocessed), clock.Nanoseconds(preprocessed, inferred), clock.Nanoseconds(inferred, clock.Timestamp));
    }

    /// <summary>Does what fits of it, from where the last call ended; true when the frame has gone all the way.</summary>
    public bool Advance(Frame frame, in TimeBudget budget)
    {
        ArgumentNullException.ThrowIfNull(frame);
        long start = budget.Timestamp;
        if (phase == Phase.Preprocess)
        {
            if (budget.Fit(preprocessCost.Expected, 1, start) == 0) return false;
            picture.Write(frame);
            long preprocessed = budget.Timestamp;
            preprocessing = budget.Nanoseconds(start, preprocessed);
            preprocessCost.Learn(preprocessing);
            (phase, start, inferring) = (Phase.Infer, preprocessed, 0);
        }
        if (phase == Phase.Infer)
        {
            bool done = picture.Session.Advance(budget);
            long now = budget.Timestamp;
            inferring += budget.Nanoseconds(start, now);
            if (!done) return false;
            (phase, start) = (Phase.Decode, now);
        }
        if (budget.Fit(decodeCost.Expected, 1, start) == 0) return false;
        decode();
        double decoding = budget.Nanoseconds(start, budget.Timestamp);
        decodeCost.Learn(decoding);
        Finish(preprocessing, inferring, decoding);
        return true;
    }

    /// <summary>Gives up the frame that was begun, if any.</summary>
    public void Abandon()
    {
        if (phase == Phase.Infer) picture.Session.Abandon();
        phase = Phase.Preprocess;
    }

    private void Finish(double preprocess, double inference, double decoding)
    {
        phase = Phase.Preprocess;
        LastTimes = new StageTimes(Span(preprocess), Span(inference), Span(decoding));
    }

    private static TimeSpan Span(double nanoseconds) => TimeSpan.FromTicks((long)(nanoseconds / TimeSpan.NanosecondsPerTick));
}
