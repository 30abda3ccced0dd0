using EdgeRuntime.Backends.Cpu.Kernels;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>One picture: 8-bit RGB, or what its source gives instead when asked for it. The buffer is reused from frame to frame and only grows.</summary>
public sealed class Frame
{
    private byte[] pixels = [];

    /// <summary>Width in pixels.</summary>
    public int Width { get; private set; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; private set; }

    /// <summary>Number of the frame in its source, from 0, counting dropped ones too.</summary>
    public long Index { get; set; }

    /// <summary>When it was captured: for cameras the system's monotonic clock, for files the position in the file.</summary>
    public TimeSpan Time { get; set; }

    /// <summary>How the bytes lie: <see cref="PixelFormat.Rgb24"/> unless another format was asked for.</summary>
    public PixelFormat Format { get; private set; }

    /// <summary>The bytes as <see cref="Format"/> says: of RGB, red, green, blue of each pixel, row by row.</summary>
    public Span<byte> Pixels => pixels.AsSpan(0, (int)Format.ByteCount(Width, Height));

    /// <summary>Sets the size; the pixels are undefined afterwards. Allocates only when the frame grows.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="format">How the bytes lie.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is not within 1…32768 or does not suit the format, or there are more pixels than an array can hold.</exception>
    public void Resize(int width, int height, PixelFormat format = PixelFormat.Rgb24)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, 32768);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, 32768);
        if (format is < PixelFormat.Rgb24 or > PixelFormat.Yuv420p) throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such format.");
        if (!format.Holds(width, height)) throw new ArgumentOutOfRangeException(nameof(height), height, $"Pictures of the format {format} have even sides, not {width} x {height}.");
        long bytes = format.ByteCount(width, height);
        if (bytes > Array.MaxLength) throw new ArgumentOutOfRangeException(nameof(height), height, $"A frame of {width} x {height} pixels is too large.");
        if (pixels.Length < bytes) pixels = GC.AllocateUninitializedArray<byte>((int)bytes);
        Width = width;
        Height = height;
        Format = format;
    }

    /// <summary>Writes the same picture as 8-bit RGB into another frame, with index and time: what drawing and saving need.</summary>
    public void ToRgb(Frame target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (ReferenceEquals(this, target)) throw new ArgumentException("A frame cannot be converted into itself.", nameof(target));
        target.Resize(Width, Height);
        (target.Index, target.Time) = (Index, Time);
        var picture = new PictureBytes(Pixels, Format, Width, Height);
        for (int y = 0; y < Height; y++)
        {
            Span<byte> row = target.Pixels.Slice(3 * Width * y, 3 * Width);
            if (Format == PixelFormat.Rgb24) picture.Row(y, 0, Width).CopyTo(row);
            else if (Format.IsYuv()) Convert(picture, y, row);
            else
                for (int x = 0; x < Width; x++)
                {
                    (byte a, byte b, byte c) = picture[x, y];
                    (row[3 * x], row[3 * x + 1], row[3 * x + 2]) = Format == PixelFormat.Bgr24 ? (c, b, a) : (a, b, c);
                }
        }
    }

    private static void Convert(in PictureBytes picture, int y, Span<byte> row)
    {
        Span<uint> pixels = stackalloc uint[256];
        for (int first = 0; 3 * first < row.Length; first += pixels.Length)
        {
            Span<uint> some = pixels[..Math.Min(pixels.Length, row.Length / 3 - first)];
            YuvRows.Convert(picture, y, first, some);
            for (int i = 0; i < some.Length; i++)
                (row[3 * (first + i)], row[3 * (first + i) + 1], row[3 * (first + i) + 2]) = ((byte)some[i], (byte)(some[i] >> 8), (byte)(some[i] >> 16));
        }
    }
}
