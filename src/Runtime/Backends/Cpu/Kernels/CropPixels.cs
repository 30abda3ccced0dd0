using System.Runtime.CompilerServices;
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
            Vector128<float> upper = Mix(Pixel(at), Pixel(at + right), along), lower = Mix(Pixel(at + below), Pixel(at + below + right), along);
            return Mix(upper, lower, Vector128.Create(y - row));
        }
    }

    /// <summary>True when all samples of a crop lie so far within the picture that <see cref="Inside"/> finds their pixels.</summary>
    public bool Holds(in CropPlace place) => place.Least is ( >= 2, >= 2) && place.Most.X <= width - 3 && place.Most.Y <= height - 3;

    /// <summary>The same as the indexer, for crops that <see cref="Holds"/> says yes to: without a look at edges, and both pixels of a row at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<float> Inside(float x, float y)
    {
        x -= 0.5f;
        y -= 0.5f;
        int column = (int)x, row = (int)y;
        Vector128<float> along = Vector128.Create(x - column);
        // One check for both rows, each of eight bytes: whatever a caller does, nothing else is read.
        ref byte at = ref MemoryMarshal.GetReference(bytes.Slice((row - top) * stride + (column - left) * pixelBytes, stride + sizeof(ulong)));
        return Mix(Row(ref at, along), Row(ref Unsafe.Add(ref at, stride), along), Vector128.Create(y - row));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<float> Row(ref byte at, Vector128<float> along)
    {
        Vector128<byte> both = Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(ref at)).AsByte();
        if (pixelBytes == 3) both = Vector128.Shuffle(both, Vector128.Create((byte)0, 1, 2, 15, 3, 4, 5, 15, 15, 15, 15, 15, 15, 15, 15, 15));
        (Vector128<uint> first, Vector128<uint> second) = Vector128.Widen(Vector128.WidenLower(both));
        return Mix(Vector128.ConvertToSingle(first.AsInt32()), Vector128.ConvertToSingle(second.AsInt32()), along);
    }

    private static Vector128<float> Mix(Vector128<float> from, Vector128<float> to, Vector128<float> share) => from + (to - from) * share;

    private Vector128<float> Pixel(int at)
    {
        // Behind the last pixel of three bytes there is no fourth one to be read.
        uint pixel = at <= bytes.Length - sizeof(uint) ? MemoryMarshal.Read<uint>(bytes[at..]) : bytes[at] | (uint)bytes[at + 1] << 8 | (uint)bytes[at + 2] << 16;
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(pixel).AsByte())).AsInt32());
    }
}
