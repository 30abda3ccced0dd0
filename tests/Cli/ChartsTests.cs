using System.Xml.Linq;
using EdgeRuntime.Tools.Reports;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

public class ChartsTests
{
    /// <summary>Each kind of drawing, with names that would end an element or an attribute.</summary>
    public static TheoryData<string> Drawings =>
    [
        Charts.Parts("a \"b\" <c>", [("one & <two>", 1), ("none", 0)], v => $"{v} ms"),
        Charts.Parts("nothing", [("none", 0)], v => $"{v} ms"),
        Charts.Histogram("same", [3, 3, 3], "ms", (3, "median")),
        Charts.Histogram("some", [1, 2, 3, 1000], "ms", (2, "median")),
        Charts.Bars("bars", ["a", "b<"], [("x", [1, double.NaN]), ("y", [0.5, 0])], "", 1, "0.00"),
        Charts.Bars("bars", [], [("x", [])]),
        Charts.Curves("curves", [("x", [(0, 0), (1, 1)])], "recall", "precision"),
        Charts.Matrix("matrix", ["a", "b & c"], new[,] { { 1, 0 }, { 2, 3 } }, "true", "found"),
    ];

    [Theory]
    [MemberData(nameof(Drawings))]
    public void Drawings_are_whole_elements(string svg)
    {
        XElement drawing = XElement.Parse(svg);
        Assert.Equal("svg", drawing.Name.LocalName);
        Assert.NotNull(drawing.Attribute("viewBox"));
        Assert.NotEmpty(drawing.Attribute("aria-label")!.Value);
        Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_two_drawings_in_one_page_differ()
    {
        static HashSet<string> Names() => [.. XElement.Parse(Charts.Curves("c", [("x", [(0, 0), (1, 1)])], "x", "y")).Descendants().Select(e => e.Attribute("id")?.Value).OfType<string>()];
        HashSet<string> first = Names(), second = Names();
        Assert.NotEmpty(first);
        Assert.Empty(first.Intersect(second));
    }

    [Fact]
    public void The_histogram_says_what_is_marked_and_the_matrix_counts() =>
        Assert.All([(Charts.Histogram("h", [1, 2, 3], "ms", (2, "median 2 ms")), "median 2 ms"), (Charts.Matrix("m", ["a"], new[,] { { 4711 } }, "t", "f"), "4711")], c => Assert.Contains(c.Item2, c.Item1, StringComparison.Ordinal));
}
