using System.Buffers.Binary;
using System.IO.Compression;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Pictures;

namespace EdgeRuntime.Tools.Media;

/// <summary>Writes a frame as an 8-bit RGB PNG.</summary>
internal static class PngWriter
{
    /// <summary>Writes a file, whole or not at all.</summary>
    /// <exception cref="Diagnostics.EdgeException">It cannot be written (CannotWrite).</exception>
    public static void Write(string path, Frame frame) => AtomicFile.Write(path, stream => Write(stream, frame));

    /// <summary>Writes to a stream, such as one in memory for a page.</summary>
    public static void Write(Stream stream, Frame frame)
    {
        stream.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, frame.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), frame.Height);
        header[8] = 8;
        header[9] = 2;
        Chunk(stream, PngChunk.Header, header);
        Chunk(stream, PngChunk.Data, Compress(frame));
        Chunk(stream, PngChunk.End, []);
    }

    private static ReadOnlySpan<byte> Compress(Frame frame)
    {
        var packed = new MemoryStream();
        int bytes = 3 * frame.Width;
        var row = new byte[bytes + 1];
        using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int y = 0; y < frame.Height; y++)
            {
                ReadOnlySpan<byte> current = frame.Pixels.Slice(y * bytes, bytes);
                Filter(current, y == 0 ? default : frame.Pixels.Slice((y - 1) * bytes, bytes), row);
                deflate.Write(row);
            }
        }
        return packed.GetBuffer().AsSpan(0, (int)packed.Length);
    }

    // Paeth suits photographs; in the first row, which has none above, it equals the difference to the left.
    private static void Filter(ReadOnlySpan<byte> current, ReadOnlySpan<byte> above, Span<byte> row)
    {
        row[0] = 4;
        for (int i = 0; i < current.Length; i++)
        {
            byte left = i < 3 ? (byte)0 : current[i - 3], up = above.IsEmpty ? (byte)0 : above[i], corner = i < 3 || above.IsEmpty ? (byte)0 : above[i - 3];
            row[i + 1] = (byte)(current[i] - PngFilter.Paeth(left, up, corner));
        }
    }

    private static void Chunk(Stream stream, uint type, ReadOnlySpan<byte> content)
    {
        var checkedPart = new byte[4 + content.Length];
        BinaryPrimitives.WriteUInt32BigEndian(checkedPart, type);
        content.CopyTo(checkedPart.AsSpan(4));
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        stream.Write(number);
        stream.Write(checkedPart);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(checkedPart));
        stream.Write(number);
    }
}
