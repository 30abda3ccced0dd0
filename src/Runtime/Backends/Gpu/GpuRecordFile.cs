using EdgeRuntime.Backends.Gpu.SelfTest;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>
/// The file beside the cache of compiled kernels that keeps what was measured and tested on a device. It is text: what it is for (device, version
/// of the driver, kernels), then one line for each entry, then a checksum. What does not fit counts as absent, and is replaced.
/// </summary>
internal sealed class GpuRecordFile
{
    private readonly RecordFile file;
    private readonly Lock saving = new();
    private int saved;

    /// <summary>Reads the file of a device, where there is one that fits.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Device and driver, one line: with other ones nothing of it holds.</param>
    public GpuRecordFile(string path, string device)
    {
        file = new RecordFile(path, $"EdgeRuntime measurements 1\n{device}\nkernels {KernelManifest.Digest} cases {SelfTestCases.Version}\n");
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
