namespace EdgeRuntime.Realtime.Pictures;

/// <summary>Turns the samples of a PNG row into 8-bit RGB.</summary>
internal static class PngRow
{
    /// <summary>Writes <paramref name="columns"/> pixels, <paramref name="step"/> bytes apart; false where a palette index is out of range.</summary>
    public static bool ToRgb(ReadOnlySpan<byte> row, in PngHeader header, ReadOnlySpan<byte> palette, int columns, Span<byte> target, int step)
    {
        if (header.ColourType == 3) return Palette(row, header.Depth, palette, columns, target, step);
        if (header.Depth < 8) Grey(row, header.Depth, columns, target, step);
        else Samples(row, header, columns, target, step);
        return true;
    }

    private static bool Palette(ReadOnlySpan<byte> row, int depth, ReadOnlySpan<byte> palette, int columns, Span<byte> target, int step)
    {
        for (int x = 0; x < columns; x++)
        {
            int colour = 3 * Bits(row, depth, x);
            if (colour >= palette.Length) return false;
            palette.Slice(colour, 3).CopyTo(target[(x * step)..]);
        }
        return true;
    }

    private static void Grey(ReadOnlySpan<byte> row, int depth, int columns, Span<byte> target, int step)
    {
        int scale = 255 / ((1 << depth) - 1);
        for (int x = 0; x < columns; x++) target.Slice(x * step, 3).Fill((byte)(scale * Bits(row, depth, x)));
    }

    private static void Samples(ReadOnlySpan<byte> row, in PngHeader header, int columns, Span<byte> target, int step)
    {
        bool colour = (header.ColourType & 2) != 0;
        int bytes = header.Depth / 8, pixel = header.Channels * bytes;
        for (int x = 0; x < columns; x++)
        {
            ReadOnlySpan<byte> source = row.Slice(x * pixel, pixel);
            Span<byte> rgb = target.Slice(x * step, 3);
            rgb[0] = Sample(source, 0, bytes);
            rgb[1] = colour ? Sample(source, 1, bytes) : rgb[0];
            rgb[2] = colour ? Sample(source, 2, bytes) : rgb[0];
        }
    }

    // 16 bits are rounded to 8, not cut: 65535 is 255 and 257 is 1.
    private static byte Sample(ReadOnlySpan<byte> pixel, int channel, int bytes) =>
        bytes == 1 ? pixel[channel] : (byte)((((pixel[2 * channel] << 8) | pixel[2 * channel + 1]) * 255 + 32767) / 65535);

    private static int Bits(ReadOnlySpan<byte> row, int depth, int x)
    {
        int bit = x * depth;
        return (row[bit >> 3] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
    }
}
