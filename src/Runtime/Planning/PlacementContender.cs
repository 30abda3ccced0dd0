namespace EdgeRuntime.Planning;

/// <summary>A whole model placed in one way, and how long it takes.</summary>
/// <param name="Name">Such as cpu, vulkan, or mixed.</param>
/// <param name="Nanoseconds">The least time of the runs that took turns; where there were none, what it is estimated to take.</param>
/// <param name="Median">The median of them.</param>
/// <param name="Runs">How many there were; 0 for an estimate.</param>
/// <param name="Assignment">Who runs each step; null for the CPU alone.</param>
internal sealed record PlacementContender(string Name, double Nanoseconds, double Median, int Runs, PlanAssignment? Assignment);

/// <summary>What was found out about where a model runs best.</summary>
/// <param name="Time">When.</param>
/// <param name="Backends">The backends that were compared, the host last.</param>
/// <param name="Costs">What steps and transfers cost.</param>
/// <param name="Contenders">The ways that were compared.</param>
/// <param name="Chosen">Which of them was the fastest.</param>
/// <param name="PassedOver">Backends that were not measured in full, with the reason.</param>
internal sealed record PlacementFindings(
    DateTimeOffset Time, IReadOnlyList<BackendTraits> Backends, PlacementCosts Costs, IReadOnlyList<PlacementContender> Contenders, int Chosen, IReadOnlyList<(string Backend, string Reason)> PassedOver)
{
    /// <summary>Where they are from.</summary>
    public PlacementSource Source { get; init; }

    /// <summary>How long finding out took.</summary>
    public TimeSpan Spent { get; init; }

    /// <summary>The fastest.</summary>
    public PlacementContender Best => Contenders[Chosen];
}

/// <summary>Where a placement is from.</summary>
public enum PlacementSource
{
    /// <summary>Measured when the model was prepared.</summary>
    Measured,

    /// <summary>Measured at an earlier start on this machine.</summary>
    Kept,

    /// <summary>Estimated from what was measured with inputs of other shapes.</summary>
    Estimated,
}
