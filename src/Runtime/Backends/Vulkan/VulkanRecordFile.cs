using System.Globalization;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.Gpu.SelfTest;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>
/// The file beside the cache of compiled kernels that keeps what was measured and tested on a device. It is text: what it is for (device, version
/// of the driver, kernels), then one line for each entry, then a checksum. What does not fit counts as absent, and is replaced.
/// </summary>
internal sealed class VulkanRecordFile
{
    private readonly RecordFile file;
    private readonly Lock saving = new();
    private int saved;

    /// <summary>Reads the file of a device, where there is a folder and one that fits.</summary>
    public unsafe VulkanRecordFile(VulkanContext context, string folder)
    {
        PhysicalDeviceProperties properties;
        context.Calls.Api.GetPhysicalDeviceProperties(context.PhysicalDevice, &properties);
        string device = string.Create(CultureInfo.InvariantCulture, $"{properties.VendorID:x8}-{properties.DeviceID:x8}");
        string uuid = Convert.ToHexStringLower(new ReadOnlySpan<byte>(properties.PipelineCacheUuid, 16));
        file = new RecordFile(System.IO.Path.Combine(folder, $"vulkan-{device}.measured"),
            string.Create(CultureInfo.InvariantCulture, $"EdgeRuntime measurements 1\n{device} driver {properties.DriverVersion:x8} {uuid}\nkernels {KernelManifest.Digest} cases {SelfTestCases.Version}\n"));
        Records = Read() ?? new GpuRecords();
    }

    /// <summary>The file's name.</summary>
    public string Path => file.Path;

    /// <summary>What was found out, so far and before.</summary>
    public GpuRecords Records { get; }

    /// <summary>What went wrong with the file last; null for nothing.</summary>
    public string? Problem => file.Problem;

    /// <summary>Writes what was found out since the last time, beside what others found out meanwhile.</summary>
    public void Save()
    {
        lock (saving)
        {
            int version = Records.Version;
            if (version == saved) return;
            if (Read() is { } others) Records.Merge(others);
            if (file.Write(Records.Lines())) saved = version;
        }
    }

    private GpuRecords? Read() => file.Read() is { } lines ? GpuRecords.Parse(lines) : null;
}
