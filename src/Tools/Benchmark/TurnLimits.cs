namespace EdgeRuntime.Tools.Benchmark;

/// <summary>How many runs are counted: at least so many of each side, and until each side has run for so long; but no more once all of it took the longest time.</summary>
/// <param name="Runs">Counted runs of each side.</param>
/// <param name="AtLeast">Sum of the counted runs of each side; zero where only their number counts.</param>
/// <param name="AtMost">Ends it even before there are enough runs, three of each side apart; null for never.</param>
internal sealed record TurnLimits(int Runs, TimeSpan AtLeast = default, TimeSpan? AtMost = null)
{
    /// <summary>Runs that are counted however long they take.</summary>
    public const int Fewest = 3;

    /// <summary>MLPerf's single stream: at least 1,024 runs and 60 seconds, one after the other.</summary>
    public static TurnLimits SingleStream { get; } = new(1024, TimeSpan.FromSeconds(60));

    /// <summary>Whether a side needs no more runs.</summary>
    public bool IsEnough(Contender side) => side.Samples.Count >= Runs && side.Total >= AtLeast;
}
