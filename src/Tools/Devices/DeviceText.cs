using System.Globalization;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Backends.Vulkan;

namespace EdgeRuntime.Tools.Devices;

/// <summary>A device in a line.</summary>
internal static class DeviceText
{
    /// <summary>A Vulkan device; what it cannot do is left out.</summary>
    public static string Of(VulkanDevice device) => Line(
        device.Type.Replace('_', ' '), $"Vulkan {device.ApiVersion}", $"{device.Driver} {device.DriverVersion}".Trim(), $"{Size(device.MemoryHeaps.Where(h => h.DeviceLocal).Sum(h => h.Bytes))} of memory",
        device.UnifiedMemory ? "unified" : "", $"subgroups of {device.SubgroupSize}", Kinds("int8", device.Int8Storage, device.Int8Arithmetic),
        Kinds("fp16", device.Fp16Storage, device.Fp16Arithmetic), device.IntegerDotProduct ? device.IntegerDotProductAccelerated ? "integer dot product" : "integer dot product (emulated)" : "",
        device.CooperativeMatrix ? "cooperative matrix" : "", device.TimestampNanoseconds is null ? "" : "time stamps");

    /// <summary>An OpenCL device; what it cannot do is left out.</summary>
    public static string Of(OpenClDevice device) => Line(
        device.Type, device.ApiVersion, $"{device.Platform} {device.DriverVersion}", $"{Size(device.GlobalMemoryBytes)} of memory", device.UnifiedMemory ? "unified" : "",
        device.Compiler ? "" : "no compiler", device.Subgroups ? "subgroups" : "", device.Fp16Arithmetic ? "fp16" : "", device.IntegerDotProduct ? "integer dot product" : "",
        device.TimestampNanoseconds is null ? "" : "time stamps");

    private static string Line(params ReadOnlySpan<string> parts) => string.Join(", ", parts.ToArray().Where(part => part.Length > 0));

    private static string Kinds(string type, bool storage, bool arithmetic) => (storage, arithmetic) switch
    {
        (true, true) => $"{type} storage and arithmetic",
        (true, false) => $"{type} storage",
        (false, true) => $"{type} arithmetic",
        _ => "",
    };

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):0.#} GiB");
}
