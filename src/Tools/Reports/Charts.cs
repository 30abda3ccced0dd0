using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace EdgeRuntime.Tools.Reports;

/// <summary>The drawings that reports are made of, each as SVG for <see cref="HtmlPage.Chart"/>.</summary>
internal static class Charts
{
    private const int RowHeight = 22, Frame = 64;

    /// <summary>One bar, divided in proportion to its parts, such as the stages of a latency.</summary>
    public static string Parts(string meaning, IReadOnlyList<(string Name, double Value)> parts, Func<double, string> text)
    {
        PlotModel model = Plot.Model(Plot.Names(AxisPosition.Left, [""]), Plot.Numbers(AxisPosition.Bottom, least: 0, most: Math.Max(parts.Sum(p => p.Value), 1e-12)));
        foreach (Axis axis in model.Axes) axis.IsAxisVisible = false;
        Plot.AddLegend(model);
        foreach ((string name, double value) in parts)
        {
            var series = new BarSeries { Title = $"{name} {text(value)}", IsStacked = true, BarWidth = 1, StrokeThickness = 0 };
            series.Items.Add(new BarItem(value));
            model.Series.Add(series);
        }
        return Plot.Svg(model, meaning, 72);
    }

    /// <summary>How often values occur; the largest hundredth is gathered in the last bar, so that one outlier does not flatten the rest.</summary>
    /// <param name="meaning">What it shows.</param>
    /// <param name="values">The values; not none.</param>
    /// <param name="unit">What they are, for the axis.</param>
    /// <param name="mark">A value to mark, with its word.</param>
    public static string Histogram(string meaning, ReadOnlySpan<double> values, string unit, (double At, string Text)? mark = null)
    {
        double[] sorted = values.ToArray();
        Array.Sort(sorted);
        const int bins = 36;
        double from = sorted[0], to = sorted[Math.Max(0, (int)Math.Ceiling(0.99 * sorted.Length) - 1)], step = Math.Max((to - from) / bins, 1e-6 * Math.Max(1, Math.Abs(to)));
        var counts = new double[bins];
        foreach (double value in sorted) counts[Math.Clamp((int)((value - from) / step), 0, bins - 1)]++;
        return Histogram(meaning, from, step, counts, unit, mark);
    }

    /// <summary>Counts in bins of one width.</summary>
    public static string Histogram(string meaning, double from, double step, IReadOnlyList<double> counts, string unit, (double At, string Text)? mark = null)
    {
        double to = from + step * counts.Count;
        PlotModel model = Plot.Model(Plot.Numbers(AxisPosition.Bottom, unit, least: from, most: to), Plot.Numbers(AxisPosition.Left, least: 0, grid: true));
        var bars = new RectangleBarSeries { FillColor = Plot.Colours[0], StrokeThickness = 0 };
        for (int i = 0; i < counts.Count; i++) bars.Items.Add(new RectangleBarItem(from + (i + 0.06) * step, 0, from + (i + 0.94) * step, counts[i]));
        model.Series.Add(bars);
        if (mark is { } place && place.At >= from && place.At <= to) Plot.AddMark(model, place.At, place.Text, vertical: true, before: place.At > from + 0.6 * (to - from));
        return Plot.Svg(model, meaning, 210);
    }

    /// <summary>A bar for each name, with several values where there are several series.</summary>
    /// <param name="meaning">What it shows.</param>
    /// <param name="names">The rows.</param>
    /// <param name="series">What is drawn, each with a value for each name; NaN for none.</param>
    /// <param name="unit">What the values are, for the axis.</param>
    /// <param name="most">The end of the axis, or NaN.</param>
    /// <param name="format">How values are written at the bars, such as 0.0; empty for not at all.</param>
    public static string Bars(string meaning, IReadOnlyList<string> names, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> series, string unit = "", double most = double.NaN, string format = "")
    {
        LinearAxis numbers = Plot.Numbers(AxisPosition.Bottom, unit, least: 0, most: most, grid: true);
        // Room for the numbers behind the longest bar.
        if (format.Length > 0 && double.IsNaN(most)) numbers.MaximumPadding = 0.15;
        PlotModel model = Plot.Model(Plot.Names(AxisPosition.Left, names), numbers);
        if (series.Count > 1) Plot.AddLegend(model);
        foreach ((string name, IReadOnlyList<double> values) in series)
        {
            var bars = new BarSeries { Title = name, StrokeThickness = 0, LabelFormatString = format.Length > 0 ? $"{{0:{format}}}" : null, LabelPlacement = double.IsNaN(most) ? LabelPlacement.Outside : LabelPlacement.Inside, LabelMargin = 4 };
            if (!double.IsNaN(most)) bars.TextColor = OxyColors.White;
            foreach (double value in values) bars.Items.Add(new BarItem(value));
            model.Series.Add(bars);
        }
        return Plot.Svg(model, meaning, Frame + RowHeight * names.Count * Math.Max(1, series.Count) + (series.Count > 1 ? 24 : 0));
    }

    /// <summary>Curves of points.</summary>
    /// <param name="meaning">What they show.</param>
    /// <param name="curves">The curves.</param>
    /// <param name="x">What is to the right.</param>
    /// <param name="y">What is upwards.</param>
    /// <param name="marked">Whether each point is marked.</param>
    /// <param name="shares">Whether both axes go from 0 to 1.</param>
    public static string Curves(string meaning, IReadOnlyList<(string Name, IReadOnlyList<(double X, double Y)> Points)> curves, string x, string y, bool marked = false, bool shares = false)
    {
        (double least, double most) = shares ? (0, 1) : (double.NaN, double.NaN);
        PlotModel model = Plot.Model(Plot.Numbers(AxisPosition.Bottom, x, least, most, grid: true), Plot.Numbers(AxisPosition.Left, y, least, most, grid: true));
        model.Axes[1].IntervalLength = 40;
        if (curves.Count > 1) Plot.AddLegend(model);
        foreach ((string name, IReadOnlyList<(double X, double Y)> points) in curves)
        {
            var line = new LineSeries { Title = name, StrokeThickness = 1.8, MarkerType = marked ? MarkerType.Circle : MarkerType.None, MarkerSize = 3 };
            foreach ((double px, double py) in points) line.Points.Add(new DataPoint(px, py));
            model.Series.Add(line);
        }
        return Plot.Svg(model, meaning, 300);
    }

    /// <summary>A square of counts, darker where there are more; a row is what is true, a column what was found.</summary>
    public static string Matrix(string meaning, IReadOnlyList<string> names, int[,] counts, string rows, string columns)
    {
        int n = names.Count, longest = Math.Min(20, names.Max(name => name.Length));
        CategoryAxis found = Plot.Names(AxisPosition.Bottom, names, columns), truth = Plot.Names(AxisPosition.Left, names, rows);
        // Long names side by side do not fit.
        if (longest > 3 || n > 20) found.Angle = -60;
        int most = 1;
        foreach (int count in counts) most = Math.Max(most, count);
        PlotModel model = Plot.Model(found, truth);
        var cells = new RectangleBarSeries { StrokeThickness = 0 };
        for (int row = 0; row < n; row++)
            for (int column = 0; column < n; column++)
            {
                if (counts[row, column] is not (> 0 and int count)) continue;
                // The root shows single mistakes beside hundreds of hits.
                double part = Math.Sqrt((double)count / most);
                OxyColor colour = OxyColor.Interpolate(OxyColors.White, row == column ? Plot.Colours[0] : Plot.Colours[1], 0.15 + 0.85 * part);
                cells.Items.Add(new RectangleBarItem(column - 0.48, row - 0.48, column + 0.48, row + 0.48) { Color = colour });
                if (n <= 30)
                {
                    model.Annotations.Add(new TextAnnotation
                    {
                        TextPosition = new DataPoint(column, row), Text = $"{count}", Stroke = OxyColors.Transparent, TextColor = part > 0.7 ? OxyColors.White : OxyColor.Parse("#1c2530"),
                        TextHorizontalAlignment = HorizontalAlignment.Center, TextVerticalAlignment = VerticalAlignment.Middle, FontSize = 11,
                    });
                }
            }
        model.Series.Add(cells);
        int cell = n <= 12 ? 36 : n <= 30 ? 26 : Math.Max(5, 640 / n), side = cell * n + 90 + 6 * longest;
        return Plot.Svg(model, meaning, side, side);
    }
}
