using EdgeRuntime.Backends.Gpu;

namespace EdgeRuntime.Backends;

/// <summary>Which device is wanted, and how it is to be opened.</summary>
/// <param name="Kind">The backend.</param>
/// <param name="Device">Number or part of the name of the device; null for the best.</param>
/// <param name="CacheFolder">Where compiled kernels and measurements are kept; null for nowhere.</param>
/// <param name="Precision">The floats to compute with.</param>
/// <param name="Profile">True to measure each step.</param>
/// <param name="Tuning">How kernels are chosen.</param>
/// <param name="Placement">How it is decided what runs where.</param>
internal sealed record BackendRequest(BackendKind Kind, string? Device, string? CacheFolder, GpuPrecision Precision, bool Profile, KernelTuning Tuning, PlacementRule Placement = PlacementRule.Auto);
