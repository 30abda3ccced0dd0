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

    /// <summary>Copies bytes, of which there are few.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(byte* source, nint count, byte* target)
    {
        // The last vector, or number, overlaps the one before it.
        if (count >= 16)
        {
            nint last = count - 16;
            for (nint i = 0; i < last; i += 16) Vector128.Load(source + i).Store(target + i);
            Vector128.Load(source + last).Store(target + last);
        }
        else if (count >= 8)
        {
            ulong end = *(ulong*)(source + count - 8);
            *(ulong*)target = *(ulong*)source;
            *(ulong*)(target + count - 8) = end;
        }
        else
            for (nint i = 0; i < count; i++) target[i] = source[i];
    }

    /// <summary>Turns the highest bit of bytes over: I8 less its smallest number is U8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Flip(byte* bytes, nint count)
    {
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i + 16 <= count; i += 16) (Vector128.Load(bytes + i) ^ Vector128.Create((byte)128)).Store(bytes + i);
        }
        for (; i < count; i++) bytes[i] ^= 128;
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
