using EdgeRuntime.Backends;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Sessions;

/// <summary>How a session runs.</summary>
public record SessionOptions
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

    /// <summary>
    /// How many plans are kept, for the input shapes of the last runs; the bodies of choices and loops keep as many each. Each holds memory for the tensors in between, on a
    /// device for weights, too. At least 1.
    /// </summary>
    public int KeptPlans
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 4;

    /// <summary>Where the model runs.</summary>
    public BackendKind Backend { get; init; }

    /// <summary>
    /// How it is decided which part of the model runs where. Where <see cref="Accelerators"/> are given, <see cref="PlacementRule.Auto"/> means <see cref="PlacementRule.Order"/>.
    /// </summary>
    public PlacementRule Placement { get; init; }

    /// <summary>The device: its number in the list of `edgert devices`, beginning with 0, or a part of its name; null for the best.</summary>
    public string? Device { get; init; }

    /// <summary>The floats that a device computes with; the CPU always takes those of the model.</summary>
    public GpuPrecision Precision { get; init; }

    /// <summary>How kernels are chosen where there are several for a step.</summary>
    public KernelTuning Tuning { get; init; }

    /// <summary>Where kernels compiled for a device, and what was measured on it, are kept for the next start; the user's folder for caches by default, null for nowhere.</summary>
    public string? CacheFolder { get; init; } = Backends.CacheFolder.Default;

    /// <summary>
    /// A backend that is open already, so that several sessions share it; null to open what <see cref="Backend"/> says. It belongs to the caller and must outlive its sessions.
    /// </summary>
    public IBackend? Accelerator
    {
        get => Accelerators is [var first, ..] ? first : null;
        init => Accelerators = value is null ? null : [value];
    }

    /// <summary>Backends that are open already, the preferred first, as <see cref="Accelerator"/>; none of them for the CPU alone, null to open what <see cref="Backend"/> says.</summary>
    public IReadOnlyList<IBackend>? Accelerators { get; init; }

    /// <summary>Whether the first frames wait for devices, or run on the CPU until these are ready.</summary>
    public StartPolicy Start { get; init; }

    /// <summary>How the session goes on when a device fails.</summary>
    public FailoverOptions Failover { get; init; } = new();

    /// <summary>Records what the CPU's workers do; null for nobody.</summary>
    internal KernelTrace? Trace { get; init; }

    internal BackendRequest Request => new(Backend, Device, CacheFolder, Precision, Profile, Tuning, Placement);
}
