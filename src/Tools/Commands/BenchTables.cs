using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Commands;

/// <summary>What <c>bench</c> prints for people of one model, within the width of the terminal.</summary>
internal static class BenchTables
{
    /// <summary>Layers are shown in narrow columns below this many characters.</summary>
    private const int Wide = 100;

    private const int BarWidth = 24;

    /// <summary>A report as lines, none wider than <paramref name="width"/> unless it is a sentence.</summary>
    public static IEnumerable<string> Of(BenchReport report, int width)
    {
        string head = $"{report.Model} {report.Precision} on {report.Backend}, {Quantity.Of(report.Threads, "thread")}";
        yield return report.Device.Length == 0 ? head : $"{head} ({ShortText.Cut(report.Device, Math.Max(8, width - head.Length - 3))})";
        yield return $"runs      {report.Runs:N0}{(report.Rule is null ? "" : $", {report.Rule}: p90 {Ms(report.P90Ms)} ms")}";
        yield return $"latency   median {Ms(report.MedianMs)} ms, noise {Percent(report.Noise)}";
        yield return $"          min {Ms(report.MinMs)}  p90 {Ms(report.P90Ms)}  p95 {Ms(report.P95Ms)}  p99 {Ms(report.P99Ms)}  max {Ms(report.MaxMs)}";
        foreach (PeerReport peer in report.Peers)
        {
            yield return $"{ShortText.Cut(peer.Name, 12)} {peer.Version}, in turn: median {Ms(peer.MedianMs)} ms, noise {Percent(peer.Noise)}";
            yield return $"          min {Ms(peer.MinMs)}  p90 {Ms(peer.P90Ms)}  p95 {Ms(peer.P95Ms)}  p99 {Ms(peer.P99Ms)}";
            yield return $"ratio     {report.Ratio:0.00} (ours / {peer.Name}, medians); outputs {(report.OutputsMatch == true ? "match" : "DIFFER")}";
        }
        foreach (string line in Memory(report)) yield return line;
        foreach (string note in report.Notes) yield return $"note      {note}";
        if (report.Histogram is { } histogram)
            foreach (string line in Histogram(histogram, report.Peers.Length > 0 ? report.Peers[0] : null)) yield return line;
        if (report.Comparison is { } comparison)
            foreach (string line in Comparison(comparison, width)) yield return line;
        if (report.Layers.Length == 0) yield break;
        yield return "";
        if (report.Peaks is { } peaks)
            yield return $"measured  peaks {peaks.Gflops:0} GFLOP/s, {peaks.Gops:0} GOP/s, cache {peaks.CacheGbps:0} GB/s, memory {peaks.MemoryGbps:0} GB/s";
        foreach (string line in Layers(report, width)) yield return line;
        yield return "";
        foreach (string line in Operators(report)) yield return line;
    }

    private static IEnumerable<string> Memory(BenchReport report)
    {
        yield return $"start     loaded in {Ms(report.LoadMs)} ms, first run {Ms(report.FirstMs)} ms, in this process";
        if (report.Start is { } start)
        {
            yield return $"  cold    {Times(start.Cold, start.PeerCold, start.ColdRatio, report)}";
            yield return $"  warm    {Times(start.Warm, start.PeerWarm, start.WarmRatio, report)}";
            yield return $"memory    peak of a process {Megabytes(start.Cold)}";
            if (start.PeerCold is { } theirs) yield return $"          {report.Peers[0].Name} {Megabytes(theirs)}: ratio {start.MemoryRatio:0.00}";
        }
        else
        {
            yield return $"memory    peak {report.PeakMemoryBytes / 1e6:N0} MB of this process, which measured more than one thing";
        }
        yield return $"garbage   {report.AllocatedBytes:N0} bytes in {report.Runs:N0} runs";
    }

    private static string Times(StartTimes ours, StartTimes? peer, double? ratio, BenchReport report) =>
        $"file to first result {Ms(ours.TotalMs)} ms" + (peer is null ? "" : $"; {report.Peers[0].Name} {Ms(peer.TotalMs)} ms: ratio {ratio:0.00}");

    private static string Megabytes(StartTimes start) => $"{start.PeakMemoryBytes / 1e6:0} MB ({(start.PeakMemoryBytes - start.IdleMemoryBytes) / 1e6:0} for the model)";

    /// <summary>A line for each bin: its lower limit, a bar and the number of runs; beside it the peer's.</summary>
    private static IEnumerable<string> Histogram(LatencyHistogram histogram, PeerReport? peer)
    {
        if (histogram.Counts.Length < 2) yield break;
        int most = Math.Max(1, Math.Max(histogram.Counts.Max(), peer?.Histogram?.Counts.Max() ?? 0));
        for (int i = 0; i < histogram.Counts.Length; i++)
        {
            string end = i == histogram.Counts.Length - 1 ? "+" : " ";
            string line = $"{Ms(histogram.LimitsMs[i]),9} ms{end} {Bar(histogram.Counts[i], most),-BarWidth} {histogram.Counts[i],5}";
            if (peer?.Histogram is { } theirs) line += $"  {Bar(theirs.Counts[i], most)} {theirs.Counts[i]}";
            yield return line.TrimEnd();
        }
    }

    private static string Bar(int count, int most) => new('█', count == 0 ? 0 : Math.Max(1, (int)Math.Round(BarWidth * (double)count / most)));

    private static IEnumerable<string> Comparison(RunComparison comparison, int width)
    {
        FigureChange model = comparison.Model;
        yield return $"before    {Ms(model.OldMs)} ms, now {Ms(model.NewMs)}: {Change(model)}, {Verdict(model)}";
        FigureChange[] changed = [.. comparison.Layers.Where(l => l.Verdict != FigureChange.Same).OrderByDescending(l => Math.Abs(l.NewMs - l.OldMs))];
        if (comparison.Layers.Length > 0) yield return $"          {changed.Length} of {Quantity.Of(comparison.Layers.Length, "layer")} changed by more than noise";
        if (comparison.Unmatched.Length > 0) yield return $"          {Quantity.Of(comparison.Unmatched.Length, "layer")} only in one of the runs";
        string prefix = ShortText.CommonPrefix([.. changed.Select(l => l.Name).Where(n => n.Contains('/'))]);
        foreach (FigureChange layer in changed)
            yield return $"  {ShortText.Fit(ShortText.Without(prefix, layer.Name), width - 46).PadRight(width - 46)} {layer.OldMs * 1e3,9:0.0} us {layer.NewMs * 1e3,9:0.0} us {Change(layer),8} {layer.Verdict}";
    }

    private static string Verdict(FigureChange model) => model.Verdict == FigureChange.Same ? $"the same: up to {Percent(model.Allowed)} is noise" : $"{model.Verdict.ToUpperInvariant()}: more than {Percent(model.Allowed)}";

    private static string Change(FigureChange change) => FormattableString.Invariant($"{change.Change * 100:+0.0;-0.0} %");

    private static IEnumerable<string> Layers(BenchReport report, int width)
    {
        bool wide = width >= Wide, mixed = report.Layers.Any(l => l.Backend != report.Layers[0].Backend), peaks = report.Peaks is not null;
        int op = wide ? 12 : 8, place = mixed ? 7 : 0, fixedColumns = 4 + op + 1 + place + 9 + 6 + 8 + 6 + (peaks ? 6 : 0), rest = Math.Max(20, width - fixedColumns);
        int name = rest / 2, kernel = rest - name - 1;
        string prefix = ShortText.CommonPrefix([.. report.Layers.Select(l => l.Name).Where(n => n.Contains('/'))]);
        if (prefix.Length > 0) yield return $"names begin with {ShortText.Fit(prefix, width - 17)}";
        string on = mixed ? $"{"on",-6} " : "";
        yield return $"{"#",3} {"layer".PadRight(name)} {"operator".PadRight(op)} {on}{"kernel".PadRight(kernel)} {"us",8} {"%",5} {"GFLOP/s",7} {"GB/s",5}{(peaks ? " peak%" : "")}".TrimEnd();
        for (int i = 0; i < report.Layers.Length; i++)
        {
            LayerTime layer = report.Layers[i];
            on = mixed ? $"{layer.Backend,-6} " : "";
            string share = peaks ? $" {(layer.PeakShare is { } part ? $"{part * 100:0}{(layer.Bound == "memory" ? "m" : "c")}" : ""),5}" : "";
            string rate = $"{Rate(layer.Gflops)}{(layer.Arithmetic == LayerTime.Integer ? "i" : "")}";
            yield return $"{i,3} {ShortText.Fit(ShortText.Without(prefix, layer.Name), name).PadRight(name)} {ShortText.Cut(layer.Operator, op).PadRight(op)} {on}{ShortText.Cut(layer.Kernel, kernel).PadRight(kernel)} "
                + $"{layer.Us,8:0.0} {layer.Share * 100,5:0.0} {rate,7} {Rate(layer.Gbps),5}{share}";
        }
        if (report.Layers.Any(l => l.Arithmetic == LayerTime.Integer)) yield return "i: operations on integers, GOP/s";
        if (peaks) yield return "peak%: share of the measured peak, c of arithmetic or m of memory (from cache)";
    }

    private static IEnumerable<string> Operators(BenchReport report)
    {
        yield return $"{"operator",-20} {"layers",6} {"us",9} {"%",5} {"GFLOP/s",8} {"GB/s",6}";
        foreach (OperatorTime total in report.Operators)
            yield return $"{ShortText.Cut(total.Operator, 20),-20} {total.Count,6} {total.Us,9:0.0} {total.Share * 100,5:0.0} {Rate(total.Gflops),8} {Rate(total.Gbps),6}";
    }

    private static string Ms(double ms) => LatencySummary.Text(ms);

    private static string Rate(double rate) => rate >= 100 ? $"{rate:0}" : $"{rate:0.0}";

    private static string Percent(double share) => $"{share * 100:0.0} %";
}
