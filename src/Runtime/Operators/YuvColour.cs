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

    private static byte Byte(int scaled) => (byte)Math.Clamp(scaled >> Shift, 0, 255);
}
