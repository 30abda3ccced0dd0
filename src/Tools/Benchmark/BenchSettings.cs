using EdgeRuntime.Tools.Reference;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>What is measured of a model.</summary>
internal sealed record BenchSettings
{
    /// <summary>How many runs are counted.</summary>
    public required TurnLimits Limits { get; init; }

    /// <summary>The rule that this is, for the report; null for none.</summary>
    public string? Rule { get; init; }

    /// <summary>Who takes turns with ours; null for nobody.</summary>
    public IReferenceRuntime? Peer { get; init; }

    /// <summary>True to time each step.</summary>
    public bool PerLayer { get; init; }

    /// <summary>True to measure starting, which takes processes of their own.</summary>
    public bool Start { get; init; }

    /// <summary>Measures what the machine can do at most with so many threads; null to leave it out.</summary>
    public Func<int, PeakFigures>? Peaks { get; init; }

    /// <summary>How long it took to get the graph, conversion included.</summary>
    public TimeSpan Loaded { get; init; }

    /// <summary>Told what is being done and how far it is, from 0 to 1; null if nobody listens.</summary>
    public Action<string, double>? Progress { get; init; }

    /// <summary>Ends it.</summary>
    public CancellationToken Stop { get; init; }
}
