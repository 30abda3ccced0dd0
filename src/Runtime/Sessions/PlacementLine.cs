using System.Globalization;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Sessions;

/// <summary>What was found out about a plan as a line of a file: digest, time, duration, choice, contenders, times of steps, transfers, backends passed over, with tabs between them.</summary>
internal static class PlacementLine
{
    private const int Fields = 8;

    /// <summary>No measurement takes longer, in nanoseconds.</summary>
    private const double MostNanoseconds = 1e15;

    /// <summary>The line.</summary>
    public static string Format(string digest, PlacementFindings findings) => string.Join('\t',
        digest, Whole(findings.Time.ToUnixTimeSeconds()), Whole((long)findings.Spent.TotalMilliseconds), Whole(findings.Chosen),
        string.Join(';', findings.Contenders.Select(c => $"{Uri.EscapeDataString(c.Name)},{Text(c.Nanoseconds)},{Text(c.Median)},{Whole(c.Runs)},{(c.Assignment is { } a ? Runs(a.BackendOf) : "")}")),
        string.Join(';', findings.Costs.Steps.Select(steps => string.Join(',', steps.Select(Text)))),
        string.Join(';', findings.Costs.Transfers.Select(t => $"{Text(t.Overhead)},{t.InPerByte.ToString("R", CultureInfo.InvariantCulture)},{t.OutPerByte.ToString("R", CultureInfo.InvariantCulture)}")),
        string.Join(';', findings.PassedOver.Select(p => $"{Uri.EscapeDataString(p.Backend)},{Uri.EscapeDataString(p.Reason)}")));

    /// <summary>When it was measured, as seconds; 0 for a line that makes no sense.</summary>
    public static long TimeOf(string line) => line.Split('\t') is [_, var seconds, ..] && long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out long time) ? time : 0;

    /// <summary>What a line says; null where it does not fit.</summary>
    /// <param name="line">The line.</param>
    /// <param name="backends">The backends, the host last.</param>
    /// <param name="steps">Number of steps of the plan.</param>
    /// <param name="mostContenders">A line with more is refused.</param>
    public static PlacementFindings? Parse(string line, IReadOnlyList<BackendTraits> backends, int steps, int mostContenders)
    {
        string[] fields = line.Split('\t');
        if (fields.Length != Fields || Count(fields[1], DateTimeOffset.MaxValue.ToUnixTimeSeconds()) is not { } time || Count(fields[2], int.MaxValue) is not { } spent || Count(fields[3], mostContenders) is not { } chosen) return null;
        PlacementContender?[] contenders = [.. fields[4].Split(';', mostContenders + 1).Select(c => Contender(c, backends, steps))];
        double[]?[] times = [.. fields[5].Split(';', backends.Count + 1).Select(t => Times(t, steps))];
        TransferCost?[] transfers = [.. fields[6].Split(';', backends.Count + 1).Select(Transfer)];
        (string, string)?[] passedOver = [.. fields[7].Split(';', mostContenders + 1, StringSplitOptions.RemoveEmptyEntries).Select(Reason)];
        if (contenders.Length > mostContenders || chosen >= contenders.Length || times.Length != backends.Count || transfers.Length != backends.Count || passedOver.Length > mostContenders) return null;
        if (contenders.Contains(null) || times.Contains(null) || transfers.Contains(null) || passedOver.Contains(null)) return null;
        // The host takes every step, so it has a time for each.
        if (times[^1]!.Any(double.IsNaN) || contenders[chosen]!.Assignment is { } own && Enumerable.Range(0, steps).Any(s => double.IsNaN(times[own.BackendOf[s]]![s]))) return null;
        return new PlacementFindings(DateTimeOffset.FromUnixTimeSeconds(time), backends, new PlacementCosts([.. times.Select(t => t!)], [.. transfers.Select(t => t!.Value)]),
            [.. contenders.Select(c => c!)], (int)chosen, [.. passedOver.Select(p => p!.Value)])
        { Source = PlacementSource.Kept, Spent = TimeSpan.FromMilliseconds(spent) };
    }

    /// <summary>A number that is none of the impossible ones; null for anything else.</summary>
    public static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number is >= 0 and <= MostNanoseconds ? number : null;

    private static PlacementContender? Contender(string text, IReadOnlyList<BackendTraits> backends, int steps)
    {
        if (text.Split(',') is not [{ Length: > 0 and < 1000 } name, var least, var median, var runs, var assigned] || Number(least) is not { } nanoseconds || Number(median) is not { } middle || Count(runs, int.MaxValue) is not { } count) return null;
        int[]? backendOf = assigned.Length == 0 ? null : Assignment(assigned, backends.Count, steps);
        return assigned.Length > 0 && backendOf is null ? null : new PlacementContender(Plain(name), nanoseconds, middle, (int)count, backendOf is null ? null : new PlanAssignment(backends, backendOf));
    }

    /// <summary>Equal neighbours together, as 1x12 0x3.</summary>
    private static string Runs(int[] backendOf)
    {
        var runs = new List<string>();
        for (int i = 0, first = 0; i < backendOf.Length; i++)
        {
            if (i + 1 < backendOf.Length && backendOf[i + 1] == backendOf[first]) continue;
            runs.Add(string.Create(CultureInfo.InvariantCulture, $"{backendOf[first]}x{i + 1 - first}"));
            first = i + 1;
        }
        return string.Join(' ', runs);
    }

    private static int[]? Assignment(string text, int backends, int steps)
    {
        var backendOf = new List<int>(steps);
        foreach (string run in text.Split(' '))
        {
            if (run.Split('x') is not [var backend, var count] || Count(backend, backends - 1) is not { } b || Count(count, steps - backendOf.Count) is not { } n) return null;
            for (long i = 0; i < n; i++) backendOf.Add((int)b);
        }
        return backendOf.Count == steps ? [.. backendOf] : null;
    }

    private static double[]? Times(string text, int steps)
    {
        string[] parts = text.Split(',', steps + 1);
        if (parts.Length != Math.Max(1, steps)) return null;
        double[] times = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            if (parts[i] != "-" && Number(parts[i]) is null) return null;
            times[i] = parts[i] == "-" ? double.NaN : Number(parts[i])!.Value;
        }
        return times;
    }

    private static TransferCost? Transfer(string text) =>
        text.Split(',') is [var overhead, var into, var from] && Number(overhead) is { } o && Number(into) is { } i && Number(from) is { } f ? new TransferCost(o, i, f) : null;

    private static (string, string)? Reason(string text) => text.Split(',') is [{ Length: > 0 and < 1000 } backend, { Length: > 0 and < 4000 } reason] ? (Plain(backend), Plain(reason)) : null;

    /// <summary>What is printed must not steer a terminal.</summary>
    private static string Plain(string escaped) => string.Concat(Uri.UnescapeDataString(escaped).Select(c => char.IsControl(c) ? ' ' : c));

    private static long? Count(string text, long most) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= most ? number : null;

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double nanoseconds) => double.IsNaN(nanoseconds) ? "-" : nanoseconds.ToString("0.#", CultureInfo.InvariantCulture);
}
