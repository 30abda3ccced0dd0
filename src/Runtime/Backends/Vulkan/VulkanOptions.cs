using EdgeRuntime.Backends.Gpu;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Which Vulkan device is used, and how.</summary>
public sealed record VulkanOptions
{
    /// <summary>Number of the device in <see cref="VulkanDevices.List()"/>, or a part of its name; null for the best.</summary>
    public string? Device { get; init; }

    /// <summary>How floats are stored and computed with; what the device cannot do is refused.</summary>
    public GpuPrecision Precision { get; init; }

    /// <summary>True to check every call with the validation layer, where it is installed; see <see cref="VulkanBackend.Messages"/>.</summary>
    public bool Validation { get; init; }

    /// <summary>True to measure each step.</summary>
    public bool Profile { get; init; }

    /// <summary>Counts handles and injects faults in tests; null for one of its own.</summary>
    internal VulkanLedger? Ledger { get; init; }
}
