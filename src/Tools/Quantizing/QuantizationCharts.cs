using EdgeRuntime.Format;
using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Reports;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>The drawings of a report on quantization, as SVG.</summary>
internal static class QuantizationCharts
{
    /// <summary>Layers that are drawn with their names.</summary>
    public const int MostNamed = 40;

    private const int RowHeight = 20, SmallWidth = 230, SmallHeight = 110, ThirdWidth = 310;

    private static readonly OxyColor Integer = Plot.Colours[0], Float = Plot.Colours[1];

    /// <summary>Signal to noise of layers by name: blue in few bits, orange in floats.</summary>
    public static string Named(string meaning, IReadOnlyList<LayerEvidence> layers)
    {
        string prefix = ShortText.CommonPrefix([.. layers.Select(l => l.Name).Where(n => n.Contains('/'))]);
        LinearAxis numbers = Plot.Numbers(AxisPosition.Bottom, "dB", least: 0, grid: true);
        numbers.MaximumPadding = 0.12;
        PlotModel model = Plot.Model(Plot.Names(AxisPosition.Left, layers.Select(l => ShortText.Without(prefix, l.Name))), numbers);
        var bars = new BarSeries { StrokeThickness = 0, LabelFormatString = "{0:0.0}", LabelMargin = 4 };
        foreach (LayerEvidence layer in layers) bars.Items.Add(new BarItem(Math.Max(0, layer.SignalToNoise ?? 0)) { Color = ColourOf(layer) });
        model.Series.Add(bars);
        return Plot.Svg(model, meaning, 64 + RowHeight * layers.Count);
    }

    /// <summary>Signal to noise of all layers in their order, however many.</summary>
    public static string Overview(string meaning, IReadOnlyList<LayerEvidence> layers)
    {
        PlotModel model = Plot.Model(Plot.Numbers(AxisPosition.Bottom, "layer, in the order of the graph", least: 0, most: layers.Count + 1), Plot.Numbers(AxisPosition.Left, "dB", least: 0, grid: true));
        var bars = new RectangleBarSeries { StrokeThickness = 0 };
        for (int i = 0; i < layers.Count; i++)
            if (layers[i].SignalToNoise is > 0 and { } decibels) bars.Items.Add(new RectangleBarItem(i + 0.6, 0, i + 1.4, decibels) { Color = ColourOf(layers[i]) });
        model.Series.Add(bars);
        return Plot.Svg(model, meaning, 240);
    }

    /// <summary>A number against layers in floats, with the candidate that was chosen and a bound.</summary>
    public static string TradeOff(string meaning, string unit, IReadOnlyList<(double X, double Y)> points, (double X, double Y) chosen, (double At, string Text)? bound)
    {
        double low = points.Min(p => p.Y), high = points.Max(p => p.Y);
        if (bound is { } b) (low, high) = (Math.Min(low, b.At), Math.Max(high, b.At));
        double margin = Math.Max((high - low) * 0.12, Math.Abs(high) * 1e-3);
        LinearAxis layers = Plot.Numbers(AxisPosition.Bottom, "layers in floats", least: -0.3, most: Math.Max(1, points.Max(p => p.X)) * 1.04 + 0.3);
        layers.MinimumMajorStep = 1;
        PlotModel model = Plot.Model(layers, Plot.Numbers(AxisPosition.Left, unit, least: low - margin, most: high + margin, grid: true));
        var line = new LineSeries { StrokeThickness = 1.8, MarkerType = MarkerType.Circle, MarkerSize = 3, Color = Integer };
        foreach ((double x, double y) in points) line.Points.Add(new DataPoint(x, y));
        model.Series.Add(line);
        var mark = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerSize = 6, MarkerFill = OxyColors.Transparent, MarkerStroke = Plot.Mark, MarkerStrokeThickness = 2 };
        mark.Points.Add(new ScatterPoint(chosen.X, chosen.Y));
        model.Series.Add(mark);
        if (bound is { } limit)
        {
            Plot.AddMark(model, limit.At, "", vertical: false);
            // The word stands at the side, and on the side of the line, that the curve is not on.
            bool atLeft = chosen.X > points.Max(p => p.X) / 2, isBelow = limit.At > (low + high) / 2;
            model.Annotations.Add(new TextAnnotation
            {
                Text = limit.Text, TextPosition = new DataPoint(atLeft ? 0 : points.Max(p => p.X), limit.At), TextColor = Plot.Mark, Stroke = OxyColors.Transparent, FontSize = 11, Offset = new ScreenVector(0, isBelow ? 4 : -4),
                TextHorizontalAlignment = atLeft ? HorizontalAlignment.Left : HorizontalAlignment.Right, TextVerticalAlignment = isBelow ? VerticalAlignment.Top : VerticalAlignment.Bottom,
            });
        }
        return Plot.Svg(model, meaning, 200, ThirdWidth);
    }

    /// <summary>How the elements of a value are spread, on a logarithmic scale, and where its range ends.</summary>
    public static string Spread(ValueHistogram value)
    {
        double from = Math.Min(value.Min, value.Range.Low), to = Math.Max(value.Max, value.Range.High), margin = Math.Max((to - from) * 0.02, 1e-30);
        LinearAxis reals = Plot.Numbers(AxisPosition.Bottom, least: from - margin, most: to + margin), counts = Plot.Numbers(AxisPosition.Left, least: 0);
        // Numbers as short as they can be, few of them.
        reals.LabelFormatter = x => Math.Abs(x) < (to - from) * 1e-9 ? "0" : x.ToString("G3", System.Globalization.CultureInfo.InvariantCulture);
        reals.IntervalLength = 70;
        reals.FontSize = 10;
        counts.IsAxisVisible = false;
        PlotModel model = Plot.Model(reals, counts);
        model.Padding = new OxyThickness(2, 4, 8, 2);
        var area = new AreaSeries { Color = Integer, Fill = OxyColor.FromAColor(150, Integer), StrokeThickness = 1, ConstantY2 = 0 };
        double step = ((double)value.Max - value.Min) / Math.Max(1, value.Counts.Count);
        for (int i = 0; i < value.Counts.Count; i++)
        {
            double y = Math.Log10(1 + value.Counts[i]);
            area.Points.Add(new DataPoint(value.Min + i * step, y));
            area.Points.Add(new DataPoint(value.Min + (i + 1) * step, y));
        }
        model.Series.Add(area);
        Plot.AddMark(model, value.Range.Low, "", vertical: true);
        Plot.AddMark(model, value.Range.High, "", vertical: true);
        return Plot.Svg(model, $"spread of {value.Name}", SmallHeight, SmallWidth);
    }

    private static OxyColor ColourOf(LayerEvidence layer) => layer.Reason.Length > 0 ? Float : Integer;
}
