using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Passes;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// Turns a prepared float graph into a quantized one: ranges from samples, weights by channel, then a search for the layers that have to stay in floats so that the accuracy that was asked for is kept.
/// </summary>
internal sealed class Quantizer
{
    private readonly Graph prepared;
    private readonly QuantizationOptions options;

    /// <summary>Prepares.</summary>
    /// <param name="prepared">The graph after <see cref="PassPipeline.BeforeQuantization"/>; it is not changed.</param>
    /// <param name="metadata">What the model says of itself.</param>
    /// <param name="options">How to quantize.</param>
    public Quantizer(Graph prepared, ModelMetadata metadata, QuantizationOptions options)
    {
        this.prepared = prepared;
        this.options = options;
        Graph reference = GraphCutter.Copy(prepared, out _);
        PassPipeline.Run(reference);
        Float = new EdgeModel(reference, metadata);
    }

    /// <summary>The float model, with all passes.</summary>
    public EdgeModel Float { get; }

    /// <summary>Calibrates, quantizes and measures.</summary>
    /// <exception cref="EdgeException">There is nothing to quantize, or samples do not fit.</exception>
    /// <exception cref="QuantizationRefusal">What can be made of the model loses more than it may.</exception>
    public QuantizedModel Run()
    {
        using SampleSet samples = options.Calibration(Float);
        if (samples.Count == 0) throw new EdgeException(ErrorCode.BadUsage, $"There is nothing to calibrate on: {samples.Description}.", "Give a folder with pictures, sound or .npz files that are like what the model will see.");
        (SampleSet calibration, SampleSet measured) = options.Measure is null ? SampleSubset.Divide(samples) : (samples, samples);
        CandidateSpace space = options.Mode.IsOfWeights() ? new WeightCandidates(Float.Graph, options.Mode) : Calibrate(calibration);
        if (space.Layers.Count == 0)
        {
            throw new EdgeException(ErrorCode.BadUsage, $"'{Float.Metadata.Name}' has nothing that --quantize {options.Mode.NameOf()} could be applied to.",
                options.Mode.IsOfWeights() ? "Leave it as it is." : "Use --quantize int8-weights or fp16, which make the file smaller.");
        }
        using AccuracyMeasure measure = options.Measure?.Invoke(Float) ?? new AgreementMeasure(Float, measured);
        Assignment assignment = new AssignmentSearch(space, measure, calibration, options).Find();
        QuantizationEvidence evidence = EvidenceBuilder.Of(assignment, space, calibration, measure, options, Ranges(space, assignment));
        var quantized = new QuantizedModel(assignment.Graph, Float, evidence, assignment, space) { Values = Spreads(space, assignment) };
        return assignment.Problem is { } problem ? throw Refused(quantized, problem) : quantized;
    }

    /// <summary>Finds the ranges.</summary>
    private Int8Candidates Calibrate(SampleSet samples) => Int8Calibration.Run(prepared, Float, samples, options.Ranges, part =>
    {
        options.Stop.ThrowIfCancellationRequested();
        options.Progress?.Invoke("calibrate", part);
    });

    private static IReadOnlyList<RangeEvidence> Ranges(CandidateSpace space, Assignment assignment)
    {
        if (space is not Int8Candidates integers) return [];
        return [.. integers.QuantizedBeside(assignment.Chosen.InFloats).Select(v => (v.Name, Range: integers.RangeOf(v)))
            .Select(r => new RangeEvidence { Name = r.Name, Low = (float)EvidenceBuilder.Round(r.Range.Low), High = (float)EvidenceBuilder.Round(r.Range.High), Method = r.Range.Method })];
    }

    private static IReadOnlyList<ValueHistogram> Spreads(CandidateSpace space, Assignment assignment)
    {
        if (space is not Int8Candidates integers) return [];
        return [.. from value in integers.QuantizedBeside(assignment.Chosen.InFloats) let seen = integers.SeenOf(value) where seen is not null select ValueHistogram.Of(value.Name, integers.RangeOf(value), seen)];
    }

    private QuantizationRefusal Refused(QuantizedModel quantized, string problem)
    {
        QuantizationEvidence evidence = quantized.Evidence;
        bool isAccuracy = evidence.FloatValue - evidence.Value > evidence.MaxDrop;
        string said = FormattableString.Invariant($"'{Float.Metadata.Name}' in {evidence.Mode} is not worth shipping: {evidence.Metric} is {evidence.Value:0.####} where the float model has {evidence.FloatValue:0.####}, on {evidence.EvaluationSet}");
        return isAccuracy
            ? new QuantizationRefusal(quantized, FormattableString.Invariant($"{said}; a drop of {evidence.MaxDrop:0.####} is allowed. That is {problem}."),
                options.Mode switch
                {
                    QuantizationMode.Int8 => "Use --quantize mixed, which keeps as many layers in floats as it takes; or calibrate on more samples like the real ones; or allow more with --max-drop.",
                    QuantizationMode.Int4Weights => "Use --quantize int8-weights, or allow more with --max-drop.",
                    _ => "Calibrate on more samples like the real ones, or allow more with --max-drop.",
                })
            : new QuantizationRefusal(quantized, $"'{Float.Metadata.Name}' in {evidence.Mode} keeps its accuracy, but {problem}.", "Allow more with --budget-size or --budget-latency, or a larger loss with --max-drop.");
    }
}
