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

    /// <summary>How the bytes lie.</summary>
    public PixelFormat Format => format;

    /// <summary>A pixel's samples as bytes, in the order of the format; luma and chroma become red, green, blue.</summary>
    public (byte, byte, byte) this[int x, int y]
    {
        get
        {
            if (format.IsYuv())
            {
                ReadOnlySpan<byte> u = Chroma(y, out ReadOnlySpan<byte> v);
                int pair = format == PixelFormat.Nv12 ? x / 2 * 2 : x / 2;
                return YuvColour.ToRgb(Luma(y)[x], u[pair], v[pair]);
            }
            int at = (y * width + x) * format.PixelBytes();
            return (bytes[at], bytes[at + 1], bytes[at + 2]);
        }
    }

    /// <summary>Neighbouring pixels of a row where they lie; of luma and chroma there is no such thing.</summary>
    public ReadOnlySpan<byte> Row(int y, int first, int count) => bytes.Slice((y * width + first) * format.PixelBytes(), count * format.PixelBytes());

    /// <summary>All of it.</summary>
    public ReadOnlySpan<byte> All => bytes;

    /// <summary>Where in all of it neighbouring pixels of a row begin; they are within it.</summary>
    public int PlaceOfRow(int y, int first, int count)
    {
        int place = (y * width + first) * format.PixelBytes();
        _ = bytes.Slice(place, count * format.PixelBytes());
        return place;
    }

    /// <summary>The luma of a row.</summary>
    public ReadOnlySpan<byte> Luma(int y) => bytes.Slice(y * width, width);

    /// <summary>The U of a row, and its V: each in a row of its own, or both in turn, so that U is every other byte of the first and V every other of the second.</summary>
    public ReadOnlySpan<byte> Chroma(int y, out ReadOnlySpan<byte> v)
    {
        int plane = width * height, half = width / 2;
        if (format == PixelFormat.Nv12)
        {
            ReadOnlySpan<byte> both = bytes.Slice(plane + y / 2 * width, width);
            v = both[1..];
            return both;
        }
        v = bytes.Slice(plane + (height / 2 + y / 2) * half, half);
        return bytes.Slice(plane + y / 2 * half, half);
    }
}
