using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Tests.Realtime;

/// <summary>A stage that takes a time of the test's clock, in parts, as a model does.</summary>
internal sealed class FrameWork(ManualClock clock, TimeSpan part, Func<int> parts) : IFrameStage
{
    private int left;

    public string Name => "work";

    public long FailOvers { get; set; }

    public int Abandoned { get; private set; }

    public Action? OnPart { get; set; }

    public bool Advance(Frame frame, in TimeBudget budget)
    {
        if (left == 0) left = parts();
        while (left > 0)
        {
            if (budget.Fit(part.TotalNanoseconds, left, budget.Timestamp) == 0) return false;
            clock.Advance(part);
            left--;
            OnPart?.Invoke();
        }
        return true;
    }

    public void Abandon()
    {
        if (left > 0) Abandoned++;
        left = 0;
    }
}

/// <summary>The same for sound, and it remembers what it heard.</summary>
internal sealed class SoundWork(ManualClock clock, TimeSpan time) : ISoundStage
{
    public string Name => "listen";

    public List<float> Heard { get; } = [];

    public List<TimeSpan> Times { get; } = [];

    public int Resets { get; private set; }

    public bool Advance(ReadOnlySpan<float> part, TimeSpan at, in TimeBudget budget)
    {
        if (budget.Fit(time.TotalNanoseconds, 1, budget.Timestamp) == 0) return false;
        clock.Advance(time);
        Heard.AddRange(part);
        Times.Add(at);
        return true;
    }

    public void Reset() => Resets++;
}
