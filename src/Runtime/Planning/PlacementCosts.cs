namespace EdgeRuntime.Planning;

/// <summary>What each step of a plan costs on each backend, and what it costs to go there.</summary>
/// <param name="Steps">For each backend the nanoseconds of each step; not a number where the backend does not take it.</param>
/// <param name="Transfers">For each backend what a section costs besides; nothing for one in the host's memory.</param>
internal sealed record PlacementCosts(double[][] Steps, TransferCost[] Transfers)
{
    /// <summary>Number of backends.</summary>
    public int Backends => Steps.Length;

    /// <summary>The same with a backend's steps made that much longer or shorter.</summary>
    public PlacementCosts Scaled(int backend, double factor) =>
        this with { Steps = [.. Steps.Select((steps, b) => b == backend ? Array.ConvertAll(steps, s => s * factor) : steps)] };
}
