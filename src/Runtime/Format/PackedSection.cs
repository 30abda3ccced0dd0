using System.Buffers.Binary;
using System.IO.Compression;

namespace EdgeRuntime.Format;

/// <summary>
/// Sections that are read as a whole, unlike weights, are compressed: names, types and scales repeat themselves. A packed section is its true length (u32), then the Brotli stream of its content, or the
/// content itself where that is not longer.
/// </summary>
internal static class PackedSection
{
    private const int LengthBytes = sizeof(uint), WindowBits = 22, BestQuality = 11, FastQuality = 6;

    /// <summary>The best quality takes a second for each megabyte.</summary>
    private const int LargestForBest = 1 << 20;

    /// <summary>Packs content; <paramref name="compress"/> is false to keep it legible.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> content, bool compress = true)
    {
        byte[] packed = new byte[LengthBytes + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(packed, content.Length);
        int quality = content.Length > LargestForBest ? FastQuality : BestQuality;
        // Room for one byte less than the content has: what is no shorter is kept as it is.
        if (compress && content.Length > 1 && BrotliEncoder.TryCompress(content, packed.AsSpan(LengthBytes, content.Length - 1), out int length, quality, WindowBits))
            return packed[..(LengthBytes + length)];
        content.CopyTo(packed.AsSpan(LengthBytes));
        return packed;
    }

    /// <summary>True when content shrinks to a quarter or less, as tables of anchors and indices do, and weights never.</summary>
    public static bool IsRegular(ReadOnlySpan<byte> content) =>
        BrotliEncoder.TryCompress(content, new byte[content.Length / 4], out _, FastQuality, WindowBits);

    /// <summary>The content of a packed section that is not trusted: no more memory is taken than <paramref name="limit"/>, whatever the section says of itself.</summary>
    public static ReadOnlySpan<byte> Unpack(ReadOnlySpan<byte> packed, int limit, string file, string name)
    {
        if (packed.Length < LengthBytes) throw EdgeReader.Corrupt(file, $"section '{name}' has {packed.Length} bytes, too few for its length");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(packed);
        packed = packed[LengthBytes..];
        if (length > limit) throw EdgeReader.Corrupt(file, $"section '{name}' is said to have {length:N0} bytes when unpacked; at most {limit:N0} are allowed");
        if (packed.Length == length) return packed;
        byte[] content = new byte[length];
        if (packed.Length > length || !BrotliDecoder.TryDecompress(packed, content, out int written) || written != content.Length)
            throw EdgeReader.Corrupt(file, $"section '{name}' does not unpack to the {length:N0} bytes that it announces");
        return content;
    }
}
