using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation.Metrics;

namespace EdgeRuntime.Tools.Evaluation.Evaluators;

/// <summary>How often a model finds the right class. Of a model that sees a sound window by window the last window counts.</summary>
internal sealed class ClassEvaluator : Evaluator
{
    private const string Role = "scores";

    private readonly StepRunner runner;
    private readonly IReadOnlyList<string> names;
    private readonly int output;
    private ConfusionMatrix? matrix;
    private int[] numbers = [];

    public ClassEvaluator(EvaluatorRequest request)
    {
        names = request.Source.Classes;
        runner = new StepRunner(request.Model, request.Session);
        try
        {
            output = runner.OutputOf(Role);
            Shape shape = request.Model.Graph.Outputs[output].Value.Type.Shape;
            // That a label is of no class shows before the first sample, where the number of classes is known.
            if (shape.Rank > 0 && shape[-1] > 1) Prepare(shape[-1]);
        }
        catch
        {
            runner.Dispose();
            throw;
        }
    }

    public override void Add(Sample sample)
    {
        float[]? scores = null;
        foreach (TensorView[] outputs in runner.Run(sample.Content)) scores = outputs[output].Span<float>().ToArray();
        if (matrix is null) Prepare(scores!.Length);
        if (scores!.Length != matrix!.Counts.GetLength(0))
            throw new EdgeException(ErrorCode.WrongTask, $"The output '{runner.Model.Graph.Outputs[output].Name}' of '{runner.Model.Metadata.Name}' has {scores.Length} numbers, which are not one for each of {matrix.Counts.GetLength(0)} classes.");
        matrix.Add(numbers[((ClassTruth)sample.Truth!).Class], scores);
    }

    public override EvaluationResult Result()
    {
        ConfusionMatrix counted = matrix ?? throw new InvalidOperationException("No sample was given.");
        (double precision, double recall, double f1) = counted.Macro();
        int classes = counted.Counts.GetLength(0);
        var metrics = new List<MetricValue> { new("top1", "top-1 accuracy", counted.Top1) };
        if (classes > 5) metrics.Add(new MetricValue("top5", "top-5 accuracy", counted.Top5));
        metrics.AddRange([new("precision", "precision, mean of classes", precision), new("recall", "recall, mean of classes", recall), new("f1", "F1, mean of classes", f1)]);
        return new EvaluationResult
        {
            Kind = "classification",
            Metrics = metrics,
            Classes = [.. Enumerable.Range(0, classes).Select(i => ResultOf(i, counted))],
            Confusion = counted.Counts,
        };
    }

    public override void Dispose() => runner.Dispose();

    private ClassResult ResultOf(int label, ConfusionMatrix counted)
    {
        (int samples, double precision, double recall, double f1) = counted.Of(label);
        return new ClassResult(ClassNames.NameOf(label, runner.Facts.Labels), samples, [new("precision", "precision", precision), new("recall", "recall", recall), new("f1", "F1", f1)]);
    }

    private void Prepare(int classes)
    {
        numbers = ClassNames.Match(names, runner.Facts.Labels, classes, runner.Model.Metadata.Name);
        matrix = new ConfusionMatrix(classes);
    }
}
