using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Evaluation.Evaluators;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>How good a candidate is at its task, on samples whose truth is known: the first number that `edgert eval` gives.</summary>
internal sealed class LabelMeasure : AccuracyMeasure
{
    private readonly EdgeModel reference;
    private readonly DataSource source;
    private readonly EvaluatorEntry entry;
    private readonly Lazy<MetricValue> first;

    private LabelMeasure(EdgeModel reference, DataSource source, EvaluatorEntry entry)
    {
        (this.reference, this.source, this.entry) = (reference, source, entry);
        first = new Lazy<MetricValue>(() => Evaluate(reference, default));
    }

    public override string Name => first.Value.Title;

    public override string Set => source.Description;

    public override int Samples => source.Samples.Count;

    public override double FloatValue => first.Value.Value;

    /// <summary>The measure that fits a set: its labels, or agreement with the float model where it has none.</summary>
    /// <param name="reference">The float model.</param>
    /// <param name="source">The set; where some of it is held back from training, that is taken.</param>
    /// <exception cref="EdgeException">There is nothing to measure on.</exception>
    public static AccuracyMeasure Of(EdgeModel reference, DataSource source)
    {
        DataSource held = source.OnlyHeldBack(source.HeldBack);
        if (held.Samples.Count == 0) throw new EdgeException(ErrorCode.BadUsage, $"There is nothing to measure on: {held.Description}.", "Give other samples with --eval.");
        return EvaluatorCatalog.For(held, null) is { } entry ? new LabelMeasure(reference, held, entry) : new AgreementMeasure(reference, new DataSampleSet(reference, held));
    }

    public override double Measure(Graph candidate, CancellationToken stop) => Evaluate(new EdgeModel(candidate, reference.Metadata), stop).Value;

    private MetricValue Evaluate(EdgeModel model, CancellationToken stop)
    {
        using Evaluator evaluator = entry.Create(new EvaluatorRequest(model, source, new SessionOptions { Backend = BackendKind.Cpu }, null));
        Evaluation.Evaluation.Run(source, [evaluator], _ => { }, stop);
        MetricValue value = evaluator.Result().Metrics[0];
        return double.IsFinite(value.Value) ? value : throw new EdgeException(ErrorCode.BadUsage, $"{value.Title} cannot be measured on {source.Description}.", "Give other samples with --eval.");
    }
}
