using System.IO.Compression;
using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Realtime.Pictures;

/// <summary>Decodes PNG (W3C Recommendation, third edition): all colour types and depths, interlaced or not.</summary>
/// <remarks>Transparency is dropped, as FFmpeg does on the way to rgb24. Gamma and colour profiles are not applied.</remarks>
internal static class PngReader
{
    private const string Format = "PNG";

    // Deflate cannot shrink by more than 1 : 1032, so a picture that claims more pixels than its data can hold is refused early.
    private const long MaxExpansion = 1040;

    // Column, row, column step and row step of the seven passes of an interlaced picture, then the only pass of any other.
    private static ReadOnlySpan<byte> Passes => [0, 0, 8, 8, 4, 0, 8, 8, 0, 4, 4, 8, 2, 0, 4, 4, 0, 2, 2, 4, 1, 0, 2, 2, 0, 1, 1, 2, 0, 0, 1, 1];

    public static bool Knows(ReadOnlySpan<byte> file) => file.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);

    public static void Read(ReadOnlySpan<byte> file, string name, Frame frame)
    {
        PngHeader header = default;
        byte[]? palette = null;
        var data = new List<Range>();
        long dataBytes = 0;
        bool first = true, ended = false;
        for (int at = 8; !ended;)
        {
            PngChunk chunk = PngChunk.Read(file, at, name);
            ReadOnlySpan<byte> content = file[chunk.Content];
            if (first != (chunk.Type == PngChunk.Header)) throw Broken(name, "the header is not its first chunk");
            first = false;
            switch (chunk.Type)
            {
                case PngChunk.Header:
                    header = PngHeader.Read(content, name);
                    break;
                case PngChunk.Palette:
                    if (content.Length is 0 or > 768 || content.Length % 3 != 0) throw Broken(name, $"its palette has {content.Length} bytes");
                    palette = content.ToArray();
                    break;
                case PngChunk.Data:
                    data.Add(chunk.Content);
                    dataBytes += content.Length;
                    break;
                case PngChunk.End:
                    ended = true;
                    break;
                default:
                    if (chunk.IsCritical) throw Broken(name, $"it has an unknown critical chunk {chunk.Name}");
                    break;
            }
            at = chunk.Next;
        }
        if (header.ColourType == 3 && palette is null) throw Broken(name, "its palette is missing");
        if (header.PackedBytes > dataBytes * MaxExpansion) throw Broken(name, $"{dataBytes} bytes of data cannot hold {header.Width} x {header.Height} pixels");

        var packed = new byte[dataBytes];
        int filled = 0;
        foreach (Range range in data)
        {
            file[range].CopyTo(packed.AsSpan(filled));
            filled += file[range].Length;
        }
        frame.Resize(header.Width, header.Height);
        try
        {
            using var inflated = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
            Unpack(inflated, header, palette, frame, name);
            // One more read makes the stream compare its checksum.
            inflated.ReadByte();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw PictureFile.Broken(name, Format, "its compressed data is truncated or wrong", e);
        }
    }

    private static void Unpack(Stream inflated, in PngHeader header, byte[]? palette, Frame frame, string name)
    {
        int longest = header.RowBytes(header.Width);
        var previous = new byte[longest + 1];
        var current = new byte[longest + 1];
        ReadOnlySpan<byte> passes = header.Interlaced ? Passes[..28] : Passes[28..];
        for (; passes.Length > 0; passes = passes[4..])
        {
            int columns = (header.Width - passes[0] + passes[2] - 1) / passes[2];
            int rows = (header.Height - passes[1] + passes[3] - 1) / passes[3];
            if (columns <= 0 || rows <= 0) continue;
            int bytes = header.RowBytes(columns);
            Array.Clear(previous);
            for (int row = 0; row < rows; row++)
            {
                inflated.ReadExactly(current, 0, bytes + 1);
                if (!PngFilter.Undo(current[0], current.AsSpan(1, bytes), previous.AsSpan(1, bytes), header.FilterDistance))
                    throw Broken(name, $"row {row} has the unknown filter {current[0]}");
                int y = passes[1] + row * passes[3];
                Span<byte> target = frame.Pixels.Slice(3 * (y * frame.Width + passes[0]), 3 * ((columns - 1) * passes[2] + 1));
                if (!PngRow.ToRgb(current.AsSpan(1, bytes), header, palette, columns, target, 3 * passes[2]))
                    throw Broken(name, $"row {y} names a colour that its palette of {palette!.Length / 3} has not");
                (previous, current) = (current, previous);
            }
        }
    }

    private static Exception Broken(string name, string what) => PictureFile.Broken(name, Format, what);
}
