using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The bytes of a picture with what is needed to find a pixel in them.</summary>
/// <param name="bytes">The picture.</param>
/// <param name="format">How it lies.</param>
/// <param name="width">Width in pixels.</param>
/// <param name="height">Height in pixels.</param>
internal readonly ref struct PictureBytes(ReadOnlySpan<byte> bytes, PixelFormat format, int width, int height)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>A pixel's samples as bytes, in the order of the format; luma and chroma become red, green, blue.</summary>
    public (byte, byte, byte) this[int x, int y]
    {
        get
        {
            if (!format.IsYuv())
            {
                int at = (y * width + x) * format.PixelBytes();
                return (bytes[at], bytes[at + 1], bytes[at + 2]);
            }
            Span<byte> rgb = stackalloc byte[3];
            Row(y, x, rgb);
            return (rgb[0], rgb[1], rgb[2]);
        }
    }

    /// <summary>Neighbouring pixels of a row where they lie; of luma and chroma there is no such thing.</summary>
    public ReadOnlySpan<byte> Row(int y, int first, int count) => bytes.Slice((y * width + first) * format.PixelBytes(), count * format.PixelBytes());

    /// <summary>Neighbouring pixels of a row of luma and chroma as red, green, blue.</summary>
    public void Row(int y, int first, Span<byte> rgb)
    {
        ReadOnlySpan<byte> luma = bytes.Slice(y * width, width);
        int chroma = width * height, half = width / 2;
        if (format == PixelFormat.Nv12)
        {
            ReadOnlySpan<byte> both = bytes.Slice(chroma + y / 2 * width, width);
            YuvColour.Row(luma, both, both[1..], 2, first, rgb);
        }
        else
        {
            YuvColour.Row(luma, bytes.Slice(chroma + y / 2 * half, half), bytes.Slice(chroma + (height / 2 + y / 2) * half, half), 1, first, rgb);
        }
    }
}
