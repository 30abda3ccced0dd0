using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation.Evaluators;

/// <summary>How well a model that writes letter by letter foresees a text: the bits that each next letter would cost with its probabilities. Letters that it does not know are left out.</summary>
internal sealed class LetterEvaluator : Evaluator
{
    private readonly StepRunner runner;
    private readonly int output;
    private double bits;
    private long letters, right;

    public LetterEvaluator(EvaluatorRequest request)
    {
        runner = new StepRunner(request.Model, request.Session);
        try
        {
            output = runner.OutputOf("scores");
        }
        catch
        {
            runner.Dispose();
            throw;
        }
    }

    public override void Add(Sample sample)
    {
        int[] numbers = runner.Inputs.LettersOf(((LettersTruth)sample.Truth!).Text);
        int at = 0;
        foreach (TensorView[] outputs in runner.Run(sample.Content))
        {
            if (++at == numbers.Length) break;
            ReadOnlySpan<float> scores = outputs[output].Span<float>();
            if (scores.Length != runner.Facts.Labels.Count) throw new EdgeException(ErrorCode.WrongTask, $"'{runner.Model.Metadata.Name}' gives {scores.Length} scores for {runner.Facts.Labels.Count} letters.");
            int best = 0;
            for (int i = 1; i < scores.Length; i++)
                if (scores[i] > scores[best]) best = i;
            double sum = 0;
            foreach (float score in scores) sum += Math.Exp(score - scores[best]);
            bits += (Math.Log(sum) + scores[best] - scores[numbers[at]]) / Math.Log(2);
            letters++;
            if (best == numbers[at]) right++;
        }
    }

    public override EvaluationResult Result()
    {
        double each = letters > 0 ? bits / letters : double.NaN;
        return new EvaluationResult
        {
            Kind = "letters",
            Metrics =
            [
                new("bits_per_letter", "bits for a letter", each, MetricUnit.Number) { LessIsBetter = true }, new("perplexity", "perplexity", Math.Pow(2, each), MetricUnit.Number) { LessIsBetter = true },
                new("top1", "next letter foreseen", letters > 0 ? (double)right / letters : double.NaN), new("letters", "letters", letters, MetricUnit.Count),
            ],
        };
    }

    public override void Dispose() => runner.Dispose();
}
