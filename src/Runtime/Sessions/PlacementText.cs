using System.Globalization;
using System.Text;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Sessions;

/// <summary>A placement for people.</summary>
internal static class PlacementText
{
    /// <summary>Some lines.</summary>
    public static string Of(Placement placement)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');

        int steps = placement.Sections.Sum(s => s.Steps);
        Line($"{placement.Model}: {Count(steps, "step")} in {Count(placement.Sections.Count, "section")}");
        foreach (PlacedBackend backend in placement.Backends)
        {
            Line($"  on {backend.Name} ({backend.Device})");
            Line($"    {Count(backend.Steps, "step")} in {Count(backend.Sections, "section")}: {Percent(backend.StepShare)} of the steps, {Percent(backend.OperationShare)} of the operations, arena {backend.ArenaBytes:N0} bytes");
            foreach (KernelUse kernel in backend.Kernels) Line($"    {kernel.Steps,4} × {kernel.Name}");
        }
        if (placement.BytesToDevice + placement.BytesFromDevice > 0)
            Line($"  copied for each frame: {placement.BytesToDevice:N0} bytes to the device, {placement.BytesFromDevice:N0} bytes from it");
        foreach (string name in placement.Refusals.Select(r => r.Backend).Distinct())
        {
            Line($"  not on {name}:");
            foreach (RefusedOperator refusal in placement.Refusals.Where(r => r.Backend == name)) Line($"    {refusal.Steps,4} × {refusal.Operator}: {refusal.Reason}");
        }
        foreach (RefusedOperator executed in placement.Unplanned) Line($"  executed by itself: {executed.Steps} × {executed.Operator}: {executed.Reason}");
        foreach (string reason in placement.PassedOver) Line($"  not used: {reason}");
        foreach (BackendEvent happened in placement.Events) Line($"  event: {happened}");
        return text.ToString();
    }

    private static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    // 99.96 % must not look like all of it.
    private static string Percent(double share) => share is > 0.999 and < 1 ? "99.9 %" : string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");
}
