using EdgeRuntime.Backends.Gpu;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>Which OpenCL device (of <see cref="OpenClDevices.List()"/>) is used, and how.</summary>
public sealed record OpenClOptions : GpuOptions
{
    /// <summary>True to keep what the driver compiled whether it does so itself or not, for tests.</summary>
    internal bool KeepsAll { get; init; }

    /// <summary>Counts handles and injects faults in tests; null for one of its own.</summary>
    internal OpenClLedger? Ledger { get; init; }
}
