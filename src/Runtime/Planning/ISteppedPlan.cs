namespace EdgeRuntime.Planning;

/// <summary>A plan that can be run a part at a time, so that whoever calls it keeps to a time of his own.</summary>
public interface ISteppedPlan : ICompiledPlan
{
    /// <summary>
    /// Does what is expected to fit the budget, from where the last call ended. How long parts take is learned on the way. What comes out is the same, to the bit, as that of
    /// <see cref="ICompiledPlan.Run"/>; inputs must stay as they are until the run has ended. Allocates nothing.
    /// </summary>
    /// <returns>True when the run has ended and outputs can be read; the next call begins another one.</returns>
    bool Advance(in TimeBudget budget);

    /// <summary>Gives up the run that was begun, if any: the next one begins at the first step.</summary>
    void Abandon();
}
