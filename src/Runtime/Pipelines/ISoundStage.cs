using EdgeRuntime.Planning;

namespace EdgeRuntime.Pipelines;

/// <summary>Something that listens to sound that goes on, part by part. What it heard is asked of the object itself.</summary>
public interface ISoundStage
{
    /// <summary>What it is called in reports, such as vad.</summary>
    string Name { get; }

    /// <summary>How often a device failed, so that another one went on, since it was made.</summary>
    long FailOvers => 0;

    /// <summary>Does what fits the budget, from where the last call ended; with <see cref="TimeBudget.Unlimited"/> all of it. Allocates nothing.</summary>
    /// <param name="part">The samples, between -1 and 1: the same ones until it is done.</param>
    /// <param name="time">When the first of them was recorded, counted from the first of all.</param>
    /// <param name="budget">The time there is.</param>
    /// <returns>True when it is done with the part.</returns>
    bool Advance(ReadOnlySpan<float> part, TimeSpan time, in TimeBudget budget);

    /// <summary>Samples are missing before the next part: what is remembered of those before is of no use.</summary>
    void Reset()
    {
    }

    /// <summary>Gives up the part that was begun, if any.</summary>
    void Abandon()
    {
    }
}
