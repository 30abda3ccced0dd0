using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Reports;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>The drawings of a benchmark's report, as SVG; the roofline is <see cref="RooflineChart"/>.</summary>
internal static class BenchCharts
{
    /// <summary>Layers that are drawn by name.</summary>
    public const int MostNamed = 40;

    private const int RowHeight = 20, Bins = 48, LatencyHeight = 240;

    /// <summary>Runs that took so many times the median lie beyond the drawing: a machine that does something else would squeeze all others into one bar.</summary>
    private const double Widest = 2.5;

    /// <summary>How often runs took how long: ours, and a peer's behind it; the longest are gathered in the last bar.</summary>
    public static string Latency(BenchReport report)
    {
        (string Name, double[] Samples, double Median)[] series = [.. report.Peers.Where(p => p.Samples.Length > 0).Select(p => (p.Name, p.Samples, p.MedianMs)), ("EdgeRuntime", report.Samples, report.MedianMs)];
        double from = series.Min(s => s.Samples.Min()), to = series.Max(s => Math.Min(Percentile(s.Samples, 0.99), Widest * s.Median)), step = Math.Max((to - from) / Bins, 1e-6 * Math.Max(1, to));
        PlotModel model = Plot.Model(Plot.Numbers(AxisPosition.Bottom, "ms", least: from, most: from + Bins * step), Plot.Numbers(AxisPosition.Left, "runs", least: 0, grid: true));
        if (series.Length > 1) Plot.AddLegend(model);
        for (int s = series.Length - 1; s >= 0; s--)
        {
            // Ours is the last one, and blue in all drawings.
            OxyColor colour = Plot.Colours[series.Length - 1 - s];
            var bars = new RectangleBarSeries { Title = series[s].Name, FillColor = series.Length > 1 ? OxyColor.FromAColor(170, colour) : colour, StrokeThickness = 0 };
            int[] counts = new int[Bins];
            foreach (double sample in series[s].Samples) counts[Math.Clamp((int)((sample - from) / step), 0, Bins - 1)]++;
            for (int i = 0; i < Bins; i++)
                if (counts[i] > 0) bars.Items.Add(new RectangleBarItem(from + (i + 0.06) * step, 0, from + (i + 0.94) * step, counts[i]));
            model.Series.Add(bars);
        }
        bool isRight = report.MedianMs > from + 0.6 * Bins * step;
        Plot.AddMark(model, report.MedianMs, "", vertical: true);
        double top = model.Series.OfType<RectangleBarSeries>().SelectMany(b => b.Items).Max(b => b.Y1);
        model.Annotations.Add(Plot.Label(report.MedianMs, top, FormattableString.Invariant($"median {LatencySummary.Text(report.MedianMs)}"), new ScreenVector(isRight ? -7 : 7, 0), isRight ? HorizontalAlignment.Right : HorizontalAlignment.Left, Plot.Mark));
        return Plot.Svg(model, "how often runs took how long", LatencyHeight);
    }

    /// <summary>The slowest layers by name, coloured by operator.</summary>
    public static string Layers(IReadOnlyList<LayerTime> layers, OperatorColours colours)
    {
        (LayerTime Layer, int Number)[] drawn = [.. layers.Select((layer, i) => (layer, i)).OrderByDescending(l => l.layer.Us).Take(MostNamed)];
        string prefix = ShortText.CommonPrefix([.. drawn.Select(l => l.Layer.Name).Where(n => n.Contains('/'))]);
        LinearAxis numbers = Plot.Numbers(AxisPosition.Bottom, "microseconds", least: 0, grid: true);
        numbers.MaximumPadding = 0.18;
        PlotModel model = Plot.Model(Plot.Names(AxisPosition.Left, drawn.Select(l => $"{l.Number} {ShortText.Without(prefix, l.Layer.Name)}")), numbers);
        Plot.AddLegend(model);
        foreach (string name in colours.Names)
        {
            var bars = new BarSeries { Title = name, FillColor = colours.Of(name), IsStacked = true, StrokeThickness = 0 };
            for (int i = 0; i < drawn.Length; i++)
                if (colours.NameOf(drawn[i].Layer) == name) bars.Items.Add(new BarItem(drawn[i].Layer.Us, i));
            if (bars.Items.Count > 0) model.Series.Add(bars);
        }
        foreach (((LayerTime layer, _), int row) in drawn.Select((l, i) => (l, i)))
            model.Annotations.Add(Plot.Label(layer.Us, row, FormattableString.Invariant($"{(layer.Us >= 100 ? $"{layer.Us:N0}" : $"{layer.Us:0.0}")}{(BenchPage.Computes(layer) && layer.PeakShare is { } share ? $" · {share:0%}" : "")}"), new ScreenVector(5, 0)));
        return Plot.Svg(model, "time of the slowest layers", 88 + RowHeight * drawn.Length);
    }

    /// <summary>Medians of all runs of a page beside each other: backends, numbers of threads, and peers.</summary>
    public static string Medians(IReadOnlyList<BenchReport> reports, Func<BenchReport, string> nameOf)
    {
        string[] peers = [.. reports.SelectMany(r => r.Peers).Select(p => p.Name).Distinct()];
        return Charts.Bars("median latency", [.. reports.Select(nameOf)],
            [("EdgeRuntime", [.. reports.Select(r => r.MedianMs)]), .. peers.Select(peer => (peer, (IReadOnlyList<double>)[.. reports.Select(r => r.Peers.FirstOrDefault(p => p.Name == peer)?.MedianMs ?? double.NaN)]))], "ms", format: "0.00");
    }

    /// <summary>Our time by the peer's for each model and number of threads, the best first; more than 1 is orange.</summary>
    public static string Ratios(IReadOnlyList<SuiteRow> rows)
    {
        bool several = rows.Select(r => r.Threads).Distinct().Skip(1).Any();
        SuiteRow[] drawn = [.. rows.GroupBy(r => r.Model).OrderBy(g => g.Min(r => r.Ratio)).SelectMany(g => g.OrderBy(r => r.Threads))];
        PlotModel model = Plot.Model(Plot.Names(AxisPosition.Left, drawn.Select(r => several ? $"{r.Model} ({r.Threads})" : r.Model)), Plot.Numbers(AxisPosition.Bottom, least: 0, most: Math.Max(1.15, drawn.Max(r => r.Ratio) * 1.15), grid: true));
        var bars = new BarSeries { StrokeThickness = 0, LabelFormatString = "{0:0.00}", LabelMargin = 4 };
        foreach (SuiteRow row in drawn) bars.Items.Add(new BarItem(row.Ratio) { Color = Plot.Colours[row.Ratio > 1 ? 1 : 0] });
        model.Series.Add(bars);
        Plot.AddMark(model, 1, "", vertical: true);
        return Plot.Svg(model, "our time by the peer's for each model", 64 + RowHeight * drawn.Length);
    }

    private static double Percentile(double[] samples, double part)
    {
        double[] sorted = [.. samples.Order()];
        return sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)];
    }
}
