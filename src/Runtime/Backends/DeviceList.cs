namespace EdgeRuntime.Backends;

/// <summary>What an interface to devices has on this machine: devices, or the reason why there are none.</summary>
/// <param name="Devices">The devices found.</param>
/// <param name="Problem">Why there are none, or which part of the listing failed; null when nothing did.</param>
/// <typeparam name="T">What is known of each.</typeparam>
public sealed record DeviceList<T>(IReadOnlyList<T> Devices, string? Problem);
