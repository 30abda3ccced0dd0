using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation.Metrics;

namespace EdgeRuntime.Tools.Evaluation.Evaluators;

/// <summary>How well a model tells speech from silence, window by window; what is true of a window is what is true in its middle.</summary>
internal sealed class VoiceEvaluator : Evaluator
{
    private const string Role = "probability";

    private readonly StepRunner runner;
    private readonly RankedScores scores = new();
    private readonly int output;
    private readonly double threshold;
    private readonly SoundInput sound;

    public VoiceEvaluator(EvaluatorRequest request)
    {
        threshold = request.Threshold ?? 0.5;
        runner = new StepRunner(request.Model, request.Session);
        try
        {
            output = runner.OutputOf(Role);
            sound = runner.Facts.Sound ?? throw new EdgeException(ErrorCode.WrongTask, $"'{request.Model.Metadata.Name}' does not say how sound becomes its input.", "Take a model for voice-activity, such as silero-vad-v6-16k.");
        }
        catch
        {
            runner.Dispose();
            throw;
        }
    }

    public override void Add(Sample sample)
    {
        var truth = (SpeechTruth)sample.Truth!;
        int window = 0;
        foreach (TensorView[] outputs in runner.Run(sample.Content))
        {
            ReadOnlySpan<float> found = outputs[output].Span<float>();
            if (found.Length is not (1 or 2)) throw new EdgeException(ErrorCode.WrongTask, $"The output of '{runner.Model.Metadata.Name}' for speech has {found.Length} numbers; a probability has one, or two of which the last one is speech.");
            if (truth.At((window + 0.5) * sound.Samples / sound.SampleRate) is { } speech) scores.Add(found[^1], speech);
            window++;
        }
    }

    public override EvaluationResult Result()
    {
        (double precision, double recall, double accuracy) = scores.At(threshold);
        return new EvaluationResult
        {
            Kind = "speech",
            Metrics =
            [
                new("f1", $"F1 at {threshold:0.##}", ConfusionMatrix.Harmonic(precision, recall)), new("precision", "precision", precision), new("recall", "recall", recall), new("accuracy", "accuracy", accuracy),
                new("roc_auc", "area under the ROC curve", scores.Area(), MetricUnit.Number), new("windows", "windows", scores.Count, MetricUnit.Count), new("speech_windows", "windows with speech", scores.Positives, MetricUnit.Count),
            ],
            Curves = [new CurveResult("Speech found against silence taken for it", "false alarms", "recall", [("model", scores.Curve())])],
        };
    }

    public override void Dispose() => runner.Dispose();
}
