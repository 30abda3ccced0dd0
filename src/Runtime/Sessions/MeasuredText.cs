using System.Globalization;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Sessions;

/// <summary>What was measured to place a model, in tables of at most 80 columns.</summary>
internal static class MeasuredText
{
    private const int Width = 80, MostSections = 40, NameWidth = 8;

    /// <summary>Some lines; none where nothing was measured.</summary>
    public static IEnumerable<string> Of(Placement placement)
    {
        foreach (MeasuredPlacement measured in placement.Measured)
        {
            string of = placement.Measured.Count > 1 ? $" of {measured.Plan}" : "";
            yield return $"  placed by measuring{of}: {Source(measured)}";
            yield return Row("way", "least ms", "median ms", "runs", "");
            foreach (PlacedWay way in measured.Ways)
                yield return Row(way.Name, Ms(way.LeastMs), way.Runs > 0 ? Ms(way.MedianMs) : "", way.Runs > 0 ? $"{way.Runs}" : "estimate", way.IsChosen ? "  chosen" : "");
            foreach (PlacedTransfer transfer in measured.Transfers)
                yield return $"    to {transfer.Backend} and back: {Ms(transfer.OverheadMs)} ms, and {Rate(transfer.InGbps)} in, {Rate(transfer.OutGbps)} out";
        }
        if (!placement.Sections.Any(s => s.Times is not null)) yield break;
        yield return $"    {"#",3} {"on",-NameWidth} {"steps",5} {"ms",8} {"copies",7} {"bytes in",10} {"bytes out",10}  elsewhere (ms)";
        int shown = 0;
        foreach (PlacedSection section in placement.Sections)
        {
            if (section.Times is not { } times) continue;
            if (++shown > MostSections) continue;
            string line = string.Create(CultureInfo.InvariantCulture, $"    {shown - 1,3} {section.Backend,-NameWidth} {section.Steps,5} {Ms(times.HereMs),8} {(times.TransferMs > 0 ? Ms(times.TransferMs) : ""),7} {section.BytesIn,10:N0} {section.BytesOut,10:N0}");
            string elsewhere = times.Elsewhere.Count == 0 ? "not measured" : string.Join(", ", times.Elsewhere.Select(e => Elsewhere(e, section.Steps)));
            if (line.Length + 2 + elsewhere.Length <= Width) yield return $"{line}  {elsewhere}";
            else
            {
                yield return line;
                yield return $"        elsewhere: {elsewhere}";
            }
        }
        if (shown > MostSections) yield return $"    and {shown - MostSections} sections more";
    }

    private static string Row(string way, string least, string median, string runs, string chosen) => $"    {way,-20} {least,10} {median,10} {runs,9}{chosen}";

    private static string Source(MeasuredPlacement measured) => measured.Source switch
    {
        PlacementSource.Measured => string.Create(CultureInfo.InvariantCulture, $"now, in {measured.SpentMs / 1e3:0.00} s"),
        PlacementSource.Kept => string.Create(CultureInfo.InvariantCulture, $"kept from {measured.Time:yyyy-MM-dd HH:mm} UTC, when it took {measured.SpentMs / 1e3:0.00} s"),
        _ => "estimated from what was measured with inputs of other shapes",
    };

    private static string Elsewhere(PlacedElsewhere other, int steps) =>
        $"{other.Backend} {Ms(other.Ms)}{(other.TransferMs > 0 ? $"+{Ms(other.TransferMs)}" : "")}{(other.Steps < steps ? $" for {other.Steps} of them" : "")}";

    private static string Ms(double ms) => ms.ToString(ms >= 100 ? "0.0" : ms >= 10 ? "0.00" : "0.000", CultureInfo.InvariantCulture);

    private static string Rate(double? gbps) => gbps is { } rate ? string.Create(CultureInfo.InvariantCulture, $"{rate:0.0} GB/s") : "at no cost";
}
