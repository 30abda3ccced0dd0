namespace EdgeRuntime.Tensors;

/// <summary>How the bytes of a picture lie: 8 bits a sample, rows from the top, without gaps.</summary>
public enum PixelFormat
{
    /// <summary>Red, green, blue of each pixel.</summary>
    Rgb24,

    /// <summary>Blue, green, red of each pixel.</summary>
    Bgr24,

    /// <summary>Red, green, blue and one more, which is ignored, of each pixel.</summary>
    Rgba32,

    /// <summary>
    /// The luma of all pixels, then U and V of each square of four, in turn: what most cameras and decoders give. Width and height are even.
    /// Colours are BT.601 in limited range.
    /// </summary>
    Nv12,

    /// <summary>The same in three planes: luma, U, V. Width and height are even.</summary>
    Yuv420p,
}

/// <summary>What pixel formats mean for sizes.</summary>
internal static class PixelFormats
{
    /// <summary>True for luma with chroma of half the resolution.</summary>
    public static bool IsYuv(this PixelFormat format) => format is PixelFormat.Nv12 or PixelFormat.Yuv420p;

    /// <summary>Bytes of a pixel that lie side by side; 1 where it is the luma alone.</summary>
    public static int PixelBytes(this PixelFormat format) => format switch
    {
        PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3,
        PixelFormat.Rgba32 => 4,
        _ => 1,
    };

    /// <summary>True when the format can hold pictures of that size.</summary>
    public static bool Holds(this PixelFormat format, int width, int height) => !format.IsYuv() || (width % 2 == 0 && height % 2 == 0);

    /// <summary>Bytes of a picture.</summary>
    public static long ByteCount(this PixelFormat format, int width, int height) =>
        format.IsYuv() ? (long)width * height / 2 * 3 : (long)width * height * format.PixelBytes();

    /// <summary>The shape of a picture as a tensor of bytes: rows, columns and samples; or rows, half as many for the chroma, and columns.</summary>
    public static Shape ShapeOf(this PixelFormat format, int width, int height) =>
        format.IsYuv() ? new Shape(height / 2 * 3, width) : new Shape(height, width, format.PixelBytes());
}
