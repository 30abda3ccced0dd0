using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>8-bit numbers less their zero point, as 16-bit ones: what products are made of.</summary>
internal static unsafe class ByteRows
{
    /// <summary>Writes <paramref name="count"/> numbers less <paramref name="zero"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Centre(byte* source, nint count, bool signed, short zero, short* target)
    {
        // Lanes: 16 numbers, widened. Tail: the last vector overlaps the one before it. Equals: target[i] = source[i] - zero.
        nint i = 0;
        if (Avx2.IsSupported && count >= 16)
        {
            Vector256<short> zeros = Vector256.Create(zero);
            for (; i < count; i += 16)
            {
                nint at = Math.Min(i, count - 16);
                Vector256<short> wide = signed ? Avx2.ConvertToVector256Int16((sbyte*)source + at) : Avx2.ConvertToVector256Int16(source + at);
                (wide - zeros).Store(target + at);
            }
            return;
        }
        if (Vector128.IsHardwareAccelerated && count >= 8)
        {
            Vector128<short> zeros = Vector128.Create(zero);
            for (; i < count; i += 8)
            {
                nint at = Math.Min(i, count - 8);
                Vector128<byte> bytes = Vector128.CreateScalarUnsafe(*(ulong*)(source + at)).AsByte();
                Vector128<short> wide = signed ? Vector128.WidenLower(bytes.AsSByte()) : Vector128.WidenLower(bytes).AsInt16();
                (wide - zeros).Store(target + at);
            }
            return;
        }
        for (; i < count; i++) target[i] = (short)((signed ? (sbyte)source[i] : source[i]) - zero);
    }

    /// <summary>The sum of 9-bit numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Sum(short* numbers, nint count)
    {
        int sum = 0;
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            Vector128<int> sums = default;
            for (; i + 8 <= count; i += 8)
            {
                (Vector128<int> lower, Vector128<int> upper) = Vector128.Widen(Vector128.Load(numbers + i));
                sums += lower + upper;
            }
            sum = Vector128.Sum(sums);
        }
        for (; i < count; i++) sum += numbers[i];
        return sum;
    }
}
