using System.Globalization;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>The report on a quantized model, one page that needs nothing else.</summary>
internal static class QuantizationPage
{
    /// <summary>Layers whose sizes are drawn, worst layers that are drawn when there are too many, reasons that are listed, and spreads that are drawn: a page must stay one that browsers like.</summary>
    private const int MostSizes = 24, WorstNamed = 24, MostReasons = 12, MostSpreads = 160;

    /// <summary>Writes the page, whole or not at all.</summary>
    public static void Write(string path, QuantizationReport report) => AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(Page(report).ToString())));

    internal static HtmlPage Page(QuantizationReport report)
    {
        QuantizationEvidence evidence = report.Evidence;
        var page = new HtmlPage($"{report.Metadata.Name} in {evidence.Mode}");
        page.Quiet(Text($"Made by {evidence.Tool} of {Of(report.Metadata.Source)}"));
        Decision(page, report);
        Pictures(page, report);
        TradeOff(page, report);
        Noise(page, report);
        Sizes(page, report);
        Spreads(page, report);
        Layers(page, report);
        return page;
    }

    private static void Decision(HtmlPage page, QuantizationReport report)
    {
        QuantizationEvidence e = report.Evidence;
        LayerEvidence[] floats = [.. e.Layers.Where(l => l.Reason.Length > 0)];
        double drop = e.FloatValue - e.Value;
        string lost = drop > 0 ? Text($"{Number(drop)} is lost") : drop < 0 ? Text($"{Number(-drop)} is gained") : "nothing is lost";
        page.Verdict(report.Problem is { } problem ? $"Not written: {problem}" : Text($"{Short(e.Metric)} is {Number(e.Value)}, the float model's {Number(e.FloatValue)}: {lost}, and {Number(e.MaxDrop)} was allowed."), report.Problem is null);
        page.Table(["", "float", e.Mode, ""],
        [
            [Short(e.Metric), Number(e.FloatValue), Number(e.Value), drop == 0 ? "the same" : Text($"{(drop > 0 ? "-" : "+")}{Number(Math.Abs(drop))}")],
            ["file", Text($"{report.FloatBytes / 1e3:N0} kB"), Text($"{report.Bytes / 1e3:N0} kB"), Text($"{(double)report.Bytes / report.FloatBytes:0.000} of it")],
            .. Latency(report),
            ["layers", Text($"{e.Layers.Count}"), Text($"{e.Layers.Count - floats.Length}"), Text($"{floats.Length} in floats")],
        ], firstNumber: 1);

        page.Heading("What was decided, and why");
        page.Text(Text($"{e.Layers.Count - floats.Length} of {Quantity.Of(e.Layers.Count, "layer")} with weights {(e.Layers.Count - floats.Length == 1 ? "is" : "are")} in {Precisions(e)}; {(floats.Length == 0 ? "none stays" : floats.Length == 1 ? "1 stays" : $"{floats.Length} stay")} in floats."));
        page.Text(Text($"Measured: {e.Metric}, on {Of(e.EvaluationSet)} ({Quantity.Of(e.EvaluationSamples, "sample")}). Calibrated on {Of(e.Calibration)} ({Quantity.Of(e.CalibrationSamples, "sample")}{(e.CalibrationDigest.Length > 0 ? $", digest {e.CalibrationDigest}" : "")})."));
        if (e.Ranges.Count > 0)
        {
            IEnumerable<string> methods = e.Ranges.GroupBy(r => r.Method).OrderByDescending(g => g.Count()).Select(g => $"{g.Key} for {g.Count()}");
            page.Text(Text($"{Quantity.Of(e.Ranges.Count, "value")} got a range of 256 numbers: {string.Join(", ", methods)}. Of all ways to choose a range, the one with the least error was taken; fixed are those whose bounds are known."));
        }
        if (floats.Length > 0)
        {
            page.Table(["stays in floats", "operator", "why"], floats.Take(MostReasons).Select(l => new[] { l.Name, l.Operator, l.Reason }));
            if (floats.Length > MostReasons) page.Quiet(Text($"And {floats.Length - MostReasons} others; the table at the end has them all."));
        }
    }

    /// <summary>The time of a run, where it was measured.</summary>
    private static IEnumerable<string[]> Latency(QuantizationReport report)
    {
        if (report.TradeOff.Count < 2 || Chosen(report) is not { Milliseconds: { } own } || report.TradeOff[^1].Milliseconds is not { } floats) yield break;
        if (report.TradeOff[^1].InFloats.Count < report.Evidence.Layers.Count(l => l.SignalToNoise is not null || l.Reason.Length == 0)) yield break;
        yield return ["a run on this machine", Text($"{floats:0.00} ms"), Text($"{own:0.00} ms"), own <= floats ? Text($"{floats / own:0.0} times as fast") : Text($"{own / floats:0.0} times as long")];
    }

    private static void Pictures(HtmlPage page, QuantizationReport report)
    {
        if (report.Pictures.Count == 0) return;
        page.Heading("The same pictures, seen by both");
        foreach (PicturePair pair in report.Pictures)
            page.Pictures((pair.Float, Text($"{pair.Name}, float: {pair.FloatCount} found")), (pair.Quantized, Text($"{pair.Name}, {report.Evidence.Mode}: {pair.QuantizedCount} found")));
    }

    private static void TradeOff(HtmlPage page, QuantizationReport report)
    {
        if (report.TradeOff.Count < 2) return;
        QuantizationEvidence e = report.Evidence;
        IReadOnlyList<Trial> trials = report.TradeOff;
        Trial chosen = Chosen(report);
        page.Heading("Layers in floats against accuracy and time");
        page.Quiet("Layers are put back into floats in the order of what they cost. The red circle is what was chosen.");
        double x = chosen.InFloats.Count;
        var charts = new List<(string, string)>
        {
            (QuantizationCharts.TradeOff($"{e.Metric} against layers in floats", "", [.. trials.Select(t => ((double)t.InFloats.Count, t.Value))], (x, chosen.Value), (e.FloatValue - e.MaxDrop, "least that is allowed")), Short(e.Metric)),
        };
        if (trials.All(t => t.Milliseconds is not null))
            charts.Add((QuantizationCharts.TradeOff("time of a run against layers in floats", "ms", [.. trials.Select(t => ((double)t.InFloats.Count, t.Milliseconds!.Value))], (x, chosen.Milliseconds!.Value), null), "time of a run, best of several"));
        charts.Add((QuantizationCharts.TradeOff("size against layers in floats", "kB", [.. trials.Select(t => ((double)t.InFloats.Count, t.Bytes / 1e3))], (x, chosen.Bytes / 1e3), null), "size of graph and weights"));
        page.MiddleCharts(charts);
        page.Table(["layers in floats", "metric", "kB", "ms", ""], trials.Select(t => new[] { Text($"{t.InFloats.Count}"), Number(t.Value), Text($"{t.Bytes / 1e3:N0}"), Text($"{t.Milliseconds:0.00}"), t == chosen ? "chosen" : "" }), firstNumber: 0, lastNumber: 3);
    }

    private static Trial Chosen(QuantizationReport report)
    {
        int floats = report.Evidence.Layers.Count(l => l is { Reason.Length: > 0, SignalToNoise: not null });
        return report.TradeOff.FirstOrDefault(t => t.Value == report.Evidence.Value && t.InFloats.Count == floats) ?? report.TradeOff.MinBy(t => (Math.Abs(EvidenceBuilder.Round(t.Value) - report.Evidence.Value), t.InFloats.Count))!;
    }

    private static void Noise(HtmlPage page, QuantizationReport report)
    {
        LayerEvidence[] seen = [.. report.Evidence.Layers.Where(l => l.SignalToNoise is not null)];
        if (seen.Length == 0) return;
        page.Heading("Signal to noise, layer by layer");
        page.Quiet(Text($"How far the result of a layer is from the float model's when every layer is quantized, in decibels: 10 more is a tenth of the noise. Blue layers are in {Precisions(report.Evidence)}, orange ones stay in floats."));
        if (seen.Length <= QuantizationCharts.MostNamed)
        {
            page.Chart(QuantizationCharts.Named("signal to noise of each layer", seen));
            return;
        }
        page.Chart(QuantizationCharts.Overview("signal to noise of each layer", report.Evidence.Layers));
        page.Quiet(Text($"The {WorstNamed} with the most noise:"));
        page.Chart(QuantizationCharts.Named("signal to noise of the worst layers", [.. seen.OrderBy(l => l.SignalToNoise).Take(WorstNamed)]));
    }

    private static void Sizes(HtmlPage page, QuantizationReport report)
    {
        LayerEvidence[] largest = [.. report.Evidence.Layers.Where(l => report.FloatLayerBytes.ContainsKey(l.Name)).OrderByDescending(l => report.FloatLayerBytes[l.Name]).Take(MostSizes)];
        if (largest.Length == 0) return;
        page.Heading("Size, layer by layer");
        page.Quiet(largest.Length < report.Evidence.Layers.Count ? Text($"Weights, biases and scales of the {largest.Length} largest layers, in kB.") : "Weights, biases and scales, in kB.");
        string prefix = Inspection.ShortText.CommonPrefix([.. largest.Select(l => l.Name).Where(n => n.Contains('/'))]);
        page.Chart(Charts.Bars("bytes of each layer", [.. largest.Select(l => Inspection.ShortText.Without(prefix, l.Name))],
            [("float", [.. largest.Select(l => report.FloatLayerBytes[l.Name] / 1e3)]), (report.Evidence.Mode, [.. largest.Select(l => report.LayerBytes.GetValueOrDefault(l.Name) / 1e3)])], "kB", format: "0.0"));
    }

    private static void Spreads(HtmlPage page, QuantizationReport report)
    {
        if (report.Values.Count == 0) return;
        page.Heading("Ranges of values");
        page.Quiet("How often elements have which value, on a logarithmic scale, over all samples of the calibration. The 256 numbers lie between the red lines; what is outside is cut off.");
        // Where much is cut off is what people look for.
        ValueHistogram[] drawn = [.. report.Values.Take(MostSpreads)];
        string prefix = Inspection.ShortText.CommonPrefix([.. drawn.Select(v => v.Name).Where(n => n.Contains('/'))]);
        int first = Math.Min(12, drawn.Length);
        page.SmallCharts(drawn.Take(first).Select(Chart));
        if (drawn.Length > first) page.Folded(Text($"{drawn.Length - first} more"), () => page.SmallCharts(drawn.Skip(first).Select(Chart)));
        page.Folded("The ranges in numbers", () => page.Table(["value", "low", "high", "least seen", "greatest seen", "cut off", "how"],
            report.Values.Select(v => new[] { v.Name, Number(v.Range.Low), Number(v.Range.High), Number(v.Min), Number(v.Max), Text($"{v.Outside:0.####%}"), v.Range.Method }), firstNumber: 1, sortable: true, lastNumber: 5));

        (string, string) Chart(ValueHistogram v) => (QuantizationCharts.Spread(v), Text($"{Inspection.ShortText.Fit(Inspection.ShortText.Without(prefix, v.Name), 60)}: {Number(v.Range.Low)} to {Number(v.Range.High)}, {v.Range.Method}{(v.Outside > 0 ? $", {v.Outside:0.###%} cut off" : "")}"));
    }

    private static void Layers(HtmlPage page, QuantizationReport report)
    {
        page.Heading("All layers");
        page.Quiet("A click on the name of a column sorts by it.");
        page.Table(["layer", "operator", "SNR dB", "share of noise", "gain in floats", "float kB", $"{report.Evidence.Mode} kB", "computes with"],
            report.Evidence.Layers.Select(l => new[]
            {
                l.Name, l.Operator, Text($"{l.SignalToNoise:0.0}"), Text($"{l.NoiseShare:0.0%}"), Text($"{l.Gain:0.0000}"),
                Text($"{report.FloatLayerBytes.GetValueOrDefault(l.Name) / 1e3:0.0}"), Text($"{report.LayerBytes.GetValueOrDefault(l.Name) / 1e3:0.0}"), l.Reason.Length > 0 ? $"{l.Precision}: {l.Reason}" : l.Precision,
            }), firstNumber: 2, sortable: true, lastNumber: 6);
    }

    private static string Precisions(QuantizationEvidence evidence) => string.Join(" and ", evidence.Layers.Where(l => l.Reason.Length == 0).Select(l => l.Precision).Distinct().DefaultIfEmpty(evidence.Mode));

    /// <summary>The name of a metric without how it is worked out.</summary>
    private static string Short(string metric) => metric.Split(';')[0];

    private static string Of(string what) => what.Length > 0 ? what : "an unnamed source";

    private static string Number(double value) => value.ToString("G5", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
