using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Reals to 8-bit numbers and back, with one scale.</summary>
internal static unsafe class ByteQuantizer
{
    /// <summary>Quantizes all of x; y is at least as long.</summary>
    public static void Quantize(ReadOnlySpan<float> x, Span<byte> y, in QuantizedResult result)
    {
        (int low, int high) = Requantize.Range(result.Type);
        fixed (float* from = x)
        fixed (byte* to = y[..x.Length]) Quantize(from, to, x.Length, result.Scale, result.ZeroPoint, low, high);
    }

    /// <summary>y = <see cref="Requantize.Quantize"/> of x, for numbers from <paramref name="low"/> to <paramref name="high"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(float* x, byte* y, nint count, float scale, int zero, int low, int high)
    {
        // Lanes: 16 numbers. Equals: y[i] = Requantize.Quantize(x[i], ...): clamped before it is rounded, which is the same; NaN is zero before the zero point is added.
        nint i = 0;
        if (Avx512BW.IsSupported && count >= 64 && Math.Abs(scale) is > 1e-20f and < 1e20f)
        {
            // Lanes: 64 numbers; the last vectors overlap those before them. Quotients by one over the scale, each improved by what is left of x: the divider takes twice as long.
            Vector512<float> least = Vector512.Create((low - zero - 1) * scale), most = Vector512.Create((high - zero + 1) * scale), inverse = Vector512.Create(1 / scale), divisor = Vector512.Create(-scale);
            if (scale < 0) (least, most) = (most, least);
            var packing = new SumsPacking(high > 127 ? Tensors.DataType.U8 : Tensors.DataType.I8, zero, low);
            for (; i < count; i += 64)
            {
                nint at = Math.Min(i, count - 64);
                packing.Packed(Quotients(x + at, least, most, inverse, divisor), Quotients(x + at + 16, least, most, inverse, divisor), Quotients(x + at + 32, least, most, inverse, divisor), Quotients(x + at + 48, least, most, inverse, divisor)).Store(y + at);
            }
            return;
        }
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i + 16 <= count; i += 16)
            {
                Vector256<int> left = Rounded(Vector256.Load(x + i), scale, zero, low, high), right = Rounded(Vector256.Load(x + i + 8), scale, zero, low, high);
                Vector128.Narrow(Vector128.Narrow(left.GetLower(), left.GetUpper()), Vector128.Narrow(right.GetLower(), right.GetUpper())).AsByte().Store(y + i);
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            for (; i + 16 <= count; i += 16)
            {
                Vector128<short> left = Vector128.Narrow(Rounded(Vector128.Load(x + i), scale, zero, low, high), Rounded(Vector128.Load(x + i + 4), scale, zero, low, high));
                Vector128<short> right = Vector128.Narrow(Rounded(Vector128.Load(x + i + 8), scale, zero, low, high), Rounded(Vector128.Load(x + i + 12), scale, zero, low, high));
                Vector128.Narrow(left, right).AsByte().Store(y + i);
            }
        }
        for (; i < count; i++) y[i] = unchecked((byte)Requantize.Quantize(x[i], scale, zero, low, high));
    }

    /// <summary>y = (x - zero) · scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dequantize(byte* x, float* y, nint count, bool signed, float scale, int zero)
    {
        // Lanes: 8 numbers. Equals: y[i] = (x[i] - zero) * scale.
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            Vector128<float> factor = Vector128.Create(scale);
            Vector128<int> zeros = Vector128.Create(zero);
            for (; i + 8 <= count; i += 8)
            {
                Vector128<byte> bytes = Vector128.CreateScalarUnsafe(*(ulong*)(x + i)).AsByte();
                Vector128<short> wide = signed ? Vector128.WidenLower(bytes.AsSByte()) : Vector128.WidenLower(bytes).AsInt16();
                (Vector128.ConvertToSingle(Vector128.WidenLower(wide) - zeros) * factor).Store(y + i);
                (Vector128.ConvertToSingle(Vector128.WidenUpper(wide) - zeros) * factor).Store(y + i + 4);
            }
        }
        for (; i < count; i++) y[i] = ((signed ? (sbyte)x[i] : x[i]) - zero) * scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Quotients(float* x, Vector512<float> least, Vector512<float> most, Vector512<float> inverse, Vector512<float> divisor)
    {
        Vector512<float> real = Vector512.Load(x);
        real = Vector512.ConditionalSelect(Vector512.Equals(real, real), real, default);
        real = Vector512.MinNative(Vector512.MaxNative(real, least), most);
        // After the first step the quotient is off by less than a unit in its last place, so that what is left is exact, and after the second it is rounded correctly (Markstein).
        Vector512<float> quotient = real * inverse;
        quotient = Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(divisor, quotient, real), inverse, quotient);
        quotient = Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(divisor, quotient, real), inverse, quotient);
        return Avx512F.ConvertToVector512Int32(quotient);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Rounded(Vector256<float> x, float scale, int zero, int low, int high)
    {
        Vector256<float> real = x / Vector256.Create(scale);
        real = Vector256.ConditionalSelect(Vector256.Equals(real, real), real, default);
        real = Vector256.MinNative(Vector256.MaxNative(real, Vector256.Create((float)(low - zero))), Vector256.Create((float)(high - zero)));
        return (Avx.IsSupported ? Avx.ConvertToVector256Int32(real) : Vector256.ConvertToInt32Native(Vector256.Round(real))) + Vector256.Create(zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Rounded(Vector128<float> x, float scale, int zero, int low, int high)
    {
        Vector128<float> real = x / Vector128.Create(scale);
        real = Vector128.ConditionalSelect(Vector128.Equals(real, real), real, default);
        real = Vector128.MinNative(Vector128.MaxNative(real, Vector128.Create((float)(low - zero))), Vector128.Create((float)(high - zero)));
        return Vector128.ConvertToInt32Native(Vector128.Round(real)) + Vector128.Create(zero);
    }
}
