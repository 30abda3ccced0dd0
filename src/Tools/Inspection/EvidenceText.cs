using System.Globalization;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Inspection;

/// <summary>What a model file says of how it was quantized, as lines for people.</summary>
internal static class EvidenceText
{
    private const int Worst = 5, FewFloats = 8, NameWidth = 36;

    /// <summary>The lines, each with its title, which is empty where the one before goes on.</summary>
    /// <param name="evidence">The evidence.</param>
    /// <param name="verbose">True to list all layers and ranges.</param>
    public static IEnumerable<(string Title, string Text)> Lines(QuantizationEvidence evidence, bool verbose)
    {
        string prefix = ShortText.CommonPrefix([.. evidence.Layers.Select(l => l.Name).Where(n => n.Contains('/'))]);
        LayerEvidence[] floats = [.. evidence.Layers.Where(l => l.Reason.Length > 0)];
        yield return ("quantized", Text($"{evidence.Mode} by {evidence.Tool}"));
        yield return ("calibrated", Text($"on {evidence.Calibration}: {Quantity.Of(evidence.CalibrationSamples, "sample")}{(evidence.CalibrationDigest.Length > 0 ? $", digest {evidence.CalibrationDigest}" : "")}"));
        if (evidence.Metric.Length > 0)
        {
            yield return ("accuracy", Text($"{evidence.Metric}: float {evidence.FloatValue:0.####}, {evidence.Mode} {evidence.Value:0.####}; a drop of {evidence.MaxDrop:0.####} was allowed"));
            yield return ("measured", Text($"on {evidence.EvaluationSet}: {Quantity.Of(evidence.EvaluationSamples, "sample")}"));
        }
        if (evidence.Layers.Count > 0)
        {
            yield return ("precision", Text($"{evidence.Layers.Count - floats.Length} of {Quantity.Of(evidence.Layers.Count, "layer")} in {evidence.Mode}, {floats.Length} in floats"));
            foreach (LayerEvidence layer in verbose ? floats : floats.Take(FewFloats)) yield return ("", Text($"{Name(prefix, layer.Name)} stays {layer.Precision}: {layer.Reason}"));
            if (!verbose && floats.Length > FewFloats) yield return ("", Text($"and {floats.Length - FewFloats} others (--verbose shows them)"));
        }
        LayerEvidence[] noisy = [.. evidence.Layers.Where(l => l.SignalToNoise is not null).OrderBy(l => l.SignalToNoise)];
        for (int i = 0; i < noisy.Length && (verbose || i < Worst); i++)
            yield return (i == 0 ? "noisiest" : "", Text($"{Name(prefix, noisy[i].Name)} {noisy[i].SignalToNoise,6:0.0} dB of signal to noise, {noisy[i].NoiseShare:0.0%} of all noise"));
        if (evidence.Ranges.Count == 0) yield break;
        string methods = string.Join(", ", evidence.Ranges.GroupBy(r => r.Method).OrderByDescending(g => g.Count()).Select(g => $"{g.Key} for {g.Count()}"));
        yield return ("ranges", Text($"of {Quantity.Of(evidence.Ranges.Count, "value")}, found by {methods}{(verbose ? "" : " (--verbose lists them)")}"));
        if (!verbose) yield break;
        foreach (RangeEvidence range in evidence.Ranges) yield return ("", Text($"{Name(prefix, range.Name)} {range.Low,10:G4} to {range.High,10:G4}  {range.Method}"));
    }

    /// <summary>A name of one width. A terminal obeys control characters, and a name in a file can be anything.</summary>
    private static string Name(string prefix, string name) => ShortText.Fit(string.Concat(ShortText.Without(prefix, name).Select(c => char.IsControl(c) ? '?' : c)), NameWidth).PadRight(NameWidth);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
