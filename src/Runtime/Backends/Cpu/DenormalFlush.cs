using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>
/// Makes results too small for a normal exponent (below 1.2e-38) zero, on x64 where the C library of the system lets us: processors compute with them a hundred times slower,
/// and the state of a recurrent layer fades into them in silence. Operands stay what they are, since a scale of quantization may be that small. The thread's own mode is restored at the end.
/// </summary>
/// <remarks>C17 7.6.4, fegetenv and fesetenv; the layout of fenv_t is that of glibc and musl. Elsewhere, and where a trial shows no effect, nothing is changed: Arm knows no mode for results alone.</remarks>
internal static unsafe class DenormalFlush
{
    /// <summary>MXCSR lies behind 28 bytes of the x87's state; bit 15 flushes results to zero.</summary>
    private const int MxcsrAt = 28, FlushResults = 1 << 15;

    private const float SmallestNormal = 1.17549435e-38f;

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<Environment*, int> Get, Set;

    static DenormalFlush()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return;
        foreach (string library in (string[])["libm.so.6", "libc.so"])
        {
            if (!NativeLibrary.TryLoad(library, out nint handle)) continue;
            if (!NativeLibrary.TryGetExport(handle, "fegetenv", out nint get) || !NativeLibrary.TryGetExport(handle, "fesetenv", out nint set)) continue;
            Get = (delegate* unmanaged[Cdecl, SuppressGCTransition]<Environment*, int>)get;
            Set = (delegate* unmanaged[Cdecl, SuppressGCTransition]<Environment*, int>)set;
            Environment before;
            IsSupported = true;
            if (!Begin(&before)) IsSupported = false;
            if (!IsSupported) return;
            IsSupported = Halved(SmallestNormal) == 0;
            _ = Set(&before);
            return;
        }
    }

    /// <summary>True where the mode can be set.</summary>
    public static bool IsSupported { get; }

    /// <summary>Sets the mode of the calling thread and keeps what it was; false where that is not possible.</summary>
    public static bool Begin(Environment* before)
    {
        if (!IsSupported || Get(before) != 0) return false;
        Environment flushing = *before;
        *(int*)(flushing.Bytes + MxcsrAt) |= FlushResults;
        return Set(&flushing) == 0;
    }

    /// <summary>Restores what <see cref="Begin"/> kept.</summary>
    public static void End(Environment* before) => _ = Set(before);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Halved(float value) => value * 0.5f;

    /// <summary>Room for a fenv_t, which has 32 bytes.</summary>
    internal struct Environment
    {
        public fixed byte Bytes[64];
    }
}
