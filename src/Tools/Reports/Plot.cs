using System.Globalization;
using System.Text.RegularExpressions;
using EdgeRuntime.Tools.Inspection;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;

namespace EdgeRuntime.Tools.Reports;

/// <summary>What all drawings of reports have in common: colours, letters, axes, and how they become SVG. OxyPlot draws them.</summary>
internal static partial class Plot
{
    /// <summary>Width of a drawing that fills a page, in pixels.</summary>
    public const int PageWidth = 720;

    /// <summary>Colours of series, in order.</summary>
    public static readonly IReadOnlyList<OxyColor> Colours = [.. new[] { "#3b7dd8", "#e08a2e", "#3a9d6a", "#8c6bb1", "#c0392b", "#4aa3a2" }.Select(OxyColor.Parse)];

    /// <summary>What is to be noticed, such as a median or a bound.</summary>
    public static readonly OxyColor Mark = OxyColor.Parse("#c0392b");

    private static readonly OxyColor Ink = OxyColor.Parse("#1c2530"), Quiet = OxyColor.Parse("#5a6672"), Line = OxyColor.Parse("#9aa5b1"), Grid = OxyColor.Parse("#e4e8ec");

    private const int LongestName = 40;

    /// <summary>Drawings of this width and more do not shrink below what can be read; a narrow screen shows a part of them.</summary>
    private const int LeastScrolled = 400, Legible = 560;

    private static int made;

    /// <summary>An empty drawing with two axes.</summary>
    public static PlotModel Model(params ReadOnlySpan<Axis> axes)
    {
        var model = new PlotModel
        {
            DefaultFont = "system-ui, DejaVu Sans, sans-serif", DefaultFontSize = 12, TextColor = Ink, PlotAreaBorderThickness = new OxyThickness(0), Padding = new OxyThickness(4, 8, 12, 4), Culture = CultureInfo.InvariantCulture,
            DefaultColors = [.. Colours],
        };
        foreach (Axis axis in axes) model.Axes.Add(axis);
        return model;
    }

    /// <summary>Gives an axis its looks.</summary>
    public static T Styled<T>(T axis, bool grid = false) where T : Axis
    {
        (axis.AxislineStyle, axis.AxislineColor, axis.TicklineColor, axis.TitleColor, axis.TextColor) = (LineStyle.Solid, Line, Line, Quiet, Ink);
        (axis.MinorTickSize, axis.MajorTickSize, axis.AxisTitleDistance) = (0, 4, 8);
        if (grid) (axis.MajorGridlineStyle, axis.MajorGridlineColor) = (LineStyle.Solid, Grid);
        return axis;
    }

    /// <summary>An axis of numbers.</summary>
    public static LinearAxis Numbers(AxisPosition position, string title = "", double least = double.NaN, double most = double.NaN, bool grid = false) =>
        Styled(new LinearAxis { Position = position, Title = title, Minimum = least, Maximum = most, MinimumPadding = 0, MaximumPadding = 0.05, LabelFormatter = Text }, grid);

    /// <summary>A logarithmic axis, with the powers of ten named.</summary>
    public static LogarithmicAxis Powers(AxisPosition position, string title, double least, double most)
    {
        LogarithmicAxis axis = Styled(new LogarithmicAxis { Position = position, Title = title, Minimum = least, Maximum = most, LabelFormatter = Text }, grid: true);
        (axis.MinorGridlineStyle, axis.MinorGridlineColor) = (LineStyle.Solid, OxyColor.FromAColor(110, Grid));
        return axis;
    }

    /// <summary>A word beside a place in the drawing.</summary>
    public static TextAnnotation Label(double x, double y, string text, ScreenVector offset, HorizontalAlignment side = HorizontalAlignment.Left, OxyColor? colour = null) => new()
    {
        Text = text, TextPosition = new DataPoint(x, y), Offset = offset, TextColor = colour ?? Ink, Stroke = OxyColors.Transparent, FontSize = 11, TextHorizontalAlignment = side, TextVerticalAlignment = VerticalAlignment.Middle, Padding = new OxyThickness(0),
    };

    /// <summary>A number without what binary fractions leave behind.</summary>
    private static string Text(double value) => value.ToString("#,0.######", CultureInfo.InvariantCulture);

    /// <summary>An axis of names; the first one is uppermost on a vertical axis.</summary>
    public static CategoryAxis Names(AxisPosition position, IEnumerable<string> names, string title = "")
    {
        CategoryAxis axis = Styled(new CategoryAxis { Position = position, Title = title, GapWidth = 0.35, MajorTickSize = 0, IsTickCentered = true });
        axis.MajorTickSize = 0;
        if (position is AxisPosition.Left or AxisPosition.Right) (axis.StartPosition, axis.EndPosition) = (1, 0);
        axis.Labels.AddRange(names.Select(name => HtmlPage.Plain(ShortText.Fit(name, LongestName))));
        return axis;
    }

    /// <summary>Names the series, above the drawing.</summary>
    public static void AddLegend(PlotModel model) => model.Legends.Add(new Legend
    {
        LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.TopLeft, LegendOrientation = LegendOrientation.Horizontal, LegendBorderThickness = 0, LegendTextColor = Ink, LegendMargin = 0,
    });

    /// <summary>A dashed line with a word to it, across the drawing.</summary>
    public static void AddMark(PlotModel model, double at, string text, bool vertical, bool before = false) => model.Annotations.Add(new LineAnnotation
    {
        Type = vertical ? LineAnnotationType.Vertical : LineAnnotationType.Horizontal, X = at, Y = at, Color = Mark, LineStyle = LineStyle.Dash, StrokeThickness = 1.2, Text = text, TextColor = Mark,
        TextOrientation = AnnotationTextOrientation.Horizontal, TextLinePosition = 1, TextVerticalAlignment = vertical ? VerticalAlignment.Top : VerticalAlignment.Bottom,
        TextHorizontalAlignment = before || !vertical ? HorizontalAlignment.Right : HorizontalAlignment.Left, TextMargin = 5,
    });

    /// <summary>The drawing as an element of a page.</summary>
    /// <param name="model">The drawing.</param>
    /// <param name="meaning">What it shows, for those who cannot see it.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    public static string Svg(PlotModel model, string meaning, int height, int width = PageWidth)
    {
        using var bytes = new MemoryStream();
        new SvgExporter { Width = width, Height = height, IsDocument = false, UseVerticalTextAlignmentWorkaround = true, TextMeasurer = new TextWidths(width, height) }.Export(model, bytes);
        if (model.GetLastPlotException() is { } failed) throw new InvalidOperationException("A drawing of a report failed.", failed);
        string svg = System.Text.Encoding.UTF8.GetString(bytes.ToArray());
        // A declaration before the element may stand at the beginning of a file only.
        svg = svg[svg.IndexOf("<svg", StringComparison.Ordinal)..];
        // Names in one page must differ, or one drawing is cut by the frame of another.
        string own = $"c{Interlocked.Increment(ref made)}-";
        svg = ClipNames().Replace(svg, match => match.Groups[1].Value + own + match.Groups[2].Value);
        return SvgStart().Replace(svg, $"<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\"{(width >= LeastScrolled ? $" style=\"min-width:{Math.Min(width, Legible)}px\"" : "")} role=\"img\" aria-label=\"{HtmlPage.Encode(meaning)}\">", 1);
    }

    [GeneratedRegex("""(id="|url\(#)(clipPath\d+)""")]
    private static partial Regex ClipNames();

    [GeneratedRegex("<svg[^>]*>")]
    private static partial Regex SvgStart();
}
