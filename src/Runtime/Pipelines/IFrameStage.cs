using EdgeRuntime.Planning;

namespace EdgeRuntime.Pipelines;

/// <summary>Something that is done with every frame, such as finding faces or following them. What it found is asked of the object itself.</summary>
public interface IFrameStage
{
    /// <summary>What it is called in reports, such as object-detect.</summary>
    string Name { get; }

    /// <summary>How often a device failed, so that another one went on, since it was made.</summary>
    long FailOvers => 0;

    /// <summary>Does what fits the budget, from where the last call ended; with <see cref="TimeBudget.Unlimited"/> all of it. Allocates nothing.</summary>
    /// <param name="frame">The frame: the same one until it is done.</param>
    /// <param name="budget">The time there is.</param>
    /// <returns>True when it is done with the frame.</returns>
    bool Advance(Frame frame, in TimeBudget budget);

    /// <summary>Gives up the frame that was begun, if any.</summary>
    void Abandon()
    {
    }
}
