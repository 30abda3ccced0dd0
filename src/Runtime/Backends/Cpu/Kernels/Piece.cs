using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Bytes to be copied.</summary>
/// <param name="From">Where they are, from the source's beginning.</param>
/// <param name="To">Where they go.</param>
/// <param name="Bytes">How many.</param>
internal readonly record struct Piece(long From, long To, long Bytes)
{
    /// <summary>Copies; single elements without a call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Copy(byte* from, byte* to, long bytes)
    {
        if (bytes == 4) *(uint*)to = *(uint*)from;
        else if (bytes == 8) *(ulong*)to = *(ulong*)from;
        else if (bytes == 16) Vector128.Load(from).Store(to);
        else Buffer.MemoryCopy(from, to, bytes, bytes);
    }
}
