using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Sums of products of 16-bit integers, in exact 32-bit integers, on vectors of one width. Products are made in pairs of neighbours, as processors do: a lane holds a0·b0 + a1·b1, which cannot overflow where
/// the operands are 9-bit.
/// </summary>
/// <typeparam name="V">The vector of sums.</typeparam>
internal unsafe interface IShortLanes<V> where V : unmanaged
{
    /// <summary>Sums in a vector.</summary>
    static abstract int Count { get; }

    /// <summary>Pairs of bytes, as many as there are sums, widened.</summary>
    static abstract V Load(sbyte* pairs);

    /// <summary>One pair of 16-bit numbers in all lanes.</summary>
    static abstract V All(short* pair);

    /// <summary>Pairs, or sums, as they lie in memory.</summary>
    static abstract V Load(int* from);

    /// <summary>Pairs of a byte of the one and a byte of the other, for as many as there are sums, widened without a sign once the bits of <paramref name="flip"/> are turned over in each pair.</summary>
    static abstract V Pairs(byte* first, byte* second, int flip);

    /// <summary>sum + a0·b0 + a1·b1 in each lane.</summary>
    static abstract V MultiplyAdd(V a, V b, V sum);

    static abstract void Store(V sums, int* target);
}

/// <summary>16 sums: AVX-512.</summary>
internal readonly unsafe struct ShortLanes512 : IShortLanes<Vector512<int>>
{
    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(sbyte* pairs) => Avx512BW.ConvertToVector512Int16(Vector256.Load(pairs)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> All(short* pair) => Vector512.Create(*(int*)pair);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(int* from) => Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Pairs(byte* first, byte* second, int flip) => (Avx512F.ConvertToVector512Int32(Vector128.Load(first)) | (Avx512F.ConvertToVector512Int32(Vector128.Load(second)) << 16)) ^ Vector512.Create(flip);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(Vector512<int> a, Vector512<int> b, Vector512<int> sum) => sum + Avx512BW.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<int> sums, int* target) => sums.Store(target);
}

/// <summary>8 sums: AVX2.</summary>
internal readonly unsafe struct ShortLanes256 : IShortLanes<Vector256<int>>
{
    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(sbyte* pairs) => Avx2.ConvertToVector256Int16(pairs).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> All(short* pair) => Vector256.Create(*(int*)pair);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(int* from) => Vector256.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Pairs(byte* first, byte* second, int flip) => (Avx2.ConvertToVector256Int32(first) | (Avx2.ConvertToVector256Int32(second) << 16)) ^ Vector256.Create(flip);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> a, Vector256<int> b, Vector256<int> sum) =>
        AvxVnni.IsSupported ? AvxVnni.MultiplyWideningAndAdd(sum, a.AsInt16(), b.AsInt16()) : sum + Avx2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> sums, int* target) => sums.Store(target);
}

/// <summary>4 sums: SSE, NEON.</summary>
internal readonly unsafe struct ShortLanes128 : IShortLanes<Vector128<int>>
{
    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(sbyte* pairs) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)pairs).AsSByte()).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> All(short* pair) => Vector128.Create(*(int*)pair);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(int* from) => Vector128.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Pairs(byte* first, byte* second, int flip) => (Widened(first) | (Widened(second) << 16)) ^ Vector128.Create(flip);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widened(byte* bytes) => Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(int*)bytes).AsByte())).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> a, Vector128<int> b, Vector128<int> sum)
    {
        Vector128<short> x = a.AsInt16(), y = b.AsInt16();
        if (Sse2.IsSupported) return sum + Sse2.MultiplyAddAdjacent(x, y);
        if (AdvSimd.Arm64.IsSupported)
            return sum + AdvSimd.Arm64.AddPairwise(AdvSimd.MultiplyWideningLower(x.GetLower(), y.GetLower()), AdvSimd.MultiplyWideningUpper(x, y));
        // The halves of each lane, sign-extended.
        return sum + Vector128.ShiftRightArithmetic(a << 16, 16) * Vector128.ShiftRightArithmetic(b << 16, 16) + Vector128.ShiftRightArithmetic(a, 16) * Vector128.ShiftRightArithmetic(b, 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> sums, int* target) => sums.Store(target);
}

/// <summary>One sum: processors without vectors.</summary>
internal readonly unsafe struct ShortLanes1 : IShortLanes<int>
{
    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Load(sbyte* pairs) => (pairs[0] & 0xFFFF) | (pairs[1] << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int All(short* pair) => *(int*)pair;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Load(int* from) => *from;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Pairs(byte* first, byte* second, int flip) => (*first | (*second << 16)) ^ flip;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MultiplyAdd(int a, int b, int sum) => unchecked(sum + (short)a * (short)b + (a >> 16) * (b >> 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int sums, int* target) => *target = sums;
}
