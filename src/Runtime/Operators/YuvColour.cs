namespace EdgeRuntime.Operators;

/// <summary>
/// Luma and chroma to red, green and blue: ITU-R BT.601, luma 16…235, chroma 16…240 around 128, which is what FFmpeg's scaler takes where a stream
/// says nothing else. In whole numbers, so that every device gives the same bytes.
/// </summary>
internal static class YuvColour
{
    /// <summary>Binary places of the factors.</summary>
    public const int Shift = 16;

    /// <summary>65536 · 255 / 219: from luma to each colour.</summary>
    public const int Luma = 76309;

    /// <summary>65536 · 255 / 224 · 2 · (1 - 0.299): from V to red.</summary>
    public const int RedOfV = 104597;

    /// <summary>65536 · 255 / 224 · 2 · (1 - 0.114) · 0.114 / 0.587: from U to green, taken away.</summary>
    public const int GreenOfU = 25675;

    /// <summary>65536 · 255 / 224 · 2 · (1 - 0.299) · 0.299 / 0.587: from V to green, taken away.</summary>
    public const int GreenOfV = 53279;

    /// <summary>65536 · 255 / 224 · 2 · (1 - 0.114): from U to blue.</summary>
    public const int BlueOfU = 132201;

    /// <summary>Converts one pixel.</summary>
    public static (byte Red, byte Green, byte Blue) ToRgb(byte y, byte u, byte v)
    {
        int luma = Luma * (y - 16) + (1 << (Shift - 1)), cu = u - 128, cv = v - 128;
        return (Byte(luma + RedOfV * cv), Byte(luma - GreenOfU * cu - GreenOfV * cv), Byte(luma + BlueOfU * cu));
    }

    /// <summary>Converts neighbouring pixels of a row into red, green, blue, as many as <paramref name="rgb"/> has room for; pairs of pixels share their chroma.</summary>
    /// <param name="luma">The row's luma.</param>
    /// <param name="u">The U of the row's pairs.</param>
    /// <param name="v">The V of the row's pairs.</param>
    /// <param name="step">Distance of the next pair's U and V: 1 in planes, 2 in turn.</param>
    /// <param name="first">The first pixel to be converted.</param>
    /// <param name="rgb">Where the colours go.</param>
    public static void Row(ReadOnlySpan<byte> luma, ReadOnlySpan<byte> u, ReadOnlySpan<byte> v, int step, int first, Span<byte> rgb)
    {
        for (int i = 0, x = first; i < rgb.Length; i += 3, x++)
            (rgb[i], rgb[i + 1], rgb[i + 2]) = ToRgb(luma[x], u[x / 2 * step], v[x / 2 * step]);
    }

    private static byte Byte(int scaled) => (byte)Math.Clamp(scaled >> Shift, 0, 255);
}
