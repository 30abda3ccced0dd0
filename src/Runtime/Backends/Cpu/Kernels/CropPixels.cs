using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Pixels that are sampled between their centres: of a picture, or of the part of it that was converted.</summary>
/// <param name="bytes">The pixels, row by row.</param>
/// <param name="pixelBytes">Bytes of a pixel: three or four, of which the first three count.</param>
/// <param name="left">The picture's first column that is there.</param>
/// <param name="top">The picture's first row that is there.</param>
/// <param name="across">Columns that are there.</param>
/// <param name="width">Width of the picture.</param>
/// <param name="height">Height of the picture.</param>
/// <param name="repeats">Whether the world beyond the picture is like its edge; else it is black.</param>
internal readonly ref struct CropPixels(ReadOnlySpan<byte> bytes, int pixelBytes, int left, int top, int across, int width, int height, bool repeats)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private readonly int pixelBytes = pixelBytes, left = left, top = top, stride = across * pixelBytes, width = width, height = height;
    private readonly bool repeats = repeats;

    /// <summary>The mix of the four pixels around a point, whose first three elements are a pixel's samples; a pixel's centre is half a pixel from its edges.</summary>
    public Vector128<float> this[float x, float y]
    {
        get
        {
            if (!repeats && !(x >= 0 && x <= width && y >= 0 && y <= height)) return Vector128<float>.Zero;
            x = Math.Clamp(x - 0.5f, 0, width - 1);
            y = Math.Clamp(y - 0.5f, 0, height - 1);
            int column = (int)x, row = (int)y;
            int at = (row - top) * stride + (column - left) * pixelBytes, right = column + 1 < width ? pixelBytes : 0, below = row + 1 < height ? stride : 0;
            Vector128<float> along = Vector128.Create(x - column);
            Vector128<float> upper = Mix(at, at + right, along), lower = Mix(at + below, at + below + right, along);
            return upper + (lower - upper) * (y - row);
        }
    }

    private Vector128<float> Mix(int first, int second, Vector128<float> share)
    {
        Vector128<float> from = Pixel(first);
        return from + (Pixel(second) - from) * share;
    }

    private Vector128<float> Pixel(int at)
    {
        // Behind the last pixel of three bytes there is no fourth one to be read.
        uint pixel = at <= bytes.Length - sizeof(uint) ? MemoryMarshal.Read<uint>(bytes[at..]) : bytes[at] | (uint)bytes[at + 1] << 8 | (uint)bytes[at + 2] << 16;
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(pixel).AsByte())).AsInt32());
    }
}
