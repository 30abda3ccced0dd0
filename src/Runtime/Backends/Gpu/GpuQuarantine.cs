using System.Collections.Concurrent;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>Kernels that must not be used on a device, and why: its driver refuses them, or computes them wrong.</summary>
internal sealed class GpuQuarantine
{
    private readonly ConcurrentDictionary<string, string> reasons = new(StringComparer.Ordinal);

    /// <summary>All reasons, by kernel.</summary>
    public IReadOnlyDictionary<string, string> Reasons => reasons;

    /// <summary>Puts a kernel away; the first reason stays.</summary>
    public void Add(string kernel, string reason) => reasons.TryAdd(kernel, reason);

    /// <summary>Why a kernel must not be used; null when it may.</summary>
    public string? Reason(string kernel) => reasons.GetValueOrDefault(kernel);
}
