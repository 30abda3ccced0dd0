using System.Globalization;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>The report of bench's suite, one page that needs nothing else.</summary>
internal static class SuitePage
{
    /// <summary>Writes the page, whole or not at all.</summary>
    public static void Write(string path, SuiteReport report) => AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(Page(report).ToString())));

    internal static HtmlPage Page(SuiteReport report)
    {
        var page = new HtmlPage($"EdgeRuntime and {report.Peer}");
        page.Quiet(Text($"{report.Machine.Processor}, {Quantity.Of(report.Machine.Cores, "core")}, {report.Machine.Architecture}. {report.Machine.Version}, .NET {report.Machine.Runtime}, {report.Machine.System}. Measured in {report.Seconds:N0} seconds; on each model both took turns, on the same input."));
        foreach (SuiteMean mean in report.Means)
            page.Verdict(Text($"{VariantOf(mean.Variant)}, {Quantity.Of(mean.Threads, "thread")}: {mean.GeometricMean:0.00} of {report.Peer}'s time, the geometric mean of {Quantity.Of(mean.Models, "model")}; {(mean.AboveOne == 0 ? "none is slower" : Text($"{(mean.AboveOne == 1 ? "1 is" : $"{mean.AboveOne} are")} slower, the slowest {mean.LargestModel} at {mean.Largest:0.00}"))}."), mean is { GeometricMean: <= 1, AboveOne: 0 });
        int wrong = report.Rows.Count(r => r.OutputsMatch == false);
        if (report.Rows.Any(r => r.OutputsMatch is not null)) page.Verdict(wrong == 0 ? "All outputs that were compared match." : Text($"{Quantity.Of(wrong, "row")} with outputs that differ."), wrong == 0);

        foreach (string variant in report.Rows.Select(r => r.Variant).Distinct())
        {
            SuiteRow[] rows = [.. report.Rows.Where(r => r.Variant == variant)];
            page.Heading($"{VariantOf(variant)}: our time by {report.Peer}'s");
            page.Quiet(variant switch
            {
                SuiteRow.Int8 => $"Our integers against {report.Peer}'s floats. Left of the line we are faster.",
                SuiteRow.Same => "Both compute with the integers that the model came with. Left of the line we are faster.",
                _ => "Both compute with floats. Left of the line we are faster.",
            });
            if (rows.Select(r => r.Threads).Distinct().Skip(1).Any()) page.Quiet("The number of threads is in brackets.");
            page.Chart(BenchCharts.Ratios(rows));
        }
        page.Heading("All figures");
        page.Quiet("A click on the name of a column sorts by it. Noise is how far the medians of parts of the run lie apart.");
        page.Table(["model", "", "outputs", "threads", "ratio", "ours ms", "least", "noise", "theirs ms", "least", "noise"], report.Rows.Select(r => new[]
        {
            r.Model, VariantOf(r.Variant), Outputs(r), Text($"{r.Threads}"), Text($"{r.Ratio:0.00}"), LatencySummary.Text(r.MedianMs), LatencySummary.Text(r.MinMs), Text($"{r.Noise:0.0%}"), LatencySummary.Text(r.PeerMedianMs),
            LatencySummary.Text(r.PeerMinMs), Text($"{r.PeerNoise:0.0%}"),
        }), firstNumber: 3, sortable: true);
        foreach (string note in report.Rows.Where(r => r.Note is not null).Select(r => $"{r.Model} in {VariantOf(r.Variant)}: {r.Note}").Distinct()) page.Quiet(note);
        page.Quiet(report.Rows.Sum(r => r.AllocatedBytes) is > 0 and var bytes ? Text($"{bytes:N0} bytes of garbage were made.") : "No garbage was made.");
        Starts(page, report);
        if (report.Missing.Length > 0)
        {
            page.Heading("Not measured");
            page.Table(["model", "why"], report.Missing.Select(m => new[] { m.Model, m.Reason }));
        }
        return page;
    }

    private static void Starts(HtmlPage page, SuiteReport report)
    {
        if (report.Starts is not { } means) return;
        page.Heading("Starting");
        page.Quiet(Text($"From the file to the first result in ms, and the peak of memory in MB. Geometric means of {Quantity.Of(means.Models, "model")}: warm {means.WarmRatio:0.00}, cold {means.ColdRatio:0.00}, memory {means.MemoryRatio:0.00} of {report.Peer}'s."));
        page.Table(["model", "warm", "theirs", "ratio", "cold", "theirs", "ratio", "memory", "theirs", "ratio"],
            from row in report.Rows
            where row.Start is not null
            let s = row.Start
            select new[]
            {
                row.Model, Ms(s.Warm), Ms(s.PeerWarm), Ratio(s.WarmRatio), Ms(s.Cold), Ms(s.PeerCold), Ratio(s.ColdRatio), Megabytes(s.Cold), Megabytes(s.PeerCold), Ratio(s.MemoryRatio),
            }, firstNumber: 1, sortable: true);
    }

    private static string VariantOf(string variant) => variant == SuiteRow.Same ? "integers on both sides" : variant;

    private static string Outputs(SuiteRow row) => row switch { { OutputsMatch: true } => "match", { OutputsMatch: false } => "differ", { SignalToNoiseDb: { } decibels } => Text($"{decibels:0} dB"), _ => "" };

    private static string Ms(StartTimes? times) => times is null ? "" : LatencySummary.Text(times.TotalMs);

    private static string Megabytes(StartTimes? times) => times?.PeakMemoryBytes is { } bytes ? Text($"{bytes / 1e6:N0}") : "";

    private static string Ratio(double? ratio) => ratio is { } value ? Text($"{value:0.00}") : "";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
