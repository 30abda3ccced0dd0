using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Bytes of four rows in turn, as quads: what <see cref="IQuadLanes{V}"/> multiplies.</summary>
internal static unsafe class ByteQuads
{
    /// <summary>target[i] = the bytes a[i], b[i], c[i], d[i], with the bits of <paramref name="flip"/> turned over in each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join(byte* a, byte* b, byte* c, byte* d, byte flip, int* target, nint count)
    {
        // Lanes: 32, 16 or 8 numbers of each row; the last vector overlaps the one before it. Equals the loop at the end.
        nint i = 0;
        if (Avx2.IsSupported && count >= 32)
        {
            Vector256<byte> flips = Vector256.Create(flip);
            for (; i < count; i += 32)
            {
                nint at = Math.Min(i, count - 32);
                Vector256<byte> x = Vector256.Load(a + at) ^ flips, y = Vector256.Load(b + at) ^ flips, z = Vector256.Load(c + at) ^ flips, w = Vector256.Load(d + at) ^ flips;
                Vector256<ushort> lowXY = Avx2.UnpackLow(x, y).AsUInt16(), highXY = Avx2.UnpackHigh(x, y).AsUInt16(), lowZW = Avx2.UnpackLow(z, w).AsUInt16(), highZW = Avx2.UnpackHigh(z, w).AsUInt16();
                // Each holds four quads of the lower half and four of the upper one.
                Vector256<int> first = Avx2.UnpackLow(lowXY, lowZW).AsInt32(), second = Avx2.UnpackHigh(lowXY, lowZW).AsInt32(), third = Avx2.UnpackLow(highXY, highZW).AsInt32(), fourth = Avx2.UnpackHigh(highXY, highZW).AsInt32();
                Avx2.Permute2x128(first, second, 0x20).Store(target + at);
                Avx2.Permute2x128(third, fourth, 0x20).Store(target + at + 8);
                Avx2.Permute2x128(first, second, 0x31).Store(target + at + 16);
                Avx2.Permute2x128(third, fourth, 0x31).Store(target + at + 24);
            }
            return;
        }
        if (Vector128.IsHardwareAccelerated && count >= 16)
        {
            Vector128<byte> flips = Vector128.Create(flip);
            for (; i < count; i += 16)
            {
                nint at = Math.Min(i, count - 16);
                Vector128<byte> x = Vector128.Load(a + at) ^ flips, y = Vector128.Load(b + at) ^ flips, z = Vector128.Load(c + at) ^ flips, w = Vector128.Load(d + at) ^ flips;
                Vector128<ushort> lowXY = Lower(x, y), highXY = Upper(x, y), lowZW = Lower(z, w), highZW = Upper(z, w);
                Lower(lowXY, lowZW).Store(target + at);
                Upper(lowXY, lowZW).Store(target + at + 4);
                Lower(highXY, highZW).Store(target + at + 8);
                Upper(highXY, highZW).Store(target + at + 12);
            }
            return;
        }
        if (Vector128.IsHardwareAccelerated && count >= 8)
        {
            Vector128<byte> flips = Vector128.Create(flip);
            for (; i < count; i += 8)
            {
                nint at = Math.Min(i, count - 8);
                Vector128<ushort> xy = Lower(Half(a + at) ^ flips, Half(b + at) ^ flips), zw = Lower(Half(c + at) ^ flips, Half(d + at) ^ flips);
                Lower(xy, zw).Store(target + at);
                Upper(xy, zw).Store(target + at + 4);
            }
            return;
        }
        int four = flip * 0x01010101;
        for (; i < count; i++) target[i] = (a[i] | b[i] << 8 | c[i] << 16 | d[i] << 24) ^ four;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Half(byte* bytes) => Vector128.CreateScalarUnsafe(*(ulong*)bytes).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Lower(Vector128<byte> x, Vector128<byte> y) =>
        Sse2.IsSupported ? Sse2.UnpackLow(x, y).AsUInt16() : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(x, y).AsUInt16() : Vector128.WidenLower(x) | Vector128.WidenLower(y) << 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Upper(Vector128<byte> x, Vector128<byte> y) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(x, y).AsUInt16() : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(x, y).AsUInt16() : Vector128.WidenUpper(x) | Vector128.WidenUpper(y) << 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Lower(Vector128<ushort> x, Vector128<ushort> y) =>
        Sse2.IsSupported ? Sse2.UnpackLow(x, y).AsInt32() : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(x, y).AsInt32() : (Vector128.WidenLower(x) | Vector128.WidenLower(y) << 16).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Upper(Vector128<ushort> x, Vector128<ushort> y) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(x, y).AsInt32() : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(x, y).AsInt32() : (Vector128.WidenUpper(x) | Vector128.WidenUpper(y) << 16).AsInt32();
}
