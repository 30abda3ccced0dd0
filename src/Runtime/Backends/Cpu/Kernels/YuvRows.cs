using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Rows of luma and chroma as red, green, blue and nothing, four bytes a pixel, just as <see cref="YuvColour"/> has it.</summary>
internal static class YuvRows
{
    /// <summary>Converts neighbouring pixels of a row, as many as there is room for.</summary>
    /// <param name="picture">The picture, of luma and chroma.</param>
    /// <param name="y">The row.</param>
    /// <param name="first">The first pixel.</param>
    /// <param name="pixels">Where the pixels go.</param>
    public static void Convert(in PictureBytes picture, int y, int first, Span<uint> pixels)
    {
        ReadOnlySpan<byte> luma = picture.Luma(y), chroma = picture.Chroma(y, out ReadOnlySpan<byte> v);
        bool planes = picture.Format == PixelFormat.Yuv420p;
        int step = planes ? 1 : 2, i = 0;
        // Vectors begin at a pair of pixels.
        if (first % 2 == 1 && pixels.Length > 0) One(luma, chroma, v, step, first, pixels, i++);
        if (Vector256.IsHardwareAccelerated)
        {
            ref byte lumas = ref MemoryMarshal.GetReference(luma), us = ref MemoryMarshal.GetReference(chroma), vs = ref MemoryMarshal.GetReference(v);
            Vector256<int> half = Vector256.Create(128), twice = Vector256.Create(0, 0, 1, 1, 2, 2, 3, 3), even = Vector256.Create(0, 0, 2, 2, 4, 4, 6, 6), odd = Vector256.Create(1, 1, 3, 3, 5, 5, 7, 7);
            for (; i <= pixels.Length - 8; i += 8)
            {
                int x = first + i;
                Vector256<int> light = (Eight(ref lumas, x) - Vector256.Create(16)) * YuvColour.Luma + Vector256.Create(1 << (YuvColour.Shift - 1)), u, w;
                if (planes)
                {
                    u = Vector256.Shuffle(Four(ref us, x / 2), twice) - half;
                    w = Vector256.Shuffle(Four(ref vs, x / 2), twice) - half;
                }
                else
                {
                    Vector256<int> both = Eight(ref us, x);
                    u = Vector256.Shuffle(both, even) - half;
                    w = Vector256.Shuffle(both, odd) - half;
                }
                Vector256<int> red = Byte(light + w * YuvColour.RedOfV), green = Byte(light - u * YuvColour.GreenOfU - w * YuvColour.GreenOfV), blue = Byte(light + u * YuvColour.BlueOfU);
                (red | (green << 8) | (blue << 16)).AsUInt32().StoreUnsafe(ref MemoryMarshal.GetReference(pixels), (nuint)i);
            }
        }
        for (; i < pixels.Length; i++) One(luma, chroma, v, step, first + i, pixels, i);
    }

    private static void One(ReadOnlySpan<byte> luma, ReadOnlySpan<byte> u, ReadOnlySpan<byte> v, int step, int x, Span<uint> pixels, int i)
    {
        (byte red, byte green, byte blue) = YuvColour.ToRgb(luma[x], u[x / 2 * step], v[x / 2 * step]);
        pixels[i] = red | (uint)green << 8 | (uint)blue << 16;
    }

    private static Vector256<int> Eight(ref byte from, int at)
    {
        ulong bytes = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref from, at));
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(Vector128.WidenLower(Vector128.CreateScalar(bytes).AsByte()));
        return Vector256.Create(low, high).AsInt32();
    }

    private static Vector256<int> Four(ref byte from, int at)
    {
        uint bytes = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, at));
        return Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(bytes).AsByte())).AsInt32().ToVector256();
    }

    private static Vector256<int> Byte(Vector256<int> scaled) => Vector256.Min(Vector256.Max(scaled >> YuvColour.Shift, Vector256<int>.Zero), Vector256.Create(255));
}
