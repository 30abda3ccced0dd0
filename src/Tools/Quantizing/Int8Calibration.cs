using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// Finds out all that 8-bit arithmetic needs to know of a prepared graph: ranges, moments of what weights are multiplied by, nodes that cannot be quantized, and whether channels should be given like ranges first,
/// which is tried and measured.
/// </summary>
internal static class Int8Calibration
{
    /// <summary>Samples that two ways are compared on.</summary>
    private const int ComparedSamples = 6;

    /// <summary>The candidates that calibration leads to.</summary>
    /// <param name="prepared">The prepared graph; it is not changed.</param>
    /// <param name="model">The float model.</param>
    /// <param name="samples">What is calibrated on.</param>
    /// <param name="method">How ranges are found.</param>
    /// <param name="progress">Told how far it is, from 0 to 1.</param>
    public static Int8Candidates Run(Graph prepared, EdgeModel model, SampleSet samples, RangeMethod method = RangeMethod.Percentile, Action<double>? progress = null)
    {
        (Int8Candidates plain, IReadOnlyDictionary<Value, ValueStatistics> statistics) = Calibrate(prepared, model, samples, method, part => progress?.Invoke(part / 2));
        if (ChannelEqualization.Apply(prepared, statistics) is not { } equalized) return plain;
        Int8Candidates equal = Calibrate(equalized, model, samples, method, part => progress?.Invoke(0.5 + part / 2)).Candidates;
        return Decibels(equal) > Decibels(plain) ? equal : plain;

        double Decibels(Int8Candidates candidates) => OutputNoise.Decibels(model.Graph, candidates.Build(new HashSet<Layer>(), halves: false), samples, ComparedSamples);
    }

    private static (Int8Candidates Candidates, IReadOnlyDictionary<Value, ValueStatistics> Statistics) Calibrate(Graph graph, EdgeModel model, SampleSet samples, RangeMethod method, Action<double> progress)
    {
        HashSet<Node> spectrum = PowerSpectrum.Of(graph);
        var plan = new QuantizationPlan(graph, spectrum);
        Value[] values = [.. plan.Quantized.Concat(plan.Integer.Where(n => QuantizableNode.KindOf(n) == NodeKind.Product).Select(n => n.Inputs[0]!)).Distinct()];
        IReadOnlyDictionary<Value, ValueStatistics> statistics = Calibration.Run(graph, values, samples, (done, all) => progress((double)done / all));
        // What is not finite has no range: whoever reads or makes it stays in floats.
        HashSet<Node> refused = [.. spectrum, .. plan.Integer.Where(n => n.Inputs.Concat(n.Outputs).Any(v => v is not null && statistics.TryGetValue(v, out ValueStatistics? seen) && seen.NotFinite > 0))];
        return (new Int8Candidates(graph, RangeChoice.Choose(plan, statistics, model.Metadata, method), refused, statistics), statistics);
    }
}
