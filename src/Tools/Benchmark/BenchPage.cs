using System.Globalization;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>The report of bench, one page that needs nothing else.</summary>
internal static class BenchPage
{
    /// <summary>Parts of the time that are too small to be seen in a bar.</summary>
    private const double LeastShare = 0.01;

    /// <summary>Writes the page, whole or not at all.</summary>
    public static void Write(string path, IReadOnlyList<BenchReport> reports) => AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(Page(reports).ToString())));

    internal static HtmlPage Page(IReadOnlyList<BenchReport> reports)
    {
        BenchReport first = reports[0];
        var page = new HtmlPage($"{first.Model}: how fast it is");
        if (first.Machine is { } machine) page.Quiet(Text($"{machine.Processor}, {Quantity.Of(machine.Cores, "core")}, {machine.Architecture}. {machine.Version}, .NET {machine.Runtime}, {machine.System}."));
        foreach (BenchReport report in reports) Verdict(page, report, reports.Count > 1);
        Summary(page, reports);
        foreach (BenchReport report in reports)
            foreach (string note in report.Notes) page.Quiet($"{(reports.Count > 1 ? $"{NameOf(report)}: " : "")}{note}");
        BenchReport[] sampled = [.. reports.Where(r => r.Samples.Length > 1)];
        if (sampled.Length > 0)
        {
            page.Heading("Latency");
            page.Quiet($"How many runs took how long{(sampled.Any(r => r.Peers.Length > 0) ? "; both took turns in one process, on the same input" : "")}. The slowest are in the last bar.");
            foreach (BenchReport report in sampled)
            {
                if (sampled.Length > 1) page.Text(NameOf(report));
                page.Chart(BenchCharts.Latency(report));
            }
        }
        Changes(page, reports);
        bool shown = false;
        foreach (BenchReport report in reports.Where(r => r.Layers.Length > 0))
        {
            if (shown) page.Folded($"The layers on {NameOf(report)}", () => Layers(page, report));
            else Layers(page, report);
            shown = true;
        }
        Starts(page, reports);
        Machine(page, reports);
        return page;
    }

    /// <summary>False for a step that has nothing to do, since its operands lie where they are wanted: what it moves a second is no rate.</summary>
    internal static bool Computes(LayerTime layer) => layer.Kernel != "none";

    private static string NameOf(BenchReport report) => Text($"{report.Backend}{(report.Backend == "cpu" ? $", {Quantity.Of(report.Threads, "thread")}" : $" ({report.Device})")}");

    private static void Verdict(HtmlPage page, BenchReport report, bool isOneOfMany)
    {
        string where = isOneOfMany ? $"{NameOf(report)}: " : "";
        foreach (PeerReport peer in report.Peers)
        {
            string outputs = report.OutputsMatch switch { true => "the outputs match", false => "the outputs differ", null => "the outputs were not compared" };
            page.Verdict(Text($"{where}{LatencySummary.Text(report.MedianMs)} ms, {report.Ratio:0.00} of what {peer.Name} {peer.Version} takes ({LatencySummary.Text(peer.MedianMs)} ms); {outputs}."), report is { Ratio: <= 1, OutputsMatch: not false });
        }
        if (report.Comparison is { } comparison)
            page.Verdict(Text($"{where}{LatencySummary.Text(comparison.Model.NewMs)} ms, {Percent(comparison.Model.Change)} against {comparison.File}; {Percent(comparison.Model.Allowed)} may be noise."), !comparison.IsSlower);
    }

    private static void Summary(HtmlPage page, IReadOnlyList<BenchReport> reports)
    {
        var rows = new List<string[]>();
        foreach (BenchReport r in reports)
        {
            rows.Add([$"EdgeRuntime {r.Precision}, {NameOf(r)}", .. Times(r.MinMs, r.MedianMs, r.P90Ms, r.P95Ms, r.P99Ms), r.Noise > 0 ? Text($"{r.Noise:0.0%}") : "", r.Ratio is { } ratio ? Text($"{ratio:0.00}") : ""]);
            foreach (PeerReport p in r.Peers)
                rows.Add([$"{p.Name} {p.Version}", .. Times(p.MinMs, p.MedianMs, p.P90Ms, p.P95Ms, p.P99Ms), p.Noise > 0 ? Text($"{p.Noise:0.0%}") : "", ""]);
        }
        page.Table(["", "min ms", "median", "p90", "p95", "p99", "noise", "ratio"], rows, firstNumber: 1);
        page.Quiet(Text($"{Quantity.Of(reports[0].Runs, "run")}{(reports[0].Rule is { Length: > 0 } rule ? $", {rule}" : "")}; {Garbage(reports)}. Noise is how far the medians of parts of the run lie apart."));
        if (reports.Count > 1) page.Chart(BenchCharts.Medians(reports, NameOf));
    }

    private static string Garbage(IReadOnlyList<BenchReport> reports) =>
        reports.Sum(r => r.AllocatedBytes) is > 0 and var bytes ? Text($"{bytes:N0} bytes of garbage were made") : "no garbage was made";

    private static string[] Times(params double[] milliseconds) => [.. milliseconds.Select(ms => ms > 0 ? LatencySummary.Text(ms) : "")];

    /// <summary>Against an older run: what is flagged first, all else on demand.</summary>
    private static void Changes(HtmlPage page, IReadOnlyList<BenchReport> reports)
    {
        foreach (BenchReport report in reports)
        {
            if (report.Comparison is not { } comparison) continue;
            page.Heading($"Against {comparison.File}{(reports.Count > 1 ? $", {NameOf(report)}" : "")}");
            FigureChange[] flagged = [.. comparison.Layers.Where(c => c.Verdict != FigureChange.Same)];
            page.Text(Text($"The model: {LatencySummary.Text(comparison.Model.OldMs)} ms before, {LatencySummary.Text(comparison.Model.NewMs)} ms now: {comparison.Model.Verdict}. {Quantity.Of(flagged.Length, "layer")} of {comparison.Layers.Length} changed by more than noise and 5 %."));
            if (flagged.Length > 0) Table(flagged);
            if (comparison.Layers.Length > flagged.Length) page.Folded(Text($"{Quantity.Of(comparison.Layers.Length - flagged.Length, "layer")} that did not"), () => Table(comparison.Layers.Except(flagged)));
            if (comparison.Unmatched.Length > 0) page.Quiet($"Only one of the runs has: {string.Join(", ", comparison.Unmatched)}.");
        }

        void Table(IEnumerable<FigureChange> changes) => page.Table(["layer", "before, us", "now, us", "change", "allowed", ""],
            changes.Select(c => new[] { c.Name, Text($"{c.OldMs * 1e3:0.0}"), Text($"{c.NewMs * 1e3:0.0}"), Percent(c.Change), Text($"{c.Allowed:0.0%}"), c.Verdict }), firstNumber: 1, sortable: true, lastNumber: 4);
    }

    private static void Layers(HtmlPage page, BenchReport report)
    {
        LayerTime[] layers = report.Layers;
        var colours = new OperatorColours(layers);
        page.Heading($"Where the time goes, on {NameOf(report)}");
        if (report.Operators.Length > 0)
        {
            page.Chart(Charts.Parts("time by operator", [.. colours.Names.Select(name => (name, layers.Where(l => colours.NameOf(l) == name).Sum(l => l.Share))).Where(part => part.Item2 >= LeastShare)], share => Text($"{share:0%}")));
            page.Table(["operator", "layers", "us", "share", "GFLOP/s", "GB/s"],
                report.Operators.Select(o => new[] { o.Operator, Text($"{o.Count}"), Text($"{o.Us:N1}"), Text($"{o.Share:0.0%}"), Rate(o.Gflops), layers.Any(l => l.Operator == o.Operator && Computes(l)) ? Rate(o.Gbps) : "" }), firstNumber: 1);
        }
        page.Quiet(Text($"{(layers.Length > BenchCharts.MostNamed ? $"The {BenchCharts.MostNamed} slowest of {layers.Length} layers" : $"All {layers.Length} layers")}, median of each{(report.Peaks is null ? "" : ", and the share of this machine's peak that it reaches")}. Layers are timed one by one, in runs of their own."));
        page.Chart(BenchCharts.Layers(layers, colours));

        if (RooflineChart.IsFor(report))
        {
            page.Heading("What the machine allows, and what is reached");
            int moving = layers.Count(l => !RooflineChart.IsDrawn(l));
            page.Quiet(Text($"Each dot is a layer, the larger the more time it takes. The red lines were measured on this machine with {Quantity.Of(report.Peaks!.Threads, "thread")}: a layer on a line does all that is possible, one beneath it does not. {(moving == 0 ? "" : moving == 1 ? "1 layer computes nothing and is left out." : $"{moving} layers compute nothing and are left out.")}"));
            page.Chart(RooflineChart.Draw(report, colours));
        }
        page.Heading("All layers");
        page.Quiet("A click on the name of a column sorts by it.");
        string prefix = ShortText.CommonPrefix([.. layers.Select(l => l.Name).Where(n => n.Contains('/'))]);
        if (prefix.Length > 0) page.Quiet($"Names begin with {prefix}");
        bool isMixed = layers.Any(l => l.Backend != layers[0].Backend);
        page.Table(["layer", "kernel", "#", "us", "share", "GFLOP/s", "GB/s", "peak", "bound by"], layers.Select((l, i) => new[]
        {
            ShortText.Without(prefix, l.Name), isMixed ? $"{l.Backend}: {l.Kernel}" : l.Kernel, Text($"{i}"), Text($"{l.Us:0.0}"), Text($"{l.Share:0.0%}"), l.Operations > 0 ? Rate(l.Gflops) : "", Computes(l) ? Rate(l.Gbps) : "", Computes(l) && l.PeakShare is { } share ? Text($"{share:0%}") : "", Computes(l) ? l.Bound ?? "" : "",
        }), firstNumber: 2, sortable: true, lastNumber: 7);
    }

    private static void Starts(HtmlPage page, IReadOnlyList<BenchReport> reports)
    {
        var rows = new List<string[]>();
        foreach (BenchReport report in reports)
        {
            if (report.Start is not { } start) continue;
            Add(report, "cold", "EdgeRuntime", start.Cold, start.ColdRatio);
            Add(report, "cold", report.Peers.FirstOrDefault()?.Name ?? "", start.PeerCold, null);
            Add(report, "warm", "EdgeRuntime", start.Warm, start.WarmRatio);
            Add(report, "warm", report.Peers.FirstOrDefault()?.Name ?? "", start.PeerWarm, null);
        }
        if (rows.Count == 0) return;
        page.Heading("Starting");
        page.Quiet("From the file to the first result. Cold is in a process that did nothing before, warm with code that has run already. Peak memory is that of a process that does nothing else.");
        page.Table(["", "load ms", "first run ms", "together", "ratio", "peak memory MB"], rows, firstNumber: 1);

        void Add(BenchReport report, string kind, string who, StartTimes? times, double? ratio)
        {
            if (times is null) return;
            rows.Add([$"{who}, {kind}{(reports.Count > 1 ? $", {NameOf(report)}" : "")}", LatencySummary.Text(times.LoadMs), LatencySummary.Text(times.FirstMs), LatencySummary.Text(times.TotalMs), ratio is { } r ? Text($"{r:0.00}") : "",
                times.PeakMemoryBytes is { } bytes ? Text($"{bytes / 1e6:N0}") : ""]);
        }
    }

    private static void Machine(HtmlPage page, IReadOnlyList<BenchReport> reports)
    {
        page.Heading("The machine");
        if (reports[0].Machine is { } machine)
        {
            page.Table(["", ""],
            [
                ["processor", machine.Processor], ["cores", Text($"{machine.Cores}")], ["instruction sets", string.Join(", ", machine.InstructionSets)], ["system", machine.System],
                [".NET", machine.Runtime], ["program", machine.Version], .. reports.Select(r => r.Device).Where(d => d.Length > 0).Distinct().Select(d => new[] { "device", d }),
            ]);
        }
        PeakFigures[] peaks = [.. reports.Select(r => r.Peaks).OfType<PeakFigures>().DistinctBy(p => p.Threads)];
        if (peaks.Length == 0) return;
        page.Quiet("What it can do at most, measured with loops that do nothing else: the best of many short tries.");
        page.Table(["threads", "floats GFLOP/s", "8-bit integers GOP/s", "memory GB/s", "last cache GB/s"],
            peaks.Select(p => new[] { Text($"{p.Threads}"), Rate(p.Gflops), Rate(p.Gops), Rate(p.MemoryGbps), Rate(p.CacheGbps) }), firstNumber: 0);
    }

    private static string Percent(double part) => (part * 100).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) + " %";

    private static string Rate(double rate) => rate.ToString(rate >= 10 ? "N0" : "0.0", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
