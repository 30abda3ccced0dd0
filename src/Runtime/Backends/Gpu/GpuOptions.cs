namespace EdgeRuntime.Backends.Gpu;

/// <summary>How a device is used, whatever its API.</summary>
public abstract record GpuOptions
{
    /// <summary>Number of the device in the list of its API's devices, or a part of its name; null for the best.</summary>
    public string? Device { get; init; }

    /// <summary>How floats are stored and computed with; what the device cannot do is refused.</summary>
    public GpuPrecision Precision { get; init; }

    /// <summary>True to measure each step.</summary>
    public bool Profile { get; init; }

    /// <summary>How the kernel of a step is chosen where there are several.</summary>
    public GpuTuning Tuning { get; init; }

    /// <summary>How long measuring may take for a plan; what is left then is guessed from what was measured.</summary>
    public TimeSpan TuningBudget { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a submission may take; a device that takes longer is taken for dead (<see cref="Diagnostics.ErrorCode.DeviceTimeout"/>).</summary>
    public TimeSpan Timeout
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            field = value;
        }
    } = TimeSpan.FromMinutes(2);

    /// <summary>True to try each kernel on a small step before it is used for the first time; those that compute something else than they should are not used.</summary>
    public bool SelfTest { get; init; } = true;

    /// <summary>Folder where compiled kernels and measurements are kept for the next start; null for nowhere.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>True to copy inputs and outputs even where the host and the device share memory, for tests.</summary>
    internal bool Staging { get; init; }

    /// <summary>Names the ways of executing steps whose self-test is to fail, for tests.</summary>
    internal Func<string, bool>? Sabotage { get; init; }
}
