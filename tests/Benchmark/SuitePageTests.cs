using System.Xml.Linq;
using EdgeRuntime.Tools.Benchmark;
using Xunit;

namespace EdgeRuntime.Tests.Benchmark;

/// <summary>The page of the suite, also for names that are meant to break it.</summary>
public class SuitePageTests
{
    [Theory]
    [InlineData("model", true)]
    [InlineData("</title><script>alert('1')</script>\"&\u0000\u001b[31m]]>-->\uD800", false)]
    public void The_page_is_well_formed_and_has_each_row(string name, bool match)
    {
        SuiteRow[] rows =
        [
            .. from variant in (string[])[SuiteRow.Float, SuiteRow.Int8, SuiteRow.Same]
               from threads in (int[])[1, 2]
               from model in Enumerable.Range(0, 4)
               select new SuiteRow($"{name}{model}", threads, variant, 50, 1, 0.9, 0.01, 2, 1.9, 0.02, 0.4 + 0.25 * model, 0, variant == SuiteRow.Int8 ? null : match, variant == SuiteRow.Int8 ? 31 : null)
               {
                   Note = model == 3 ? name : null,
                   Start = threads == 1 ? new StartReport(new StartTimes(10, 5) { PeakMemoryBytes = 1 << 25 }, new StartTimes(1, 2), new StartTimes(20, 6), new StartTimes(3, 4)) { WarmRatio = 0.4, ColdRatio = 0.6, MemoryRatio = 0.9 } : null,
               },
        ];
        var report = SuiteReport.Of(new MachineFacts(name, "x64", 2, ["AVX2"], "system", "10.0", "0.1"), "peer", rows, [new SuiteGap(name, name)], 12);
        string page = SuitePage.Page(report).ToString();
        XElement html = XDocument.Parse(page.Replace("<!doctype html>", "", StringComparison.Ordinal)).Root!;
        XElement table = html.Descendants("table").First();
        Assert.Equal(rows.Length, table.Elements("tr").Count() - 1);
        Assert.Equal(3, html.Descendants().Count(e => e.Name.LocalName == "svg"));
        Assert.Equal(match ? 6 : 7, html.Descendants("p").Count(p => p.Attribute("style")?.Value.Contains("--bad", StringComparison.Ordinal) == true));
        Assert.DoesNotContain("alert", string.Concat(html.Descendants("script").Select(s => s.Value)), StringComparison.Ordinal);
        Assert.DoesNotContain(html.Descendants().Attributes(), a => a.Name.LocalName is "src" or "href");
    }

    [Fact]
    public void A_suite_of_nothing_makes_a_page() =>
        Assert.Contains("Not measured", SuitePage.Page(SuiteReport.Of(new MachineFacts("p", "x64", 2, [], "s", "10.0", "0.1"), "peer", [], [new SuiteGap("m", "why")], 1)).ToString(), StringComparison.Ordinal);
}
