using EdgeRuntime.Format;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>The report of eval, one page.</summary>
internal static class EvalPage
{
    /// <summary>A drawing with more rows is longer than anybody reads.</summary>
    private const int MostBars = 40, MostConfused = 100, MostTexts = 500;

    /// <summary>Writes the page, whole or not at all.</summary>
    public static void Write(string path, EvalReport report) => AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(Page(report).ToString())));

    internal static HtmlPage Page(EvalReport report)
    {
        var page = new HtmlPage($"{report.Model}: how good it is");
        page.Quiet($"{Quantity.Of(report.Samples, "sample")}: {report.Data}. On {report.Backend} ({report.Device}).");
        if (report.Own is { } own)
        {
            page.Heading("By labels");
            page.Table(["", report.Model, .. report.Reference is { } name ? new[] { name } : []],
                own.Metrics.Select((m, i) => (string[])[m.Title, m.Text, .. report.Theirs is { } theirs ? new[] { theirs.Metrics[i].Text } : []]), firstNumber: 1);
            foreach (CurveResult curve in Curves(report)) Draw(page, curve);
            if (own.Confusion is { } counts && own.Classes.Count <= MostConfused)
            {
                page.Heading("What is taken for what");
                page.Quiet("A row is a true class, a column what was found for it. Blue is right, orange is not.");
                page.Chart(Charts.Matrix("counts of true and found classes", [.. own.Classes.Select(c => c.Name)], counts, "true", "found"));
            }
            if (own.Classes.Count > 0) Classes(page, own);
            if (own.Texts.Count > 0)
            {
                page.Heading("What was said and what was written down");
                page.Table(["sample", "said", "written down"], own.Texts.Take(MostTexts).Select(text => new[] { text.Name, text.Said, text.Written }));
            }
        }
        if (report.Agreement is { } agreement)
        {
            page.Heading($"Compared with {report.Reference}");
            page.Table(["", ""], agreement.Metrics.Select(m => new[] { m.Title, m.Text }), firstNumber: 1);
            page.Table(["output", "cosine", "largest difference", "signal to noise, dB"], agreement.Outputs.Select(o => new[] { o.Name, $"{o.Cosine:0.000000}", $"{o.MaxAbsolute:0.0e+00}", $"{o.SignalToNoise:0.0}" }), firstNumber: 1);
        }
        return page;
    }

    private static void Classes(HtmlPage page, EvaluationResult result)
    {
        page.Heading("Class by class");
        ClassResult[] seen = [.. result.Classes.Where(c => c.Samples > 0)];
        MetricValue drawn = seen.Length > 0 ? seen[0].Metrics[^1] : new MetricValue("", "", 0);
        if (seen.Length is > 0 and <= MostBars)
            page.Chart(Charts.Bars($"{drawn.Title} of each class", [.. seen.Select(c => c.Name)], [(drawn.Title, [.. seen.Select(c => c.Metrics[^1].Value)])], drawn.Title, 1, "0.000"));
        page.Table(["class", "of it", .. result.Classes[0].Metrics.Select(m => m.Title)], seen.Select(c => (string[])[c.Name, $"{c.Samples}", .. c.Metrics.Select(m => m.Text)]), firstNumber: 1);
    }

    /// <summary>The curves, of both models in one drawing where there are two.</summary>
    private static IEnumerable<CurveResult> Curves(EvalReport report) => report.Own!.Curves.Select((curve, i) =>
        curve with { Series = [(report.Model, curve.Series[0].Points), .. report.Theirs is { } theirs ? new[] { (report.Reference!, theirs.Curves[i].Series[0].Points) } : []] });

    private static void Draw(HtmlPage page, CurveResult curve)
    {
        page.Heading(curve.Title);
        page.Chart(Charts.Curves(curve.Title, curve.Series, curve.X, curve.Y, shares: true));
    }
}
