using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation.Metrics;

namespace EdgeRuntime.Tools.Evaluation.Evaluators;

/// <summary>How far a model gives the results of another one on the same samples, in what its users look at and in each output; each model keeps its own state.</summary>
internal sealed class AgreementEvaluator : Evaluator
{
    private readonly StepRunner candidate, reference;
    private readonly Agreement agreement;
    private readonly OutputLikeness[] outputs;

    /// <summary>Prepares two models.</summary>
    /// <param name="candidate">The model that is measured.</param>
    /// <param name="reference">What it is compared with.</param>
    /// <param name="session">Where both run.</param>
    /// <param name="classes">Whether the samples are of classes: then it is the best class that counts, even where the reference does not say what its outputs mean.</param>
    /// <exception cref="EdgeException">They cannot be compared.</exception>
    public AgreementEvaluator(EdgeModel candidate, EdgeModel reference, SessionOptions session, bool classes = false)
    {
        if (candidate.Graph.Outputs.Count != reference.Graph.Outputs.Count)
        {
            throw new EdgeException(ErrorCode.InputMismatch, $"'{candidate.Metadata.Name}' has {candidate.Graph.Outputs.Count} outputs and the reference '{reference.Metadata.Name}' {reference.Graph.Outputs.Count}, so they cannot be compared.",
                "Compare with the model that it was made from.");
        }
        outputs = [.. candidate.Graph.Outputs.Select(_ => new OutputLikeness())];
        this.candidate = new StepRunner(candidate, session);
        try
        {
            this.reference = new StepRunner(reference, session);
            agreement = classes ? new ClassAgreement(reference, new DecoderInfo { Outputs = new Dictionary<string, string> { ["scores"] = reference.Graph.Outputs[this.reference.OutputOf("scores")].Name } }) : Agreement.For(reference);
        }
        catch
        {
            this.candidate.Dispose();
            this.reference?.Dispose();
            throw;
        }
    }

    public override void Add(Sample sample)
    {
        using IEnumerator<TensorView[]> theirs = reference.Run(sample.Content).GetEnumerator();
        foreach (TensorView[] ours in candidate.Run(sample.Content))
        {
            if (!theirs.MoveNext()) throw new EdgeException(ErrorCode.InputMismatch, $"'{candidate.Model.Metadata.Name}' takes more steps for '{sample.Name}' than the reference.");
            for (int i = 0; i < ours.Length; i++)
            {
                if (ours[i].Shape != theirs.Current[i].Shape)
                    throw new EdgeException(ErrorCode.InputMismatch, $"Output '{candidate.Model.Graph.Outputs[i].Name}' of '{candidate.Model.Metadata.Name}' is {ours[i].Type}, the reference's is {theirs.Current[i].Type}.", "Compare with the model that it was made from.");
                outputs[i].Add(theirs.Current[i], ours[i]);
            }
            agreement.Add(theirs.Current, ours);
        }
    }

    public override EvaluationResult Result()
    {
        // State may be of any size, and nobody looks at it.
        OutputLikeness[] seen = [.. outputs.Where((_, i) => !candidate.IsState(i))];
        if (seen.Length == 0) seen = outputs;
        return new EvaluationResult
        {
            Kind = EvaluatorCatalog.Agreement,
            Metrics =
            [
                new(EvaluatorCatalog.Agreement, agreement.Name, agreement.Value),
                .. agreement is DetectionAgreement boxes ? new[] { new MetricValue("agreement_50_95", "AP@[.5:.95] of the reference's detections", boxes.ValueAt50To95) } : [],
                new("cosine", "least cosine of outputs", seen.Min(o => o.Cosine), MetricUnit.Number),
                new("max_abs", "largest difference", seen.Max(o => o.MaxAbsolute), MetricUnit.Number), new("snr_db", "least signal to noise, dB", seen.Min(o => o.SignalToNoise), MetricUnit.Number),
            ],
            Outputs = [.. outputs.Select((o, i) => new OutputResult(candidate.Model.Graph.Outputs[i].Name + (candidate.IsState(i) ? " (state)" : ""), o.Cosine, o.MaxAbsolute, o.SignalToNoise))],
        };
    }

    public override void Dispose()
    {
        candidate.Dispose();
        reference.Dispose();
    }
}
