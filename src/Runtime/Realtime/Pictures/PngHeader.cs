using System.Buffers.Binary;

namespace EdgeRuntime.Realtime.Pictures;

/// <summary>The header of a PNG picture, checked.</summary>
internal readonly record struct PngHeader(int Width, int Height, int Depth, int ColourType, bool Interlaced)
{
    /// <summary>Samples of a pixel: grey 1, RGB 3, palette 1, grey and alpha 2, RGB and alpha 4.</summary>
    public int Channels => ColourType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    /// <summary>Bytes between a sample and the one its filter looks at.</summary>
    public int FilterDistance => Math.Max(1, Channels * Depth / 8);

    /// <summary>About the bytes that the compressed data must give; passes of an interlaced picture only add to it.</summary>
    public long PackedBytes => (RowBytes(Width) + 1L) * Height;

    public int RowBytes(int columns) => (int)(((long)columns * Channels * Depth + 7) / 8);

    public static PngHeader Read(ReadOnlySpan<byte> content, string name)
    {
        if (content.Length != 13) throw PictureFile.Broken(name, "PNG", $"its header has {content.Length} bytes instead of 13");
        PictureFile.CheckSize(name, "PNG", BinaryPrimitives.ReadUInt32BigEndian(content), BinaryPrimitives.ReadUInt32BigEndian(content[4..]));
        int depth = content[8], colour = content[9];
        bool known = colour switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
        if (!known) throw PictureFile.Broken(name, "PNG", $"there is no colour type {colour} with {depth} bits");
        if (content[10] != 0 || content[11] != 0 || content[12] > 1)
            throw PictureFile.Broken(name, "PNG", $"compression {content[10]}, filter method {content[11]} or interlace method {content[12]} is unknown");
        return new PngHeader(BinaryPrimitives.ReadInt32BigEndian(content), BinaryPrimitives.ReadInt32BigEndian(content[4..]), depth, colour, content[12] == 1);
    }
}
