using System.Xml.Linq;
using EdgeRuntime.Tools.Benchmark;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>The page that bench writes, also for models whose names are meant to break it and for reports that lack nearly everything.</summary>
public class BenchPageTests
{
    private const string Hostile = "</title><script>alert('1')</script>\"&\u0000\u001b[31m]]>-->\uD800";

    public static TheoryData<string, int, int> Models => new()
    {
        { "model", 5, 1 },
        { Hostile, 3, 2 },
        { "a/long/path/to/a/layer", 90, 1 },
        { "no layers", 0, 1 },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void The_page_is_well_formed_and_has_each_layer(string name, int layers, int reports)
    {
        string page = BenchPage.Page([.. Enumerable.Range(1, reports).Select(threads => Report(name, layers, threads))]).ToString();
        XElement html = Parse(page);
        XElement[] tables = [.. html.Descendants("table").Where(t => t.Elements("tr").First().Elements("th").Any(h => h.Value == "#"))];
        Assert.Equal(layers > 0 ? reports : 0, tables.Length);
        Assert.All(tables, table => Assert.Equal(layers, table.Elements("tr").Count() - 1));
        // Histogram, layers, parts and roofline of each, and the medians where there are several.
        Assert.Equal(reports * (layers > 0 ? 4 : 1) + (reports > 1 ? 1 : 0), html.Descendants("svg").Count() + html.Descendants(XName.Get("svg", "http://www.w3.org/2000/svg")).Count());
        Assert.DoesNotContain("alert", string.Concat(html.Descendants("script").Select(s => s.Value)), StringComparison.Ordinal);
        Assert.DoesNotContain(html.Descendants().Attributes(), a => a.Name.LocalName is "src" or "href");
        Assert.DoesNotContain("url(http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page.Replace("isNaN", "", StringComparison.Ordinal).Replace(": NaN", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("∞", page, StringComparison.Ordinal);
        Assert.True(page.Length < 1_500_000, $"the page has {page.Length:N0} characters");
    }

    [Fact]
    public void A_report_of_nothing_but_latency_makes_a_page()
    {
        XElement html = Parse(BenchPage.Page([new BenchReport("m", "cpu", "x64", 1, "fp32", 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, null, [], null, [])]).ToString());
        Assert.Equal("m: how fast it is", html.Descendants("h1").Single().Value);
    }

    [Theory]
    [InlineData(0.6, true, "--good")]
    [InlineData(1.2, true, "--bad")]
    [InlineData(0.6, false, "--bad")]
    public void The_verdict_is_good_where_we_are_faster_and_right(double ratio, bool match, string colour)
    {
        BenchReport report = Report("m", 3, 1) with { Ratio = ratio, OutputsMatch = match };
        Assert.Contains(Parse(BenchPage.Page([report]).ToString()).Descendants("p"), p => p.Attribute("style")?.Value.Contains(colour, StringComparison.Ordinal) == true && p.Value.Contains("peer 1.0", StringComparison.Ordinal));
    }

    [Fact]
    public void The_roofline_leaves_out_what_computes_nothing()
    {
        BenchReport report = Report("m", 7, 1);
        Assert.True(RooflineChart.IsFor(report));
        Assert.False(RooflineChart.IsFor(report with { Peaks = null }));
        Assert.False(RooflineChart.IsFor(report with { Layers = [.. report.Layers.Select(l => l with { Operations = 0 })] }));
        var colours = new OperatorColours(report.Layers);
        string svg = RooflineChart.Draw(report, colours);
        LayerTime[] drawn = [.. report.Layers.Where(RooflineChart.IsDrawn)];
        // A dot for each, and one for each name in the legend.
        Assert.Equal(drawn.Length + drawn.Select(colours.NameOf).Distinct().Count(), XElement.Parse(svg).Descendants().Count(e => e.Name.LocalName is "ellipse" or "circle"));
        foreach (string words in (string[])["memory 20.0 GB/s", "last cache 90.0 GB/s", "floats 100.0 GFLOP/s", "integers 200.0 GOP/s"]) Assert.Contains(words, svg, StringComparison.Ordinal);
    }

    private static XElement Parse(string page) => XDocument.Parse(page.Replace("<!doctype html>", "", StringComparison.Ordinal)).Root!;

    private static BenchReport Report(string name, int layers, int threads)
    {
        double[] samples = [.. Enumerable.Range(0, 50).Select(i => 1 + 0.01 * i), 9];
        LayerTime[] times = [.. Enumerable.Range(0, layers).Select(i => new LayerTime($"{name}/{i}", $"Operator{i % 9}", "cpu", "kernel_f32_6x16", 10 + i, 1.0 / layers, i == 2 ? 0 : 3.5 * (i + 1), 1.5)
        {
            Operations = i == 2 ? 0 : 1000L << (i % 20), Bytes = 1000, PeakShare = 0.4, Bound = "compute", Arithmetic = i % 4 == 3 ? LayerTime.Integer : LayerTime.Float, MinUs = 9,
        })];
        return new BenchReport(name, "cpu", "x64", threads, "fp32", samples.Length, 1.2, 1, 1.4, 1.5, 9, 3, 2, 1 << 20, 0, true, [new PeerReport("peer", "1.0", 2, 1.9) { Samples = [.. samples.Select(s => s * 1.5)] }], 0.6, times)
        {
            Samples = samples, Noise = 0.01, Peaks = new PeakFigures(threads, 100, 200, 20, 90), Machine = new MachineFacts(name, "x64", 2, ["AVX2"], "system", "10.0", "0.1"),
            Operators = [.. times.GroupBy(t => t.Operator).Select(g => new OperatorTime(g.Key, g.Count(), g.Sum(t => t.Us), g.Sum(t => t.Share), 1, 1))],
            Start = new StartReport(new StartTimes(10, 5) { PeakMemoryBytes = 1 << 25 }, new StartTimes(1, 2), new StartTimes(20, 6), new StartTimes(3, 4)) { WarmRatio = 0.4, ColdRatio = 0.6 },
            Comparison = new RunComparison(name, new FigureChange("model", 1, 1.2, 0.2, 0.05, FigureChange.Slower), [.. times.Select(t => new FigureChange(t.Name, 1, 1, 0, 0.05, FigureChange.Same))]) { Unmatched = [name] },
            Notes = [name],
        };
    }
}
