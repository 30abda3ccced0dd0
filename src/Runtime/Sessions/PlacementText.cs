using System.Globalization;
using System.Text;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Sessions;

/// <summary>A placement for people.</summary>
internal static class PlacementText
{
    /// <summary>Where nothing is known of the terminal.</summary>
    public const int UsualWidth = 100;

    private const int LeastWidth = 60;

    /// <summary>Some lines.</summary>
    /// <param name="placement">The placement.</param>
    /// <param name="width">Width of the terminal: what has words in it is wrapped.</param>
    public static string Of(Placement placement, int width = UsualWidth)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        void Wrapped(string first, string words)
        {
            foreach (string line in Wrap(first, words, Math.Max(width, LeastWidth))) Line(line);
        }

        int steps = placement.Sections.Sum(s => s.Steps);
        Line($"{placement.Model}: {Count(steps, "step")} in {Count(placement.Sections.Count, "section")}");
        foreach (PlacedBackend backend in placement.Backends)
        {
            Line($"  on {backend.Name} ({backend.Device})");
            Line($"    {Count(backend.Steps, "step")} in {Count(backend.Sections, "section")}: {Percent(backend.StepShare)} of the steps, {Percent(backend.OperationShare)} of the operations, arena {backend.ArenaBytes:N0} bytes");
            foreach (KernelUse kernel in backend.Kernels) Line($"    {kernel.Steps,4} × {kernel.Name}");
        }
        foreach (string line in MeasuredText.Of(placement)) Line(line);
        foreach (PassedOverBackend passed in placement.Measured.SelectMany(m => m.PassedOver).Distinct()) Wrapped($"  {passed.Backend} passed over: ", passed.Reason);
        if (placement.BytesToDevice + placement.BytesFromDevice > 0)
            Line($"  copied for each frame: {placement.BytesToDevice:N0} bytes to the device, {placement.BytesFromDevice:N0} bytes from it");
        foreach (string name in placement.Refusals.Select(r => r.Backend).Distinct())
        {
            Line($"  not on {name}:");
            foreach (RefusedOperator refusal in placement.Refusals.Where(r => r.Backend == name)) Wrapped($"    {refusal.Steps,4} × {refusal.Operator}: ", refusal.Reason);
        }
        foreach (RefusedOperator executed in placement.Unplanned) Line($"  executed by itself: {executed.Steps} × {executed.Operator}: {executed.Reason}");
        foreach (string reason in placement.PassedOver) Wrapped("  not used: ", reason);
        foreach (BackendEvent happened in placement.Events) Line($"  event: {happened}");
        return text.ToString();
    }

    /// <summary>Lines of at most a width, but for words that are longer; those after the first are indented.</summary>
    private static IEnumerable<string> Wrap(string first, string words, int width)
    {
        const string Indent = "           ";
        string line = first.TrimEnd();
        foreach (string word in words.Split(' '))
        {
            if (line.Length + 1 + word.Length > width && line.Trim().Length > 0)
            {
                yield return line;
                line = Indent + word;
            }
            else line += " " + word;
        }
        yield return line;
    }

    private static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    // 99.96 % must not look like all of it.
    private static string Percent(double share) => share is > 0.999 and < 1 ? "99.9 %" : string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");
}
