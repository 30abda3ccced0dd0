using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Reports;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>What eval prints for people.</summary>
internal static class EvalTables
{
    private const int MostClasses = 100, MostConfused = 20, MostTexts = 20;

    public static void Print(EvalReport report)
    {
        Console.Out.WriteLine($"{report.Model} on {report.Backend} ({report.Device}): {Quantity.Of(report.Samples, "sample")}, {report.Data}");
        if (report.Own is { } own)
        {
            Table table = New("metric").AddColumn(Right(report.Model));
            if (report.Reference is { } name) table.AddColumn(Right(name));
            for (int i = 0; i < own.Metrics.Count; i++)
                table.AddRow([own.Metrics[i].Title.EscapeMarkup(), own.Metrics[i].Text, .. report.Theirs is { } theirs ? new[] { theirs.Metrics[i].Text } : []]);
            Terminal.Out.Write(table);
            if (own.Classes.Count > 0) Terminal.Out.Write(Classes(own));
            if (own.Classes.Count > MostClasses) Console.Out.WriteLine($"{own.Classes.Count - MostClasses} more classes are in --json and --html");
            if (own.Confusion is { } counts && own.Classes.Count <= MostConfused) Terminal.Out.Write(Confusion(own, counts));
        }
        foreach (TextResult text in (report.Own?.Texts ?? []).Take(MostTexts)) Console.Out.WriteLine($"{text.Name}\n  said    {text.Said}\n  written {text.Written}");
        if (report.Agreement is { } agreement)
        {
            Console.Out.WriteLine($"{report.Model} compared with {report.Reference}");
            Table table = New("agreement").AddColumn(Right("value"));
            foreach (MetricValue metric in agreement.Metrics) table.AddRow(metric.Title.EscapeMarkup(), metric.Text);
            Terminal.Out.Write(table);
            if (agreement.Outputs.Count > 1) Terminal.Out.Write(Outputs(agreement));
        }
    }

    private static Table Classes(EvaluationResult result)
    {
        Table table = New("class").AddColumn(Right("of it"));
        foreach (MetricValue metric in result.Classes[0].Metrics) table.AddColumn(Right(metric.Title));
        foreach (ClassResult label in result.Classes.Where(c => c.Samples > 0).Take(MostClasses))
            table.AddRow([label.Name.EscapeMarkup(), $"{label.Samples}", .. label.Metrics.Select(m => m.Text)]);
        return table;
    }

    private static Table Confusion(EvaluationResult result, int[,] counts)
    {
        Table table = New("true \\ found");
        foreach (ClassResult label in result.Classes) table.AddColumn(Right(label.Name));
        for (int row = 0; row < result.Classes.Count; row++)
        {
            int own = row;
            table.AddRow([result.Classes[row].Name.EscapeMarkup(), .. Enumerable.Range(0, result.Classes.Count).Select(column => counts[own, column] == 0 ? "[grey].[/]" : column == own ? $"[green]{counts[own, column]}[/]" : $"[red]{counts[own, column]}[/]")]);
        }
        return table;
    }

    private static Table Outputs(EvaluationResult result)
    {
        Table table = New("output").AddColumn(Right("cosine")).AddColumn(Right("max abs")).AddColumn(Right("SNR dB"));
        foreach (OutputResult output in result.Outputs) table.AddRow(output.Name.EscapeMarkup(), $"{output.Cosine:0.000000}", $"{output.MaxAbsolute:0.0e+00}", $"{output.SignalToNoise:0.0}");
        return table;
    }

    private static Table New(string first) => new Table().Border(TableBorder.Horizontal).AddColumn(first.EscapeMarkup());

    private static TableColumn Right(string title) => new TableColumn(title.EscapeMarkup()).RightAligned();
}
