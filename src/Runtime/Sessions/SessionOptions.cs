namespace EdgeRuntime.Sessions;

/// <summary>How a session runs.</summary>
public sealed record SessionOptions
{
    /// <summary>Threads of the CPU backend, the calling one included; 0 for one a core.</summary>
    public int Threads
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>True to measure the duration of each step.</summary>
    public bool Profile { get; init; }
}
