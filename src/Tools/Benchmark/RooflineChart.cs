using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Reports;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>
/// What layers reach of what the machine can do: each layer at the operations that it computes with a byte and in a second, under the measured roofs of arithmetic, of memory and of the last cache. Both
/// axes are logarithmic. A layer under a roof is held back by something else than it.
/// </summary>
internal static class RooflineChart
{
    private const int Height = 460, MostLabels = 14, LongestLabel = 22;

    /// <summary>What frames the axes, in pixels; near enough to keep labels apart.</summary>
    private const double Beside = 78, Above = 100, LetterWidth = 6.4, LetterHeight = 14, TopName = 140;

    private const double SmallestDot = 3.5, LargestDot = 11;

    /// <summary>True where there is something to draw.</summary>
    public static bool IsFor(BenchReport report) => report.Peaks is not null && report.Layers.Any(IsDrawn);

    /// <summary>Layers that compute nothing have no place in it.</summary>
    public static bool IsDrawn(LayerTime layer) => layer is { Operations: > 0, Bytes: > 0, Us: > 0 };

    /// <summary>The drawing.</summary>
    public static string Draw(BenchReport report, OperatorColours colours)
    {
        PeakFigures peaks = report.Peaks!;
        Point[] points = [.. report.Layers.Select((layer, i) => (layer, i)).Where(l => IsDrawn(l.layer)).Select(l => new Point(l.layer, l.i, (double)l.layer.Operations / l.layer.Bytes, l.layer.Gflops))];
        bool floats = points.Any(p => p.Layer.Arithmetic == LayerTime.Float), integers = points.Any(p => p.Layer.Arithmetic == LayerTime.Integer);
        double roof = Math.Max(floats ? peaks.Gflops : 0, integers ? peaks.Gops : 0);
        var frame = new Frame(
            Math.Min(points.Min(p => p.X) / 1.6, 0.25), Math.Max(points.Max(p => p.X) * 1.8, 2 * roof / peaks.MemoryGbps),
            Math.Max(Math.Min(points.Min(p => p.Y), peaks.MemoryGbps / 4) / 1.8, roof * 1e-5), Math.Max(roof, points.Max(p => p.Y)) * 2);
        PlotModel model = Plot.Model(Plot.Powers(AxisPosition.Bottom, "operations for each byte", frame.Left, frame.Right), Plot.Powers(AxisPosition.Left, integers ? floats ? "GFLOP/s, GOP/s" : "GOP/s" : "GFLOP/s", frame.Bottom, frame.Top));
        Plot.AddLegend(model);
        AddSlope(model, frame, peaks.MemoryGbps, roof, FormattableString.Invariant($"memory {peaks.MemoryGbps:0.0} GB/s"));
        AddSlope(model, frame, peaks.CacheGbps, roof, FormattableString.Invariant($"last cache {peaks.CacheGbps:0.0} GB/s"));
        if (floats) AddTop(model, frame, peaks.Gflops, peaks.CacheGbps, FormattableString.Invariant($"floats {peaks.Gflops:0.0} GFLOP/s"));
        if (integers) AddTop(model, frame, peaks.Gops, peaks.CacheGbps, FormattableString.Invariant($"integers {peaks.Gops:0.0} GOP/s"));
        foreach (string name in colours.Names)
        {
            var dots = new ScatterSeries { Title = name, MarkerType = MarkerType.Circle, MarkerFill = OxyColor.FromAColor(200, colours.Of(name)), MarkerStroke = OxyColors.White, MarkerStrokeThickness = 0.8 };
            foreach (Point point in points.Where(p => colours.NameOf(p.Layer) == name)) dots.Points.Add(new ScatterPoint(point.X, Math.Max(point.Y, frame.Bottom), SizeOf(point)));
            if (dots.Points.Count > 0) model.Series.Add(dots);
        }
        AddLabels(model, frame, points, [.. floats ? new[] { frame.Place(peaks.Gflops / peaks.CacheGbps, peaks.Gflops) } : [], .. integers ? new[] { frame.Place(peaks.Gops / peaks.CacheGbps, peaks.Gops) } : []]);
        return Plot.Svg(model, "what layers reach of the machine's peaks", Height);
    }

    /// <summary>The area is the share of the time.</summary>
    private static double SizeOf(Point point) => Math.Clamp(LargestDot * Math.Sqrt(point.Layer.Share * 5), SmallestDot, LargestDot);

    private static void AddSlope(PlotModel model, Frame frame, double rate, double roof, string text) =>
        AddLine(model, [new(Math.Max(frame.Left, frame.Bottom / rate), Math.Max(frame.Left, frame.Bottom / rate) * rate), new(roof / rate, roof)], text, 0.03, HorizontalAlignment.Left);

    private static void AddTop(PlotModel model, Frame frame, double peak, double rate, string text) => AddLine(model, [new(peak / rate, peak), new(frame.Right, peak)], text, 0, HorizontalAlignment.Left);

    private static void AddLine(PlotModel model, DataPoint[] points, string text, double at, HorizontalAlignment alignment)
    {
        var line = new PolylineAnnotation
        {
            Color = Plot.Mark, LineStyle = LineStyle.Solid, StrokeThickness = 1.4, Text = text, TextColor = Plot.Mark, FontSize = 11, TextLinePosition = at, TextHorizontalAlignment = alignment,
            TextVerticalAlignment = VerticalAlignment.Bottom, TextOrientation = AnnotationTextOrientation.AlongLine, TextMargin = 4, Layer = AnnotationLayer.BelowSeries,
        };
        line.Points.AddRange(points);
        model.Annotations.Add(line);
    }

    /// <summary>Names the layers that take most time, each where no other name and no dot is; one that finds no such place goes without.</summary>
    private static void AddLabels(PlotModel model, Frame frame, Point[] points, ScreenPoint[] tops)
    {
        string prefix = ShortText.CommonPrefix([.. points.Select(p => p.Layer.Name).Where(n => n.Contains('/'))]);
        // Over the beginning of a roof stands its name.
        List<OxyRect> taken = [.. points.Select(p => Around(frame.Place(p.X, p.Y), SizeOf(p))), .. tops.Select(top => new OxyRect(top.X, top.Y - LetterHeight - 4, TopName, LetterHeight + 6))];
        foreach (Point point in points.OrderByDescending(p => p.Layer.Us).Take(MostLabels))
        {
            string text = HtmlPage.Plain($"{point.Number} {ShortText.Fit(ShortText.Without(prefix, point.Layer.Name), LongestLabel)}");
            ScreenPoint at = frame.Place(point.X, point.Y);
            double width = text.Length * LetterWidth, away = SizeOf(point) + 3;
            foreach ((double dx, double dy, HorizontalAlignment side) in ((double, double, HorizontalAlignment)[])
                [
                    (away, 0, HorizontalAlignment.Left), (-away, 0, HorizontalAlignment.Right), (0, -away - LetterHeight / 2, HorizontalAlignment.Center), (0, away + LetterHeight / 2, HorizontalAlignment.Center),
                    (away, -LetterHeight, HorizontalAlignment.Left), (away, LetterHeight, HorizontalAlignment.Left), (-away, -LetterHeight, HorizontalAlignment.Right), (-away, LetterHeight, HorizontalAlignment.Right),
                    (away, 2 * LetterHeight, HorizontalAlignment.Left), (-away, 2 * LetterHeight, HorizontalAlignment.Right), (away, 3 * LetterHeight, HorizontalAlignment.Left),
                    (away, -2 * LetterHeight, HorizontalAlignment.Left), (-away, -2 * LetterHeight, HorizontalAlignment.Right), (-away, 3 * LetterHeight, HorizontalAlignment.Right), (away, 4 * LetterHeight, HorizontalAlignment.Left), (-away, 4 * LetterHeight, HorizontalAlignment.Right),
                ])
            {
                double left = at.X + dx - (side == HorizontalAlignment.Right ? width : side == HorizontalAlignment.Center ? width / 2 : 0);
                var box = new OxyRect(left, at.Y + dy - LetterHeight / 2, width, LetterHeight);
                if (box.Left < 0 || box.Right > Frame.Width || box.Top < 0 || box.Bottom > Frame.Height || taken.Exists(other => Overlap(box, other))) continue;
                taken.Add(box);
                model.Annotations.Add(Plot.Label(point.X, Math.Max(point.Y, frame.Bottom), text, new ScreenVector(dx, dy), side));
                break;
            }
        }
    }

    private static OxyRect Around(ScreenPoint point, double radius) => new(point.X - radius, point.Y - radius, 2 * radius, 2 * radius);

    private static bool Overlap(in OxyRect a, in OxyRect b) => a.Left < b.Right && b.Left < a.Right && a.Top < b.Bottom && b.Top < a.Bottom;

    /// <summary>A layer, with its number in the table.</summary>
    private sealed record Point(LayerTime Layer, int Number, double X, double Y);

    /// <summary>What the axes show.</summary>
    private sealed record Frame(double Left, double Right, double Bottom, double Top)
    {
        public const double Width = Plot.PageWidth - Beside, Height = RooflineChart.Height - Above;

        /// <summary>Where a point comes to lie, in pixels from the upper left corner.</summary>
        public ScreenPoint Place(double x, double y) => new(Width * Math.Log(x / Left) / Math.Log(Right / Left), Height * Math.Log(Top / Math.Max(y, Bottom)) / Math.Log(Top / Bottom));
    }
}
