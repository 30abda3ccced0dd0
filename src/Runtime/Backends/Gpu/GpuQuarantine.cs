using System.Collections.Concurrent;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>Kernels that must not be used on a device, and why: its driver refuses them, or computes them wrong.</summary>
internal sealed class GpuQuarantine
{
    private readonly ConcurrentDictionary<string, string> reasons = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<GpuTestKey, string> failures = new();

    /// <summary>All reasons, by kernel or by what failed its test.</summary>
    public IReadOnlyDictionary<string, string> Reasons => reasons.Concat(failures.Select(f => KeyValuePair.Create(f.Key.ToString(), f.Value))).ToDictionary();

    /// <summary>Puts a kernel away; the first reason stays.</summary>
    public void Add(string kernel, string reason) => reasons.TryAdd(kernel, reason);

    /// <summary>Puts a compiled form of a kernel away, as far as one way to execute steps uses it.</summary>
    public void Add(GpuTestKey key, string reason) => failures.TryAdd(key, reason);

    /// <summary>Why a kernel must not be used; null when it may.</summary>
    public string? Reason(string kernel) => reasons.GetValueOrDefault(kernel);

    /// <summary>Why a compiled form must not be used by a way; null when it may.</summary>
    public string? Reason(GpuTestKey key) => Reason(key.Kernel) ?? failures.GetValueOrDefault(key);
}
