using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Commands;

/// <summary>Placement by measuring beside each backend alone, for people; no line is wider than 80 characters but for notes.</summary>
internal static class PlacementTables
{
    private const int NameWidth = 24;

    private static readonly string[] Backends = ["cpu", "vulkan", "opencl"];

    /// <summary>The rows as lines.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<PlacementRow> rows)
    {
        yield return "medians in ms, all sides taking turns; ratio: auto by the best of the others";
        yield return $"{"",-NameWidth} {"auto",8} {"cpu",8} {"vulkan",8} {"opencl",8} {"ratio",6} {"least",6} runs on";
        foreach (PlacementRow row in rows)
        {
            string name = row.Variant == "fp32" ? row.Model : $"{row.Model} ({row.Variant})";
            string sides = string.Concat(Backends.Select(b => $" {(row.Sides.FirstOrDefault(s => s.Name == b) is { } side ? LatencySummary.Text(side.MedianMs) : "-"),8}"));
            yield return $"{ShortText.Fit(name, NameWidth),-NameWidth} {LatencySummary.Text(row.Sides[0].MedianMs),8}{sides} {row.Ratio,6:0.00} {row.MinRatio,6:0.00} {row.On}";
        }
        PlacementRow[] measured = [.. rows.Where(r => r.Source == "measured")];
        if (measured.Length > 0) yield return $"measuring took {measured.Average(r => r.MeasuringMs ?? 0) / 1e3:0.00} s a model, {measured.Max(r => r.MeasuringMs ?? 0) / 1e3:0.00} s at most ({Quantity.Of(measured.Length, "model")} placed for the first time)";
        foreach (string note in rows.SelectMany(r => r.Notes).Distinct()) yield return $"not measured: {note}";
    }
}
