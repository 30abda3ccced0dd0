namespace EdgeRuntime.Tests.Realtime;

/// <summary>A clock that goes on when it is told to, and where asked for by some time each time somebody looks at it.</summary>
internal sealed class ManualClock(TimeSpan perLook = default) : TimeProvider
{
    private long ticks = TimeSpan.TicksPerDay;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Add(ref ticks, perLook.Ticks);

    public void Advance(TimeSpan time) => Interlocked.Add(ref ticks, time.Ticks);
}
