using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipeline <c>classify</c>: its results are the likeliest classes, which have no box because they speak of the whole picture.</summary>
internal sealed class ClassifyPipeline : FramePipeline
{
    private const int Most = 5;

    /// <summary>Where none is given: the best class is a result whatever its score, others are from here on.</summary>
    private const float DefaultThreshold = 0.05f;

    private readonly ImageClassifier classifier;
    private readonly Detection[] results;
    private readonly float threshold, thresholdOfBest;
    private int count;

    public ClassifyPipeline(EdgeModel model, PipelineOptions options)
    {
        classifier = new ImageClassifier(model, options.Session);
        threshold = options.ScoreThreshold ?? DefaultThreshold;
        thresholdOfBest = options.ScoreThreshold ?? float.NegativeInfinity;
        results = new Detection[Most];
        Labels = LabelNames.Of(model);
    }

    public override IReadOnlyList<string> Labels { get; }

    public override StageTimes LastTimes => classifier.LastTimes;

    public override bool PreprocessesOnDevice => classifier.PreprocessesOnDevice;

    public override InferenceSession Session => classifier.Session;

    public override string Name => classifier.Name;

    public override ReadOnlySpan<Detection> Found => results.AsSpan(0, count);

    public override ReadOnlySpan<Detection> Process(Frame frame)
    {
        classifier.Process(frame);
        Take();
        return Found;
    }

    public override bool Advance(Frame frame, in TimeBudget budget)
    {
        if (!classifier.Advance(frame, budget)) return false;
        Take();
        return true;
    }

    public override void Abandon() => classifier.Abandon();

    public override void Dispose() => classifier.Dispose();

    private void Take()
    {
        ReadOnlySpan<Classification> found = classifier.Found;
        count = 0;
        while (count < Math.Min(Most, found.Length) && found[count].Score >= (count == 0 ? thresholdOfBest : threshold))
        {
            results[count] = new Detection { Label = found[count].Label, Score = found[count].Score };
            count++;
        }
    }
}
