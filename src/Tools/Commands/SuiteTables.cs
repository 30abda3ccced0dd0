using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Commands;

/// <summary>What <c>bench --suite</c> prints for people: a table for each number of threads, means, and what is missing; no line of a table is wider than 80 characters.</summary>
internal static class SuiteTables
{
    private const int NameWidth = 22;

    /// <summary>The report as lines.</summary>
    public static IEnumerable<string> Of(SuiteReport report)
    {
        yield return $"{report.Machine.Processor}, {string.Join(' ', report.Machine.InstructionSets)}";
        yield return $"ours ({report.Machine.Version}) against {report.Peer}, medians in ms, taking turns; ! is slower than the peer";
        foreach (int threads in report.Rows.Select(r => r.Threads).Distinct())
        {
            yield return "";
            foreach (string line in Table(report, threads)) yield return line;
        }
        if (report.Starts is { } starts)
        {
            yield return "";
            yield return $"starting, geometric means of {Quantity.Of(starts.Models, "model")}, ours / peer:";
            yield return $"  file to first result {starts.WarmRatio:0.00} with code that ran before, {starts.ColdRatio:0.00} in a new process; peak memory {starts.MemoryRatio:0.00}";
        }
        long garbage = report.Rows.Sum(r => r.AllocatedBytes);
        yield return $"garbage: {garbage:N0} bytes in {report.Rows.Sum(r => (long)r.Runs):N0} runs{(garbage == 0 ? "" : $" ({string.Join(", ", report.Rows.Where(r => r.AllocatedBytes > 0).Select(r => r.Model).Distinct())})")}";
        foreach (SuiteRow row in report.Rows.Where(r => r.Note is not null).DistinctBy(r => (r.Model, r.Variant))) yield return $"{row.Model} in {row.Variant}: {row.Note}";
        foreach (SuiteGap gap in report.Missing) yield return $"not measured: {gap.Model}: {gap.Reason}";
        yield return $"measured in {report.Seconds:0} s";
    }

    private static IEnumerable<string> Table(SuiteReport report, int threads)
    {
        SuiteRow[] rows = [.. report.Rows.Where(r => r.Threads == threads)];
        bool starts = rows.Any(r => r.Start is not null);
        int first = report.Rows[0].Threads;
        string last = starts ? $" {"start",6} {"memory",6}" : threads != first ? $" {"x" + first,6} {"peer x",6}" : "";
        yield return $"{Quantity.Of(threads, "thread"),-NameWidth} {"ours",8} {"peer",8} {"ratio",6} {"int8",8} {"ratio",6}{last}";
        foreach (SuiteRow row in rows.Where(r => r.Variant != SuiteRow.Int8))
        {
            string name = row.Model + (row.Variant == SuiteRow.Same ? " (q)" : "") + (row.OutputsMatch == false ? " DIFFERS" : "");
            string line = $"{ShortText.Fit(name, NameWidth),-NameWidth} {Ms(row.MedianMs),8} {Ms(row.PeerMedianMs),8} {Ratio(row.Ratio),6}";
            line += rows.FirstOrDefault(r => r.Model == row.Model && r.Variant == SuiteRow.Int8) is { } bytes ? $" {Ms(bytes.MedianMs),8} {Ratio(bytes.Ratio),6}" : $" {"",8} {"",6}";
            if (starts && row.Start is { WarmRatio: { } warm, MemoryRatio: { } memory }) line += $" {Ratio(warm),6} {Ratio(memory),6}";
            else if (!starts && report.Rows.FirstOrDefault(r => r.Model == row.Model && r.Variant == row.Variant && r.Threads == first && r.Threads != threads) is { } one)
                line += $" {one.MedianMs / row.MedianMs,6:0.00} {one.PeerMedianMs / row.PeerMedianMs,6:0.00}";
            yield return line.TrimEnd();
        }
        foreach (SuiteMean mean in report.Means.Where(m => m.Threads == threads))
        {
            string above = mean.AboveOne == 0 ? "none" : $"{mean.AboveOne}";
            yield return $"geometric mean of {Quantity.Of(mean.Models, "model")}, {mean.Variant}: {mean.GeometricMean:0.000}; above 1: {above}; largest {mean.Largest:0.00} ({mean.LargestModel})";
        }
    }

    private static string Ms(double ms) => LatencySummary.Text(ms);

    private static string Ratio(double ratio) => $"{ratio:0.00}{(ratio > 1 ? "!" : " ")}";
}
