using System.Buffers.Binary;
using System.Text;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>
/// The file that keeps what a driver compiled: one a device. It begins with what it is for (device, version of the driver, kernels), the length
/// and a checksum; drivers trust what they are given, so all of it must fit to the byte, or the file counts as absent.
/// </summary>
/// <param name="folder">Where the file is.</param>
/// <param name="vendor">The device's vendor.</param>
/// <param name="device">The device's number.</param>
/// <param name="driver">Version of the driver.</param>
/// <param name="uuid">What the driver says its caches are known by.</param>
internal sealed class VulkanCacheFile(string folder, uint vendor, uint device, uint driver, byte[] uuid)
{
    /// <summary>Larger caches are neither written nor read.</summary>
    public const int MostBytes = 64 << 20;

    /// <summary>Bytes that Vulkan itself puts before each driver's data: length, version, vendor, device, UUID.</summary>
    private const int OwnHeader = 32;

    /// <summary>The file's name.</summary>
    public string Path { get; } = System.IO.Path.Combine(folder, $"vulkan-{vendor:x8}-{device:x8}.pipelines");

    /// <summary>What went wrong with the file last; null for nothing.</summary>
    public string? Problem { get; private set; }

    /// <summary>What is written before the data, up to its length.</summary>
    private byte[] Key => Encoding.ASCII.GetBytes($"EdgeRuntime pipelines 1\n{vendor:x8}-{device:x8} driver {driver:x8} {Convert.ToHexStringLower(uuid)}\nkernels {KernelManifest.Digest}\n");

    /// <summary>What the driver compiled before; nothing where there is no file that fits.</summary>
    public byte[] Read()
    {
        try
        {
            if (!File.Exists(Path)) return [];
            using FileStream stream = RegularFile.OpenRead(Path);
            byte[] key = Key;
            int header = key.Length + 8;
            if (stream.Length < header + OwnHeader || stream.Length > header + MostBytes) return Refuse("has a length that no cache has");
            byte[] file = new byte[stream.Length];
            stream.ReadExactly(file);
            if (!file.AsSpan(0, key.Length).SequenceEqual(key)) return Refuse("is for another driver or other kernels");
            ReadOnlySpan<byte> data = file.AsSpan(header);
            if (BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(key.Length)) != data.Length) return Refuse("is cut off");
            if (BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(key.Length + 4)) != Crc32C.Of(data)) return Refuse("is damaged");
            return IsForDevice(data) ? data.ToArray() : Refuse("is for another device");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse($"cannot be read: {e.Message}");
        }
    }

    /// <summary>Keeps what the driver compiled. A folder that cannot be written to is no error: the next start compiles again.</summary>
    public void Write(byte[] data)
    {
        if (data.Length < OwnHeader || data.Length > MostBytes) return;
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Write(Path, stream =>
            {
                Span<byte> numbers = stackalloc byte[8];
                BinaryPrimitives.WriteUInt32LittleEndian(numbers, (uint)data.Length);
                BinaryPrimitives.WriteUInt32LittleEndian(numbers[4..], Crc32C.Of(data));
                stream.Write(Key);
                stream.Write(numbers);
                stream.Write(data);
            });
        }
        catch (Exception e) when (e is EdgeException or IOException or UnauthorizedAccessException)
        {
            Problem = e is EdgeException edge ? edge.Problem : $"{Path} cannot be written: {e.Message}";
        }
    }

    private bool IsForDevice(ReadOnlySpan<byte> data) =>
        BinaryPrimitives.ReadUInt32LittleEndian(data) is var length && length >= OwnHeader && length <= data.Length
        && BinaryPrimitives.ReadUInt32LittleEndian(data[4..]) == 1
        && BinaryPrimitives.ReadUInt32LittleEndian(data[8..]) == vendor
        && BinaryPrimitives.ReadUInt32LittleEndian(data[12..]) == device
        && data.Slice(16, 16).SequenceEqual(uuid);

    private byte[] Refuse(string problem)
    {
        Problem = $"{Path} {problem}";
        return [];
    }
}
