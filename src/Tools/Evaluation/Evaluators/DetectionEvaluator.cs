using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Pictures;

namespace EdgeRuntime.Tools.Evaluation.Evaluators;

/// <summary>How well a detector finds what is in pictures: average precision in the manner of COCO. Detections count from a low score on, so that the whole curve is seen.</summary>
internal sealed class DetectionEvaluator : Evaluator
{
    private const double LeastScore = 0.01;

    private readonly DetectionRunner runner;
    private readonly ModelFacts facts;
    private readonly AveragePrecision precision = new();
    private readonly Frame frame = new();
    private readonly int[] numbers;
    private long found;

    public DetectionEvaluator(EvaluatorRequest request)
    {
        facts = new ModelFacts(request.Model);
        string name = request.Model.Metadata.Name;
        if (facts.Decoder is not { } decoder || !Decoders.Has(decoder.Kind)) throw new EdgeException(ErrorCode.WrongTask, $"'{name}' does not say how its outputs become boxes.", "Take a detector, such as yolox-nano, or other data.");
        numbers = ClassNames.Match(request.Source.Classes, facts.Labels, Math.Max(1, facts.Labels.Count), name);
        runner = new DetectionRunner(request.Model, request.Model.Metadata.Task, "Take a detector, such as yolox-nano.", request.Session, (float)(request.Threshold ?? LeastScore));
    }

    public override void Add(Sample sample)
    {
        PictureFile.Read(((PictureContent)sample.Content).Path, frame);
        IReadOnlyList<TrueBox> truth = ((BoxesTruth)sample.Truth!).Boxes;
        ReadOnlySpan<Detection> detections = runner.Process(frame);
        var boxes = new FoundBox[detections.Length];
        for (int i = 0; i < boxes.Length; i++) boxes[i] = new FoundBox(detections[i].X, detections[i].Y, detections[i].Width, detections[i].Height, detections[i].Label, detections[i].Score);
        found += boxes.Length;
        precision.Add([.. truth.Select(t => t with { Label = numbers[t.Label] })], boxes);
    }

    public override EvaluationResult Result() => new()
    {
        Kind = "detection",
        Metrics =
        [
            new("map_50_95", "mAP@[.5:.95]", precision.At50To95), new("map_50", "mAP@0.5", precision.At50),
            new("boxes", "true boxes", precision.Classes.Sum(c => c.Boxes), MetricUnit.Count), new("found", "found boxes", found, MetricUnit.Count),
        ],
        Classes = [.. precision.Classes.Select(c => new ClassResult(ClassNames.NameOf(c.Label, facts.Labels), c.Boxes, [new("ap_50_95", "AP@[.5:.95]", c.At50To95), new("ap_50", "AP@0.5", c.At50)]))],
    };

    public override void Dispose() => runner.Dispose();
}
