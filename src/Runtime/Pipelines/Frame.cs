namespace EdgeRuntime.Pipelines;

/// <summary>One picture: 8-bit RGB, interleaved, rows without gaps. The buffer is reused from frame to frame and only grows.</summary>
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

    /// <summary>Red, green, blue of each pixel, row by row: 3 · Width · Height bytes.</summary>
    public Span<byte> Pixels => pixels.AsSpan(0, 3 * Width * Height);

    /// <summary>Sets the size; the pixels are undefined afterwards. Allocates only when the frame grows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is not within 1…32768, or there are more pixels than an array can hold.</exception>
    public void Resize(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, 32768);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, 32768);
        long bytes = 3L * width * height;
        if (bytes > Array.MaxLength) throw new ArgumentOutOfRangeException(nameof(height), height, $"A frame of {width} x {height} pixels is too large.");
        if (pixels.Length < bytes) pixels = GC.AllocateUninitializedArray<byte>((int)bytes);
        Width = width;
        Height = height;
    }
}
