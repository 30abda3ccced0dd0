using EdgeRuntime.Pipelines;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Reports;
using Spectre.Console;

namespace EdgeRuntime.Tools.Runs;

/// <summary>What people see of a run.</summary>
internal static class RunTables
{
    /// <summary>Latency of each stage and of the whole way.</summary>
    public static Table Latency(FrameRun run)
    {
        Table table = new Table().Border(TableBorder.Horizontal).AddColumn("latency in ms");
        foreach (string column in LatencySummary.Columns) table.AddColumn(new TableColumn(column).RightAligned());
        foreach (LatencySamples stage in run.Stages) table.AddRow([stage.Title, .. stage.Summarize().Cells()]);
        table.AddRow([$"[bold]{run.CaptureToResult.Title}[/]", .. run.CaptureToResult.Summarize().Cells().Select(c => $"[bold]{c}[/]")]);
        return table;
    }

    /// <summary>Which backends ran how much of the model, in one line.</summary>
    public static string Backends(Placement placement)
    {
        int steps = placement.Backends.Sum(b => b.Steps);
        return string.Join(", ", placement.Backends.Select(b => $"{b.Name} ({b.Device}): {(b.Steps == steps ? "all" : $"{b.Steps} of")} {Quantity.Of(steps, "step")}"));
    }

    /// <summary>What was found in one picture.</summary>
    public static Table Detections(ReadOnlySpan<Detection> detections, IReadOnlyList<string> labels)
    {
        Table table = new Table().Border(TableBorder.Horizontal);
        bool boxes = detections.Length > 0 && detections[0] is not { Width: 0, Height: 0 };
        foreach (string column in (string[])[.. boxes ? (string[])["label", "score", "x", "y", "width", "height", "points"] : ["label", "score"]])
            table.AddColumn(new TableColumn(column) { NoWrap = column != "points", Alignment = column is "label" or "points" ? Justify.Left : Justify.Right });
        foreach (ref readonly Detection found in detections)
        {
            if (!boxes)
            {
                table.AddRow(labels[found.Label].EscapeMarkup(), $"{found.Score:0.000}");
                continue;
            }
            var points = new string[found.PointCount];
            for (int i = 0; i < points.Length; i++) points[i] = $"{found.Points[i].X:0},{found.Points[i].Y:0}";
            table.AddRow(labels[found.Label].EscapeMarkup(), $"{found.Score:0.000}", $"{found.X:0.0}", $"{found.Y:0.0}", $"{found.Width:0.0}", $"{found.Height:0.0}",
                string.Join("  ", points));
        }
        return table;
    }
}
