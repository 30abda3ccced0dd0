using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EdgeRuntime.Backends.Cpu.Kernels;
using EdgeRuntime.Backends.Cpu.MachineCode;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>A loop of multiply-adds in registers.</summary>
/// <param name="Name">What it is made of, such as 12 sums of 16 floats.</param>
/// <param name="OperationsPerRound">Operations in a round; a multiply-add counts two.</param>
/// <param name="Run">Runs some rounds and returns how many multiply-adds were counted by the sums themselves.</param>
internal sealed record PeakLoop(string Name, int OperationsPerRound, Func<int, long> Run);

/// <summary>
/// The loops that peaks are measured with. They are written on the vectors that kernels are written on, so what they reach is what kernels could. Every factor is 1, so each sum counts its own multiply-adds.
/// </summary>
internal static class PeakLoops
{
    /// <summary>Elements that <see cref="Read"/> takes at a time.</summary>
    public const int LongsPerRound = 64;

    /// <summary>Independent sums: enough to hide how long a multiply-add takes, few enough for 16 registers.</summary>
    private const int FloatSums = 12, IntegerSums = 8;

    /// <summary>Multiply-adds of floats, in every width that this processor has.</summary>
    public static IEnumerable<PeakLoop> Floats()
    {
        foreach (int lanes in LanesChoice.Supported)
        {
            yield return lanes switch
            {
                16 => Loop<Lanes512, Vector512<float>>(16, Vector512<float>.One),
                8 => Loop<Lanes256, Vector256<float>>(8, Vector256<float>.One),
                4 => Loop<Lanes128, Vector128<float>>(4, Vector128<float>.One),
                _ => Loop<Lanes1, float>(1, 1),
            };
        }
        static PeakLoop Loop<L, V>(int lanes, V one) where L : struct, ILanes<V> where V : unmanaged =>
            new($"{FloatSums} sums of {lanes} floats", 2 * FloatSums * lanes, rounds => MultiplyAdd<L, V>(one, rounds));
    }

    /// <summary>Exact multiply-adds of bytes, by every kind of instruction that kernels use on this processor.</summary>
    public static IEnumerable<PeakLoop> Integers()
    {
        foreach (ProductPath path in ProductPaths.Supported)
        {
            PeakLoop? loop = path switch
            {
                ProductPath.QuadsVnni512 => new PeakLoop($"{VnniTile.Rows * 2} sums of {VnniTile.Lanes}", 2 * VnniTile.Rows * VnniTile.Width * 4, VnniTile.Count),
                ProductPath.Quads512 => Quads<QuadLanes512, Vector512<int>>(),
                ProductPath.QuadsVnni => Quads<QuadLanesVnni, Vector256<int>>(),
                ProductPath.Quads256 => Quads<QuadLanes256, Vector256<int>>(),
                ProductPath.QuadsDot => Quads<QuadLanesDot, Vector128<int>>(),
                ProductPath.Quads128 => Quads<QuadLanes128, Vector128<int>>(),
                ProductPath.Quads1 => Quads<QuadLanes1, int>(),
                ProductPath.Shorts512 => Shorts<ShortLanes512, Vector512<int>>(),
                ProductPath.Shorts256 => Shorts<ShortLanes256, Vector256<int>>(),
                ProductPath.Shorts128 => Shorts<ShortLanes128, Vector128<int>>(),
                ProductPath.Shorts1 => Shorts<ShortLanes1, int>(),
                _ => null,
            };
            if (loop is not null) yield return loop with { Name = $"{path}: {loop.Name}" };
        }
        static PeakLoop Quads<L, V>() where L : struct, IQuadLanes<V> where V : unmanaged =>
            new($"{IntegerSums} sums of {L.Count}", 2 * IntegerSums * 4 * L.Count, rounds => MultiplyAddQuads<L, V>(rounds));

        static PeakLoop Shorts<L, V>() where L : struct, IShortLanes<V> where V : unmanaged =>
            new($"{IntegerSums} sums of {L.Count}", 2 * IntegerSums * 2 * L.Count, rounds => MultiplyAddPairs<L, V>(rounds));
    }

    /// <summary>Reads everything once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long Read(ReadOnlySpan<long> block)
    {
        // Lanes: any vectors that there are; bytes are read as fast as by any other. Tail: none, blocks are whole rounds. Equals: the sum of all elements, wrapped.
        ReadOnlySpan<Vector<long>> vectors = MemoryMarshal.Cast<long, Vector<long>>(block);
        Vector<long> s0 = default, s1 = default, s2 = default, s3 = default;
        for (int i = 0; i + 3 < vectors.Length; i += 4)
        {
            s0 += vectors[i];
            s1 += vectors[i + 1];
            s2 += vectors[i + 2];
            s3 += vectors[i + 3];
        }
        return Vector.Sum(s0 + s1 + s2 + s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long MultiplyAdd<L, V>(V one, int rounds) where L : struct, ILanes<V> where V : unmanaged
    {
        V s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default, s8 = default, s9 = default, s10 = default, s11 = default;
        for (int i = 0; i < rounds; i++)
        {
            s0 = L.MultiplyAdd(one, one, s0);
            s1 = L.MultiplyAdd(one, one, s1);
            s2 = L.MultiplyAdd(one, one, s2);
            s3 = L.MultiplyAdd(one, one, s3);
            s4 = L.MultiplyAdd(one, one, s4);
            s5 = L.MultiplyAdd(one, one, s5);
            s6 = L.MultiplyAdd(one, one, s6);
            s7 = L.MultiplyAdd(one, one, s7);
            s8 = L.MultiplyAdd(one, one, s8);
            s9 = L.MultiplyAdd(one, one, s9);
            s10 = L.MultiplyAdd(one, one, s10);
            s11 = L.MultiplyAdd(one, one, s11);
        }
        // Each is exact up to 2^24 rounds; their sum may not be as a float.
        return (long)L.Sum(s0) + (long)L.Sum(s1) + (long)L.Sum(s2) + (long)L.Sum(s3) + (long)L.Sum(s4) + (long)L.Sum(s5)
            + (long)L.Sum(s6) + (long)L.Sum(s7) + (long)L.Sum(s8) + (long)L.Sum(s9) + (long)L.Sum(s10) + (long)L.Sum(s11);
    }

    /// <summary>Four vectors of weights in registers, and two of activations that change with each round, so that no product can be computed once for all rounds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long MultiplyAddQuads<L, V>(int rounds) where L : struct, IQuadLanes<V> where V : unmanaged
    {
        Span<V> ones = stackalloc V[7];
        MemoryMarshal.AsBytes(ones).Fill(1);
        ref V first = ref ones[0];
        V b0 = ones[3], b1 = ones[4], b2 = ones[5], b3 = ones[6];
        V s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        for (int i = 0; i < rounds; i++)
        {
            V a0 = Unsafe.Add(ref first, i & 1), a1 = Unsafe.Add(ref first, (i & 1) + 1);
            s0 = L.MultiplyAdd(a0, b0, s0);
            s1 = L.MultiplyAdd(a0, b1, s1);
            s2 = L.MultiplyAdd(a0, b2, s2);
            s3 = L.MultiplyAdd(a0, b3, s3);
            s4 = L.MultiplyAdd(a1, b0, s4);
            s5 = L.MultiplyAdd(a1, b1, s5);
            s6 = L.MultiplyAdd(a1, b2, s6);
            s7 = L.MultiplyAdd(a1, b3, s7);
        }
        return Count([s0, s1, s2, s3, s4, s5, s6, s7]);
    }

    /// <summary>As <see cref="MultiplyAddQuads"/>, in pairs of 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long MultiplyAddPairs<L, V>(int rounds) where L : struct, IShortLanes<V> where V : unmanaged
    {
        Span<V> ones = stackalloc V[7];
        MemoryMarshal.Cast<V, short>(ones).Fill(1);
        ref V first = ref ones[0];
        V b0 = ones[3], b1 = ones[4], b2 = ones[5], b3 = ones[6];
        V s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        for (int i = 0; i < rounds; i++)
        {
            V a0 = Unsafe.Add(ref first, i & 1), a1 = Unsafe.Add(ref first, (i & 1) + 1);
            s0 = L.MultiplyAdd(a0, b0, s0);
            s1 = L.MultiplyAdd(a0, b1, s1);
            s2 = L.MultiplyAdd(a0, b2, s2);
            s3 = L.MultiplyAdd(a0, b3, s3);
            s4 = L.MultiplyAdd(a1, b0, s4);
            s5 = L.MultiplyAdd(a1, b1, s5);
            s6 = L.MultiplyAdd(a1, b2, s6);
            s7 = L.MultiplyAdd(a1, b3, s7);
        }
        return Count([s0, s1, s2, s3, s4, s5, s6, s7]);
    }

    private static long Count<V>(Span<V> sums) where V : unmanaged
    {
        long count = 0;
        foreach (int sum in MemoryMarshal.Cast<V, int>(sums)) count += sum;
        return count;
    }
}
