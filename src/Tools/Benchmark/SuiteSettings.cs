using EdgeRuntime.Backends;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>What is measured of the suite.</summary>
internal sealed record SuiteSettings
{
    /// <summary>The numbers of threads.</summary>
    public required IReadOnlyList<int> Threads { get; init; }

    /// <summary>How many runs of each side are counted, for each model and number of threads.</summary>
    public required TurnLimits Limits { get; init; }

    /// <summary>How our kernels are chosen.</summary>
    public KernelTuning Tuning { get; init; }

    /// <summary>True to measure in integers, too.</summary>
    public bool Int8 { get; init; } = true;

    /// <summary>True to measure starting, too.</summary>
    public bool Start { get; init; } = true;

    /// <summary>Ends it.</summary>
    public CancellationToken Stop { get; init; }
}
