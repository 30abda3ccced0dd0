using System.Globalization;
using System.Text;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.Gpu.SelfTest;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>
/// The file beside the cache of compiled kernels that keeps what was measured and tested on a device. It is text: what it is for (device, version
/// of the driver, kernels), then one line for each entry, then a checksum. What does not fit counts as absent, and is replaced.
/// </summary>
internal sealed class VulkanRecordFile
{
    /// <summary>Larger files are not read.</summary>
    public const int MostBytes = 8 << 20;

    private readonly string folder;
    private readonly string key;
    private readonly Lock saving = new();
    private int saved;

    /// <summary>Reads the file of a device, where there is a folder and one that fits.</summary>
    public unsafe VulkanRecordFile(VulkanContext context, string folder)
    {
        PhysicalDeviceProperties properties;
        context.Calls.Api.GetPhysicalDeviceProperties(context.PhysicalDevice, &properties);
        string device = string.Create(CultureInfo.InvariantCulture, $"{properties.VendorID:x8}-{properties.DeviceID:x8}");
        string uuid = Convert.ToHexStringLower(new ReadOnlySpan<byte>(properties.PipelineCacheUuid, 16));
        this.folder = folder;
        Path = System.IO.Path.Combine(folder, $"vulkan-{device}.measured");
        key = string.Create(CultureInfo.InvariantCulture, $"EdgeRuntime measurements 1\n{device} driver {properties.DriverVersion:x8} {uuid}\nkernels {KernelManifest.Digest} cases {SelfTestCases.Version}\n");
        Records = Read() ?? new GpuRecords();
    }

    /// <summary>The file's name.</summary>
    public string Path { get; }

    /// <summary>What was found out, so far and before.</summary>
    public GpuRecords Records { get; }

    /// <summary>What went wrong with the file last; null for nothing.</summary>
    public string? Problem { get; private set; }

    /// <summary>Writes what was found out since the last time, beside what others found out meanwhile.</summary>
    public void Save()
    {
        lock (saving)
        {
            int version = Records.Version;
            if (version == saved) return;
            if (Read() is { } others) Records.Merge(others);
            string text = key + string.Concat(Records.Lines().Select(line => line + "\n"));
            try
            {
                Directory.CreateDirectory(folder);
                AtomicFile.Write(Path, stream => stream.Write(Encoding.UTF8.GetBytes($"{text}{Checksum(text)}\n")));
                (saved, Problem) = (version, null);
            }
            catch (Exception e) when (e is EdgeException or IOException or UnauthorizedAccessException)
            {
                Problem = e is EdgeException edge ? edge.Problem : $"{Path} cannot be written: {e.Message}";
            }
        }
    }

    private GpuRecords? Read()
    {
        try
        {
            if (!File.Exists(Path)) return null;
            using FileStream stream = RegularFile.OpenRead(Path);
            if (stream.Length > MostBytes) return Refuse("is too long");
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            string file = Encoding.UTF8.GetString(bytes);
            if (!file.StartsWith(key, StringComparison.Ordinal)) return Refuse("is for another driver or other kernels");
            int last = file.LastIndexOf('\n', Math.Max(file.Length - 2, 0)) + 1;
            if (last < key.Length || file[last..] != $"{Checksum(file[..last])}\n") return Refuse("is damaged");
            return GpuRecords.Parse(file[key.Length..last].Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse($"cannot be read: {e.Message}");
        }
    }

    private static string Checksum(string text) => Crc32C.Of(Encoding.UTF8.GetBytes(text)).ToString("x8", CultureInfo.InvariantCulture);

    private GpuRecords? Refuse(string problem)
    {
        Problem = $"{Path} {problem}";
        return null;
    }
}
