namespace EdgeRuntime.Tools.Benchmark;

/// <summary>What <c>bench --suite</c> found: ours against a peer on all models that were there. Its JSON is a contract, described in docs/benchmarks.md.</summary>
internal sealed record SuiteReport(MachineFacts Machine, string Peer, SuiteRow[] Rows, SuiteMean[] Means, SuiteStarts? Starts, SuiteGap[] Missing, double Seconds)
{
    /// <summary>A report of rows, with their means.</summary>
    public static SuiteReport Of(MachineFacts machine, string peer, IReadOnlyList<SuiteRow> rows, IReadOnlyList<SuiteGap> missing, double seconds) =>
        new(machine, peer, [.. rows], SuiteMean.Of(rows), SuiteStarts.Of(rows), [.. missing], seconds);
}

/// <summary>
/// One model with one number of threads in one arithmetic: fp32, both sides with floats; int8, our integers against the peer's floats; quantized, both sides with the same
/// integers. Ratio is our median divided by the peer's; outputs are compared as <c>verify</c> does, and in int8 told as decibels of the floats' outputs over what ours differ by.
/// </summary>
internal sealed record SuiteRow(string Model, int Threads, string Variant, int Runs, double MedianMs, double MinMs, double Noise, double PeerMedianMs, double PeerMinMs, double PeerNoise, double Ratio,
    long AllocatedBytes, bool? OutputsMatch, double? SignalToNoiseDb)
{
    internal const string Float = "fp32", Int8 = "int8", Same = "quantized";

    /// <summary>How it starts; only for the first number of threads, and not in int8.</summary>
    public StartReport? Start { get; init; }

    /// <summary>What has to be known beside the figures; null for nothing.</summary>
    public string? Note { get; init; }
}

/// <summary>The geometric mean of the ratios of all models in one arithmetic with one number of threads, and the slowest of them.</summary>
internal sealed record SuiteMean(string Variant, int Threads, int Models, double GeometricMean, double Largest, string LargestModel, int AboveOne)
{
    /// <summary>Means of rows, in the order in which variants and threads first occur.</summary>
    public static SuiteMean[] Of(IReadOnlyList<SuiteRow> rows) =>
    [
        .. rows.GroupBy(r => (r.Variant, r.Threads)).OrderBy(g => g.Key.Threads).ThenBy(g => g.Key.Variant == SuiteRow.Float ? 0 : g.Key.Variant == SuiteRow.Int8 ? 1 : 2).Select(g =>
        {
            SuiteRow slowest = g.MaxBy(r => r.Ratio)!;
            return new SuiteMean(g.Key.Variant, g.Key.Threads, g.Count(), Geometric(g.Select(r => r.Ratio)), slowest.Ratio, slowest.Model, g.Count(r => r.Ratio > 1));
        }),
    ];

    /// <summary>The geometric mean of positive numbers; NaN of none.</summary>
    public static double Geometric(IEnumerable<double> values) => Math.Exp(values.Select(v => Math.Log(v)).DefaultIfEmpty(double.NaN).Average());
}

/// <summary>Geometric means of what starting costs against the peer.</summary>
internal sealed record SuiteStarts(int Models, double WarmRatio, double ColdRatio, double MemoryRatio)
{
    /// <summary>Means of the rows that have starts; null where none has.</summary>
    public static SuiteStarts? Of(IReadOnlyList<SuiteRow> rows)
    {
        StartReport[] starts = [.. rows.Select(r => r.Start).OfType<StartReport>().Where(s => s.WarmRatio is not null)];
        return starts.Length == 0 ? null : new SuiteStarts(starts.Length, SuiteMean.Geometric(starts.Select(s => s.WarmRatio!.Value)), SuiteMean.Geometric(starts.Select(s => s.ColdRatio!.Value)),
            SuiteMean.Geometric(starts.Select(s => s.MemoryRatio!.Value)));
    }
}

/// <summary>What was not measured, and why.</summary>
internal sealed record SuiteGap(string Model, string Reason);
