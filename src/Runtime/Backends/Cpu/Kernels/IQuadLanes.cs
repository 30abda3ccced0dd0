using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Sums of products of U8 by I8 numbers, in exact 32-bit integers, on vectors of one width. A lane takes four neighbours at a time: sum + a0·b0 + a1·b1 + a2·b2 + a3·b3.
/// </summary>
/// <typeparam name="V">The vector of sums.</typeparam>
internal unsafe interface IQuadLanes<V> where V : unmanaged
{
    /// <summary>Sums in a vector.</summary>
    static abstract int Count { get; }

    /// <summary>What is taken away from a before it is multiplied: 128 where the instruction multiplies signed numbers only.</summary>
    static abstract int Offset { get; }

    /// <summary>True when sums are exact within <see cref="PairBound"/> only.</summary>
    static abstract bool NeedsBound { get; }

    /// <summary>Four weights, or numbers, for each sum.</summary>
    static abstract V Load(sbyte* quads);

    /// <summary>Four U8 numbers in all lanes.</summary>
    static abstract V All(byte* quad);

    /// <summary>sum + a0·b0 + a1·b1 + a2·b2 + a3·b3 in each lane.</summary>
    static abstract V MultiplyAdd(V a, V b, V sum);

    /// <summary>As if for a and b and then for c and d; only for <see cref="QuadPairPanels{L, V}"/>.</summary>
    static abstract V MultiplyAdd(V a, V b, V c, V d, V sum);

    /// <summary>As if for a and b and then for c and d, and with the two 16-bit numbers of <paramref name="shift"/> added in each lane; only for <see cref="QuadPairPanels{L, V}"/>.</summary>
    static abstract V MultiplyAdd(V a, V b, V c, V d, V shift, V sum);

    static abstract void Store(V sums, int* target);
}

/// <summary>16 sums: AVX-512. Exact within <see cref="PairBound"/>: the first instruction adds two products in 16 bits.</summary>
internal readonly unsafe struct QuadLanes512 : IQuadLanes<Vector512<int>>
{
    public static int Count => 16;

    public static int Offset => 0;

    public static bool NeedsBound => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(sbyte* quads) => Vector512.Load((int*)quads);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> All(byte* quad) => Vector512.Create(*(int*)quad);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(Vector512<int> a, Vector512<int> b, Vector512<int> sum) =>
        sum + Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(a.AsByte(), b.AsSByte()), Vector512<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d, Vector512<int> sum) =>
        sum + Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(a.AsByte(), b.AsSByte()) + Avx512BW.MultiplyAddAdjacent(c.AsByte(), d.AsSByte()), Vector512<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d, Vector512<int> shift, Vector512<int> sum) =>
        sum + Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(a.AsByte(), b.AsSByte()) + Avx512BW.MultiplyAddAdjacent(c.AsByte(), d.AsSByte()) + shift.AsInt16(), Vector512<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<int> sums, int* target) => sums.Store(target);
}

/// <summary>8 sums: AVX2. Exact within <see cref="PairBound"/>.</summary>
internal readonly unsafe struct QuadLanes256 : IQuadLanes<Vector256<int>>
{
    public static int Count => 8;

    public static int Offset => 0;

    public static bool NeedsBound => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(sbyte* quads) => Vector256.Load((int*)quads);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> All(byte* quad) => Vector256.Create(*(int*)quad);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> a, Vector256<int> b, Vector256<int> sum) =>
        sum + Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(a.AsByte(), b.AsSByte()), Vector256<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d, Vector256<int> sum) =>
        sum + Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(a.AsByte(), b.AsSByte()) + Avx2.MultiplyAddAdjacent(c.AsByte(), d.AsSByte()), Vector256<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d, Vector256<int> shift, Vector256<int> sum) =>
        sum + Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(a.AsByte(), b.AsSByte()) + Avx2.MultiplyAddAdjacent(c.AsByte(), d.AsSByte()) + shift.AsInt16(), Vector256<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> sums, int* target) => sums.Store(target);
}

/// <summary>8 sums: AVX-VNNI, which adds in 32 bits and is exact for all weights.</summary>
internal readonly unsafe struct QuadLanesVnni : IQuadLanes<Vector256<int>>
{
    public static int Count => 8;

    public static int Offset => 0;

    public static bool NeedsBound => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(sbyte* quads) => Vector256.Load((int*)quads);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> All(byte* quad) => Vector256.Create(*(int*)quad);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> a, Vector256<int> b, Vector256<int> sum) => AvxVnni.MultiplyWideningAndAdd(sum, a.AsByte(), b.AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d, Vector256<int> sum) =>
        MultiplyAdd(c, d, MultiplyAdd(a, b, sum));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d, Vector256<int> shift, Vector256<int> sum) =>
        MultiplyAdd(c, d, MultiplyAdd(a, b, sum)) + Vector256.ShiftRightArithmetic(shift << 16, 16) + Vector256.ShiftRightArithmetic(shift, 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> sums, int* target) => sums.Store(target);
}

/// <summary>4 sums: SSSE3. Exact within <see cref="PairBound"/>.</summary>
internal readonly unsafe struct QuadLanes128 : IQuadLanes<Vector128<int>>
{
    public static int Count => 4;

    public static int Offset => 0;

    public static bool NeedsBound => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(sbyte* quads) => Vector128.Load((int*)quads);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> All(byte* quad) => Vector128.Create(*(int*)quad);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> a, Vector128<int> b, Vector128<int> sum) =>
        sum + Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(a.AsByte(), b.AsSByte()), Vector128<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d, Vector128<int> sum) =>
        sum + Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(a.AsByte(), b.AsSByte()) + Ssse3.MultiplyAddAdjacent(c.AsByte(), d.AsSByte()), Vector128<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d, Vector128<int> shift, Vector128<int> sum) =>
        sum + Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(a.AsByte(), b.AsSByte()) + Ssse3.MultiplyAddAdjacent(c.AsByte(), d.AsSByte()) + shift.AsInt16(), Vector128<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> sums, int* target) => sums.Store(target);
}

/// <summary>4 sums: Arm's dot products, exact for all weights. They are of signed numbers, which a is once 128 is taken away.</summary>
internal readonly unsafe struct QuadLanesDot : IQuadLanes<Vector128<int>>
{
    public static int Count => 4;

    public static int Offset => 128;

    public static bool NeedsBound => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(sbyte* quads) => Vector128.Load((int*)quads);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> All(byte* quad) => Vector128.Create(*(int*)quad ^ unchecked((int)0x80808080));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> a, Vector128<int> b, Vector128<int> sum) => Dp.DotProduct(sum, a.AsSByte(), b.AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d, Vector128<int> sum) =>
        MultiplyAdd(c, d, MultiplyAdd(a, b, sum));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d, Vector128<int> shift, Vector128<int> sum) =>
        MultiplyAdd(c, d, MultiplyAdd(a, b, sum)) + Vector128.ShiftRightArithmetic(shift << 16, 16) + Vector128.ShiftRightArithmetic(shift, 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> sums, int* target) => sums.Store(target);
}

/// <summary>One sum: processors without vectors.</summary>
internal readonly unsafe struct QuadLanes1 : IQuadLanes<int>
{
    public static int Count => 1;

    public static int Offset => 0;

    public static bool NeedsBound => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Load(sbyte* quads) => *(int*)quads;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int All(byte* quad) => *(int*)quad;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MultiplyAdd(int a, int b, int sum) =>
        unchecked(sum + (byte)a * (sbyte)b + (byte)(a >> 8) * (sbyte)(b >> 8) + (byte)(a >> 16) * (sbyte)(b >> 16) + (byte)(a >> 24) * (b >> 24));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MultiplyAdd(int a, int b, int c, int d, int sum) =>
        MultiplyAdd(c, d, MultiplyAdd(a, b, sum));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MultiplyAdd(int a, int b, int c, int d, int shift, int sum) =>
        unchecked(MultiplyAdd(c, d, MultiplyAdd(a, b, sum)) + (short)shift + (shift >> 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int sums, int* target) => *target = sums;
}
