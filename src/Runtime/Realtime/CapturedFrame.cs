using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Realtime;

/// <summary>A frame with its buffer, which goes round and round: written by the capturing thread, then held by every lane that it was handed to.</summary>
internal sealed class CapturedFrame
{
    private int holders;

    /// <summary>The frame.</summary>
    public Frame Frame { get; } = new();

    /// <summary>When it was captured.</summary>
    public TimeSpan Time { get; set; }

    /// <summary>True when nobody holds it, so that it may be written.</summary>
    public bool IsFree => Volatile.Read(ref holders) == 0;

    /// <summary>So many lanes hold it from now on.</summary>
    public void Hold(int lanes) => Volatile.Write(ref holders, lanes);

    /// <summary>A lane is done with it.</summary>
    public void Release() => Interlocked.Decrement(ref holders);
}
