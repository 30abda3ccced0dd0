using System.Buffers.Binary;

namespace EdgeRuntime.Realtime.Pictures;

/// <summary>The orientation mark of a JPEG (EXIF 2.3, tag 0x0112), and the FFmpeg filters that obey it.</summary>
internal readonly record struct JpegOrientation(bool IsJpeg, int Mark)
{
    private const int SearchedBytes = 256 << 10;

    /// <summary>Filters for the marks 1 to 8, each ending in a comma; mark 1, and any unknown one, needs none.</summary>
    public string Filters => Mark switch
    {
        2 => "hflip,",
        3 => "hflip,vflip,",
        4 => "vflip,",
        5 => "transpose=0,",
        6 => "transpose=1,",
        7 => "transpose=3,",
        8 => "transpose=2,",
        _ => "",
    };

    public static JpegOrientation Of(string path)
    {
        using FileStream file = File.OpenRead(path);
        var bytes = new byte[(int)Math.Min(file.Length, SearchedBytes)];
        return Of(bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
    }

    internal static JpegOrientation Of(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return new JpegOrientation(false, 1);
        // Segments: FF, a type, and a length that counts itself. EXIF stands in APP1, before the picture's own data (SOS).
        for (int at = 2; at + 4 <= file.Length && file[at] == 0xFF && file[at + 1] != 0xDA;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (length < 2 || at + 2 + length > file.Length) break;
            ReadOnlySpan<byte> content = file.Slice(at + 4, length - 2);
            if (file[at + 1] == 0xE1 && content.StartsWith("Exif\0\0"u8)) return new JpegOrientation(true, Tag(content[6..]));
            at += 2 + length;
        }
        return new JpegOrientation(true, 1);
    }

    private static int Tag(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8) return 1;
        bool little = tiff[0] == 'I';
        uint directory = U32(tiff[4..], little);
        if (directory > tiff.Length - 2) return 1;
        int entries = U16(tiff[(int)directory..], little);
        for (int i = 0, at = (int)directory + 2; i < entries && at + 12 <= tiff.Length; i++, at += 12)
            if (U16(tiff[at..], little) == 0x0112) return U16(tiff[(at + 8)..], little);
        return 1;
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
