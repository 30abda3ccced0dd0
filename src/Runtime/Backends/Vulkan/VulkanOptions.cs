using EdgeRuntime.Backends.Gpu;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Which Vulkan device (of <see cref="VulkanDevices.List()"/>) is used, and how.</summary>
public sealed record VulkanOptions : GpuOptions
{
    /// <summary>True to check every call with the validation layer, where it is installed; see <see cref="VulkanBackend.Messages"/>.</summary>
    public bool Validation { get; init; }

    /// <summary>Frames that may be under way at once, from 1 to 4, each with memory of its own for inputs and outputs; see <see cref="VulkanPlan"/>.</summary>
    internal int Frames { get; init; } = 1;

    /// <summary>Counts handles and injects faults in tests; null for one of its own.</summary>
    internal VulkanLedger? Ledger { get; init; }
}
