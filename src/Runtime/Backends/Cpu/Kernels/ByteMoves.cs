using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Moves of bytes to and from every other place.</summary>
internal static unsafe class ByteMoves
{
    /// <summary>target[i] = source[2 · i].</summary>
    public static void Every2nd(byte* source, byte* target, long count)
    {
        // Lanes: 32, 16 or 8 bytes as the lower halves of words; the last bytes go one by one, since nothing may follow the very last.
        long i = 0;
        if (BitConverter.IsLittleEndian)
        {
            if (Avx512BW.IsSupported)
                for (; i + 32 < count; i += 32) Avx512BW.ConvertToVector256Byte(Vector512.Load((ushort*)(source + 2 * i))).Store(target + i);
            if (Vector128.IsHardwareAccelerated)
                for (; i + 16 < count; i += 16)
                    Vector128.Narrow(Vector128.Load((ushort*)(source + 2 * i)) & Vector128.Create((ushort)255), Vector128.Load((ushort*)(source + 2 * i + 16)) & Vector128.Create((ushort)255)).Store(target + i);
        }
        for (; i < count; i++) target[i] = source[2 * i];
    }

    /// <summary>target[2 · i] = even[i], target[2 · i + 1] = odd[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave2(byte* even, byte* odd, byte* target, long count)
    {
        // Lanes: 16 bytes of each; the last vector overlaps the one before it. Equals the loop at the end.
        long i = 0;
        if (Vector128.IsHardwareAccelerated && count >= 16)
        {
            for (; i < count; i += 16)
            {
                long at = Math.Min(i, count - 16);
                Vector128<byte> a = Vector128.Load(even + at), b = Vector128.Load(odd + at);
                (Sse2.IsSupported ? Sse2.UnpackLow(a, b) : Interleaved(Vector128.WidenLower(a), Vector128.WidenLower(b))).Store(target + 2 * at);
                (Sse2.IsSupported ? Sse2.UnpackHigh(a, b) : Interleaved(Vector128.WidenUpper(a), Vector128.WidenUpper(b))).Store(target + 2 * at + 16);
            }
            return;
        }
        for (; i < count; i++)
        {
            target[2 * i] = even[i];
            target[2 * i + 1] = odd[i];
        }
    }

    /// <summary>even[i] = source[2 · i], odd[i] = source[2 · i + 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apart2(byte* source, byte* even, byte* odd, long count)
    {
        // Lanes: 16 bytes for each; the last vector overlaps the one before it. Equals the loop at the end.
        long i = 0;
        if (BitConverter.IsLittleEndian && Vector128.IsHardwareAccelerated && count >= 16)
        {
            Vector128<ushort> lower = Vector128.Create((ushort)255);
            for (; i < count; i += 16)
            {
                long at = Math.Min(i, count - 16);
                if (Avx512BW.VL.IsSupported)
                {
                    Vector256<ushort> pairs = Vector256.Load((ushort*)(source + 2 * at));
                    Avx512BW.VL.ConvertToVector128Byte(pairs).Store(even + at);
                    Avx512BW.VL.ConvertToVector128Byte(pairs >>> 8).Store(odd + at);
                    continue;
                }
                Vector128<ushort> a = Vector128.Load((ushort*)(source + 2 * at)), b = Vector128.Load((ushort*)(source + 2 * at + 16));
                Vector128.Narrow(a & lower, b & lower).Store(even + at);
                Vector128.Narrow(a >>> 8, b >>> 8).Store(odd + at);
            }
            return;
        }
        for (; i < count; i++)
        {
            even[i] = source[2 * i];
            odd[i] = source[2 * i + 1];
        }
    }

    /// <summary>The bytes of both in turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Interleaved(Vector128<ushort> even, Vector128<ushort> odd) => (BitConverter.IsLittleEndian ? even | odd << 8 : even << 8 | odd).AsByte();
}
