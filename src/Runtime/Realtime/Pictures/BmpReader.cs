using System.Buffers.Binary;
using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Realtime.Pictures;

/// <summary>Decodes uncompressed Windows bitmaps of 1, 4, 8, 24 and 32 bits, stored bottom-up or top-down.</summary>
internal static class BmpReader
{
    private const string Format = "BMP";

    public static bool Knows(ReadOnlySpan<byte> file) => file.Length >= 2 && file[0] == 'B' && file[1] == 'M';

    /// <summary>False for the variants left to FFmpeg: run-length or bit-field coded, 16 bits, OS/2 headers.</summary>
    public static bool Read(ReadOnlySpan<byte> file, string name, Frame frame)
    {
        if (file.Length < 30) throw PictureFile.Broken(name, Format, $"it ends at byte {file.Length}, inside its header");
        uint start = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        uint headerBytes = BinaryPrimitives.ReadUInt32LittleEndian(file[14..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(file[28..]);
        if (headerBytes < 40 || bits is not (1 or 4 or 8 or 24 or 32)) return false;
        if (file.Length < 14L + headerBytes) throw PictureFile.Broken(name, Format, $"it ends at byte {file.Length}, inside its header");
        if (BinaryPrimitives.ReadUInt32LittleEndian(file[30..]) != 0) return false;

        int width = BinaryPrimitives.ReadInt32LittleEndian(file[18..]);
        long signedHeight = BinaryPrimitives.ReadInt32LittleEndian(file[22..]);
        PictureFile.CheckSize(name, Format, width, Math.Abs(signedHeight));
        int height = (int)Math.Abs(signedHeight);
        int rowBytes = (width * bits + 31) / 32 * 4;
        if (start > file.Length || (long)rowBytes * height > file.Length - start)
            throw PictureFile.Broken(name, Format, $"{width} x {height} pixels of {bits} bits need {(long)rowBytes * height} bytes from byte {start}, the file has {file.Length}");
        ReadOnlySpan<byte> palette = bits > 8 ? [] : Palette(file, headerBytes, bits, name);

        frame.Resize(width, height);
        for (int y = 0; y < height; y++)
        {
            int stored = signedHeight < 0 ? y : height - 1 - y;
            ReadOnlySpan<byte> row = file.Slice((int)start + stored * rowBytes, rowBytes);
            Span<byte> target = frame.Pixels.Slice(3 * width * y, 3 * width);
            for (int x = 0; x < width; x++)
            {
                ReadOnlySpan<byte> blueGreenRed;
                if (bits > 8) blueGreenRed = row.Slice(x * bits / 8, 3);
                else
                {
                    int bit = x * bits;
                    int colour = (row[bit >> 3] >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
                    if (4 * colour >= palette.Length)
                        throw PictureFile.Broken(name, Format, $"row {y} names colour {colour}, its palette has {palette.Length / 4}");
                    blueGreenRed = palette.Slice(4 * colour, 3);
                }
                target[3 * x] = blueGreenRed[2];
                target[3 * x + 1] = blueGreenRed[1];
                target[3 * x + 2] = blueGreenRed[0];
            }
        }
        return true;
    }

    private static ReadOnlySpan<byte> Palette(ReadOnlySpan<byte> file, uint headerBytes, int bits, string name)
    {
        uint used = BinaryPrimitives.ReadUInt32LittleEndian(file[46..]);
        int most = 1 << bits;
        if (used > most) throw PictureFile.Broken(name, Format, $"its palette claims {used} colours, {bits} bits name {most}");
        long bytes = 4L * (used == 0 ? most : used), at = 14L + headerBytes;
        if (bytes > file.Length - at) throw PictureFile.Broken(name, Format, $"its palette of {bytes} bytes does not fit in the file");
        return file.Slice((int)at, (int)bytes);
    }
}
