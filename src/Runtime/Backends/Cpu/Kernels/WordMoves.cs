using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Words of 32 bits put into another order, in vectors.</summary>
internal static unsafe class WordMoves
{
    private static Vector256<uint> SecondOf3 => Vector256.Create(0u, uint.MaxValue, 0, 0, uint.MaxValue, 0, 0, uint.MaxValue);

    private static Vector256<uint> ThirdOf3 => Vector256.Create(0u, 0, uint.MaxValue, 0, 0, uint.MaxValue, 0, 0);

    /// <summary>target[i] = source[2i]; nothing is read after the last of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Every2nd(uint* source, uint* target, long count)
    {
        long i = 0;
        // One more than is written must be there, since vectors end with one that is left out.
        for (; i + 4 < count && Vector128.IsHardwareAccelerated; i += 4)
            Even(Vector128.Load(source + 2 * i), Vector128.Load(source + 2 * i + 4)).Store(target + i);
        for (; i < count; i++) target[i] = source[2 * i];
    }

    /// <summary>target[2i] = even[i], target[2i + 1] = odd[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Interleave2(uint* even, uint* odd, uint* target, long count)
    {
        long i = 0;
        for (; i + 8 <= count && Avx2.IsSupported; i += 8)
        {
            Vector256<uint> a = Vector256.Load(even + i), b = Vector256.Load(odd + i), low = Avx2.UnpackLow(a, b), high = Avx2.UnpackHigh(a, b);
            Avx2.Permute2x128(low, high, 0x20).Store(target + 2 * i);
            Avx2.Permute2x128(low, high, 0x31).Store(target + 2 * i + 8);
        }
        for (; i + 4 <= count && Vector128.IsHardwareAccelerated; i += 4)
        {
            Vector128<uint> a = Vector128.Load(even + i), b = Vector128.Load(odd + i);
            ZipLow(a, b).Store(target + 2 * i);
            ZipHigh(a, b).Store(target + 2 * i + 4);
        }
        for (; i < count; i++)
        {
            target[2 * i] = even[i];
            target[2 * i + 1] = odd[i];
        }
    }

    /// <summary>even[i] = source[2i], odd[i] = source[2i + 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apart2(uint* source, uint* even, uint* odd, long count)
    {
        long i = 0;
        for (; i + 8 <= count && Avx2.IsSupported; i += 8)
        {
            Vector256<float> a = Vector256.Load((float*)source + 2 * i), b = Vector256.Load((float*)source + 2 * i + 8);
            Avx2.Permute4x64(Avx.Shuffle(a, b, 0x88).AsUInt64(), 0xD8).AsUInt32().Store(even + i);
            Avx2.Permute4x64(Avx.Shuffle(a, b, 0xDD).AsUInt64(), 0xD8).AsUInt32().Store(odd + i);
        }
        for (; i + 4 <= count && Vector128.IsHardwareAccelerated; i += 4)
        {
            Vector128<uint> a = Vector128.Load(source + 2 * i), b = Vector128.Load(source + 2 * i + 4);
            Even(a, b).Store(even + i);
            Odd(a, b).Store(odd + i);
        }
        for (; i < count; i++)
        {
            even[i] = source[2 * i];
            odd[i] = source[2 * i + 1];
        }
    }

    /// <summary>target[3i] = a[i], target[3i + 1] = b[i], target[3i + 2] = c[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Interleave3(uint* a, uint* b, uint* c, uint* target, long count)
    {
        long i = 0;
        for (; i + 8 <= count && Avx2.IsSupported; i += 8)
        {
            Vector256<uint> x = Vector256.Load(a + i), y = Vector256.Load(b + i), z = Vector256.Load(c + i);
            // In which order each of the three results takes its words of x; those of y and z are taken likewise, one place on.
            Join(Vector256.Shuffle(x, Vector256.Create(0u, 0, 0, 1, 0, 0, 2, 0)), Vector256.Shuffle(y, Vector256.Create(0u, 0, 0, 0, 1, 0, 0, 2)),
                Vector256.Shuffle(z, Vector256.Create(0u, 0, 0, 0, 0, 1, 0, 0))).Store(target + 3 * i);
            Join(Vector256.Shuffle(z, Vector256.Create(2u, 0, 0, 3, 0, 0, 4, 0)), Vector256.Shuffle(x, Vector256.Create(0u, 3, 0, 0, 4, 0, 0, 5)),
                Vector256.Shuffle(y, Vector256.Create(0u, 0, 3, 0, 0, 4, 0, 0))).Store(target + 3 * i + 8);
            Join(Vector256.Shuffle(y, Vector256.Create(5u, 0, 0, 6, 0, 0, 7, 0)), Vector256.Shuffle(z, Vector256.Create(0u, 5, 0, 0, 6, 0, 0, 7)),
                Vector256.Shuffle(x, Vector256.Create(0u, 0, 6, 0, 0, 7, 0, 0))).Store(target + 3 * i + 16);
        }
        for (target += 3 * i; i < count; i++, target += 3)
        {
            target[0] = a[i];
            target[1] = b[i];
            target[2] = c[i];
        }
    }

    /// <summary>target[column + row · targetStep] = source[row + column · sourceStep] for four rows and columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose4(uint* source, nint sourceStep, uint* target, nint targetStep)
    {
        Vector128<uint> a = Vector128.Load(source), b = Vector128.Load(source + sourceStep), c = Vector128.Load(source + 2 * sourceStep), d = Vector128.Load(source + 3 * sourceStep);
        Vector128<uint> lowAb = ZipLow(a, b), highAb = ZipHigh(a, b), lowCd = ZipLow(c, d), highCd = ZipHigh(c, d);
        PairLow(lowAb, lowCd).Store(target);
        PairHigh(lowAb, lowCd).Store(target + targetStep);
        PairLow(highAb, highCd).Store(target + 2 * targetStep);
        PairHigh(highAb, highCd).Store(target + 3 * targetStep);
    }

    /// <summary>The first word of each three of a, the second of b, the third of c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Join(Vector256<uint> a, Vector256<uint> b, Vector256<uint> c) =>
        Vector256.ConditionalSelect(ThirdOf3, c, Vector256.ConditionalSelect(SecondOf3, b, a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Even(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse.IsSupported) return Sse.Shuffle(a.AsSingle(), b.AsSingle(), 0x88).AsUInt32();
        if (AdvSimd.Arm64.IsSupported) return AdvSimd.Arm64.UnzipEven(a, b);
        return Vector128.Create(a[0], a[2], b[0], b[2]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Odd(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse.IsSupported) return Sse.Shuffle(a.AsSingle(), b.AsSingle(), 0xDD).AsUInt32();
        if (AdvSimd.Arm64.IsSupported) return AdvSimd.Arm64.UnzipOdd(a, b);
        return Vector128.Create(a[1], a[3], b[1], b[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> ZipLow(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse2.IsSupported) return Sse2.UnpackLow(a, b);
        if (AdvSimd.Arm64.IsSupported) return AdvSimd.Arm64.ZipLow(a, b);
        return Vector128.Create(a[0], b[0], a[1], b[1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> ZipHigh(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse2.IsSupported) return Sse2.UnpackHigh(a, b);
        if (AdvSimd.Arm64.IsSupported) return AdvSimd.Arm64.ZipHigh(a, b);
        return Vector128.Create(a[2], b[2], a[3], b[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> PairLow(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse2.IsSupported) return Sse2.UnpackLow(a.AsUInt64(), b.AsUInt64()).AsUInt32();
        if (AdvSimd.Arm64.IsSupported) return AdvSimd.Arm64.ZipLow(a.AsUInt64(), b.AsUInt64()).AsUInt32();
        return Vector128.Create(a[0], a[1], b[0], b[1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> PairHigh(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse2.IsSupported) return Sse2.UnpackHigh(a.AsUInt64(), b.AsUInt64()).AsUInt32();
        if (AdvSimd.Arm64.IsSupported) return AdvSimd.Arm64.ZipHigh(a.AsUInt64(), b.AsUInt64()).AsUInt32();
        return Vector128.Create(a[2], a[3], b[2], b[3]);
    }
}
