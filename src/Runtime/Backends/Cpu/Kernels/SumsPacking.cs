using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Rounded numbers of steps as bytes, with the zero point: those of four vectors, one after the other. Packing saturates at the upper end of the type, and far below every range.</summary>
/// <param name="type">U8 or I8.</param>
/// <param name="zero">The zero point.</param>
/// <param name="lowest">The least byte.</param>
internal readonly struct SumsPacking(DataType type, int zero, int lowest)
{
    private readonly bool unsigned = type == DataType.U8;

    /// <summary>The 64 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<byte> Packed(Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d)
    {
        Vector512<short> zeros = Vector512.Create((short)zero), ab = Avx512BW.AddSaturate(Avx512BW.PackSignedSaturate(a, b), zeros), cd = Avx512BW.AddSaturate(Avx512BW.PackSignedSaturate(c, d), zeros);
        Vector512<byte> packed = unsigned ? Vector512.Max(Avx512BW.PackUnsignedSaturate(ab, cd), Vector512.Create((byte)lowest)) : Vector512.Max(Avx512BW.PackSignedSaturate(ab, cd), Vector512.Create((sbyte)lowest)).AsByte();
        return Avx512F.PermuteVar16x32(packed.AsInt32(), Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)).AsByte();
    }

    /// <summary>The 32 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<byte> Packed(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        Vector256<short> zeros = Vector256.Create((short)zero), ab = Avx2.AddSaturate(Avx2.PackSignedSaturate(a, b), zeros), cd = Avx2.AddSaturate(Avx2.PackSignedSaturate(c, d), zeros);
        Vector256<byte> packed = unsigned ? Vector256.Max(Avx2.PackUnsignedSaturate(ab, cd), Vector256.Create((byte)lowest)) : Vector256.Max(Avx2.PackSignedSaturate(ab, cd), Vector256.Create((sbyte)lowest)).AsByte();
        return Avx2.PermuteVar8x32(packed.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte();
    }
}
