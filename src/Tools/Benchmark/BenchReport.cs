using System.Text.Json.Serialization;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>
/// What <c>bench</c> measured of a model on one backend with one number of threads; its JSON is a contract, described in docs/benchmarks.md.
/// Load is from the file to a session ready to run, conversion included when the model is no .edge file; first is the first run, code still being compiled;
/// peak memory is that of a process that ran nothing else; allocated is managed memory of the calling thread in all counted runs; match and ratio
/// (our median divided by the peer's) are null without a peer.
/// </summary>
internal sealed record BenchReport(string Model, string Backend, string Device, int Threads, string Precision, int Runs, double MedianMs, double MinMs, double P90Ms, double P95Ms,
    double P99Ms, double LoadMs, double FirstMs, long PeakMemoryBytes, long AllocatedBytes, bool? OutputsMatch, PeerReport[] Peers, double? Ratio, LayerTime[] Layers)
{
    /// <summary>The longest run.</summary>
    public double MaxMs { get; init; }

    /// <summary>How far medians of parts of the run lie apart, as a share of the median; see <see cref="BlockNoise"/>.</summary>
    public double Noise { get; init; }

    /// <summary>The rule that the run kept, such as MLPerf's single stream; null for none.</summary>
    public string? Rule { get; init; }

    /// <summary>Runs by their duration; null where it was left out.</summary>
    public LatencyHistogram? Histogram { get; init; }

    /// <summary>The way from a file to the first result; null where it was not measured.</summary>
    public StartReport? Start { get; init; }

    /// <summary>Layers added up by operator, the slowest first.</summary>
    public OperatorTime[] Operators { get; init; } = [];

    /// <summary>What this machine can do at most with that many threads, as measured; null where that was not.</summary>
    public PeakFigures? Peaks { get; init; }

    /// <summary>What is measured on.</summary>
    public MachineFacts? Machine { get; init; }

    /// <summary>Against an older run; null where there is none.</summary>
    public RunComparison? Comparison { get; init; }

    /// <summary>What could not be measured, and why; one sentence each.</summary>
    public string[] Notes { get; init; } = [];

    /// <summary>All counted runs in the order they were made, in milliseconds, for charts; no part of the contract.</summary>
    [JsonIgnore]
    public double[] Samples { get; init; } = [];
}

/// <summary>Another runtime in the same run: same input, same number of threads, in turn with ours.</summary>
internal sealed record PeerReport(string Name, string Version, double MedianMs, double MinMs)
{
    public double P90Ms { get; init; }

    public double P95Ms { get; init; }

    public double P99Ms { get; init; }

    /// <summary>See <see cref="BenchReport.Noise"/>.</summary>
    public double Noise { get; init; }

    /// <summary>Its runs by their duration, with the limits of ours; null where it was left out.</summary>
    public LatencyHistogram? Histogram { get; init; }

    /// <summary>All counted runs in milliseconds, for charts; no part of the contract.</summary>
    [JsonIgnore]
    public double[] Samples { get; init; } = [];
}

/// <summary>
/// One step: median time in microseconds and share of the sum of all. Gflops are arithmetic operations a nanosecond, on floats or on integers as
/// <see cref="Arithmetic"/> says; gbps are bytes a nanosecond, each operand once.
/// </summary>
internal sealed record LayerTime(string Name, string Operator, string Backend, string Kernel, double Us, double Share, double Gflops, double Gbps)
{
    /// <summary>The shortest run in microseconds.</summary>
    public double MinUs { get; init; }

    /// <summary>How far medians of parts of the run lie apart, in microseconds; see <see cref="BlockNoise"/>.</summary>
    public double NoiseUs { get; init; }

    /// <summary>Arithmetic operations; a multiply-add counts two.</summary>
    public long Operations { get; init; }

    /// <summary>Bytes read and written, each operand once.</summary>
    public long Bytes { get; init; }

    /// <summary>What is computed with: float or integer.</summary>
    public string Arithmetic { get; init; } = Float;

    /// <summary>The larger of the shares of the machine's peaks that it reaches, of arithmetic or of memory; null where peaks were not measured.</summary>
    public double? PeakShare { get; init; }

    /// <summary>Which of the two that is: compute or memory; null where peaks were not measured.</summary>
    public string? Bound { get; init; }

    /// <summary>Names of <see cref="Arithmetic"/>.</summary>
    internal const string Float = "float", Integer = "integer";
}

/// <summary>All steps of one operator.</summary>
internal sealed record OperatorTime(string Operator, int Count, double Us, double Share, double Gflops, double Gbps);

/// <summary>
/// What a machine can do at most with a number of threads: multiply-adds of floats and of 8-bit integers (two operations each) in billions a second, and bytes
/// read from memory and from the last cache in billions a second.
/// </summary>
internal sealed record PeakFigures(int Threads, double Gflops, double Gops, double MemoryGbps, double CacheGbps);

/// <summary>The machine, and the versions that a figure is worth nothing without.</summary>
internal sealed record MachineFacts(string Processor, string Architecture, int Cores, string[] InstructionSets, string System, string Runtime, string Version);

/// <summary>
/// From a file to the first result in milliseconds. Cold is in a process that did nothing before, where .NET compiles our code at its first use and libraries are loaded; warm is a
/// second model in a process that has run others, the file read again. A peer's are null without one.
/// </summary>
internal sealed record StartReport(StartTimes Cold, StartTimes Warm, StartTimes? PeerCold, StartTimes? PeerWarm)
{
    /// <summary>Our warm start divided by the peer's; null without one.</summary>
    public double? WarmRatio { get; init; }

    /// <summary>Our cold start divided by the peer's; null without one.</summary>
    public double? ColdRatio { get; init; }

    /// <summary>Our peak of memory divided by the peer's, each in a process of its own; null without one.</summary>
    public double? MemoryRatio { get; init; }
}

/// <summary>One start: the model made ready, its first run, and, where a process was made for it, the peak of that process and what it had before the model.</summary>
internal sealed record StartTimes(double LoadMs, double FirstMs)
{
    public double TotalMs => LoadMs + FirstMs;

    public long? PeakMemoryBytes { get; init; }

    public long? IdleMemoryBytes { get; init; }
}

/// <summary>Against an older run: what changed by more than both runs' noise and 5 %.</summary>
internal sealed record RunComparison(string File, FigureChange Model, FigureChange[] Layers)
{
    /// <summary>Layers that only one of the runs has.</summary>
    public string[] Unmatched { get; init; } = [];

    /// <summary>True where the model is slower by more than may be.</summary>
    [JsonIgnore]
    public bool IsSlower => Model.Verdict == FigureChange.Slower;
}

/// <summary>One figure in both runs, in milliseconds: the change as a share of the old one, the share that is not flagged, and the verdict: slower, faster or same.</summary>
internal sealed record FigureChange(string Name, double OldMs, double NewMs, double Change, double Allowed, string Verdict)
{
    internal const string Slower = "slower", Faster = "faster", Same = "same";
}
