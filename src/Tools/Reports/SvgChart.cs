using System.Text;

namespace EdgeRuntime.Tools.Reports;

/// <summary>Small drawings for reports.</summary>
internal static class SvgChart
{
    private static readonly string[] Colours = ["#3b7dd8", "#e08a2e", "#3a9d6a", "#8c6bb1"];

    /// <summary>One bar, divided in proportion to its parts, with a legend below.</summary>
    public static string Parts(IReadOnlyList<(string Name, double Ms)> parts)
    {
        const int width = 720, height = 26;
        double sum = parts.Sum(p => p.Ms);
        var svg = new StringBuilder($"<svg viewBox=\"0 0 {width} {height + 28}\" width=\"{width}\" role=\"img\" aria-label=\"parts of the latency\">");
        double x = 0, legend = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            double part = sum > 0 ? width * parts[i].Ms / sum : 0;
            string colour = Colours[i % Colours.Length], text = $"{parts[i].Name} {LatencySummary.Text(parts[i].Ms)} ms";
            svg.Append($"<rect x=\"{x:0.##}\" y=\"0\" width=\"{part:0.##}\" height=\"{height}\" fill=\"{colour}\"/>");
            svg.Append($"<rect x=\"{legend:0.##}\" y=\"{height + 9}\" width=\"11\" height=\"11\" fill=\"{colour}\"/>");
            svg.Append($"<text x=\"{legend + 17:0.##}\" y=\"{height + 19}\">{HtmlPage.Encode(text)}</text>");
            x += part;
            legend += 40 + 7.2 * text.Length;
        }
        return svg.Append("</svg>").ToString();
    }

    /// <summary>How often each duration occurred. The slowest hundredth is gathered in the last bar, so that one outlier does not flatten the rest.</summary>
    public static string Histogram(LatencySamples samples)
    {
        const int width = 720, height = 150, floor = 120, bins = 36;
        LatencySummary summary = samples.Summarize();
        double from = summary.MinMs, step = Math.Max((summary.P99Ms - from) / bins, 1e-6);
        var counts = new int[bins];
        foreach (double ms in samples.Values) counts[Math.Clamp((int)((ms - from) / step), 0, bins - 1)]++;
        double most = Math.Max(1, counts.Max()), bar = (double)width / bins;

        var svg = new StringBuilder($"<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" role=\"img\" aria-label=\"histogram of the latency\">");
        for (int i = 0; i < bins; i++)
        {
            double tall = (floor - 10) * counts[i] / most;
            svg.Append($"<rect x=\"{i * bar + 1:0.##}\" y=\"{floor - tall:0.##}\" width=\"{bar - 2:0.##}\" height=\"{tall:0.##}\" fill=\"{Colours[0]}\"/>");
        }
        svg.Append($"<line x1=\"0\" y1=\"{floor}\" x2=\"{width}\" y2=\"{floor}\" stroke=\"#9aa5b1\"/>");
        double median = Math.Clamp((summary.MedianMs - from) / step * bar, 0, width - 1);
        svg.Append($"<line x1=\"{median:0.##}\" y1=\"0\" x2=\"{median:0.##}\" y2=\"{floor}\" stroke=\"#c0392b\" stroke-dasharray=\"4 3\"/>");
        bool right = median > width / 2;
        svg.Append($"<text x=\"{median + (right ? -6 : 6):0.##}\" y=\"11\" text-anchor=\"{(right ? "end" : "start")}\">median {LatencySummary.Text(summary.MedianMs)} ms</text>");
        svg.Append($"<text x=\"0\" y=\"{floor + 18}\">{LatencySummary.Text(from)} ms</text>");
        svg.Append($"<text x=\"{width}\" y=\"{floor + 18}\" text-anchor=\"end\">{LatencySummary.Text(summary.P99Ms)} ms and more</text>");
        return svg.Append("</svg>").ToString();
    }
}
