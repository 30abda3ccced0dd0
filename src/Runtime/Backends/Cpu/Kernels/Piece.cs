using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Bytes to be copied.</summary>
/// <param name="From">Where they are, from the source's beginning.</param>
/// <param name="To">Where they go.</param>
/// <param name="Bytes">How many.</param>
internal readonly record struct Piece(long From, long To, long Bytes)
{
    /// <summary>Copies; what is short without a call. The two do not overlap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Copy(byte* from, byte* to, long bytes)
    {
        if (bytes == 4) *(uint*)to = *(uint*)from;
        else if (bytes == 8) *(ulong*)to = *(ulong*)from;
        else if (bytes == 16) Vector128.Load(from).Store(to);
        else if (Vector256.IsHardwareAccelerated && bytes is >= 32 and <= 256)
        {
            // The last vector overlaps the one before it.
            Vector256<byte> end = Vector256.Load(from + bytes - 32);
            for (long i = 0; i < bytes - 32; i += 32) Vector256.Load(from + i).Store(to + i);
            end.Store(to + bytes - 32);
        }
        else if (Vector128.IsHardwareAccelerated && bytes is > 16 and < 32)
        {
            Vector128<byte> start = Vector128.Load(from), end = Vector128.Load(from + bytes - 16);
            start.Store(to);
            end.Store(to + bytes - 16);
        }
        else Buffer.MemoryCopy(from, to, bytes, bytes);
    }
}
