using System.Runtime.Intrinsics.X86;

namespace EdgeRuntime.Backends.Cpu.MachineCode;

/// <summary>All functions that are written for AVX-512's vpdpbusd, for which .NET has none: once a process, when the first is asked for.</summary>
internal static class VnniCode
{
    static VnniCode()
    {
        // CPUID leaf 7: bit 11 of ECX is AVX512_VNNI. That the system keeps such vectors is what .NET has looked up, and with BW it has the rest of what is used.
        if (!Avx512BW.IsSupported || (X86Base.CpuId(7, 0).Ecx & 1 << 11) == 0) return;
        (byte[] code, int[] tiles, int[] taps) = Emit(OperatingSystem.IsWindows());
        nint memory = ExecutableMemory.Place(code);
        if (memory == 0) return;
        Tiles = Array.ConvertAll(tiles, entry => memory + entry);
        Taps = Array.ConvertAll(taps, entry => memory + entry);
        IsSupported = VnniTrial.Passes();
    }

    /// <summary>True where the processor has the instruction, .NET was not told to leave AVX-512 alone, the system lets us write code, and that computes what it should.</summary>
    public static bool IsSupported { get; }

    /// <summary>The functions of <see cref="VnniTile"/>.</summary>
    public static nint[] Tiles { get; } = [];

    /// <summary>The functions of <see cref="VnniTaps"/>.</summary>
    public static nint[] Taps { get; } = [];

    /// <summary>The code, and where each function begins in it.</summary>
    /// <param name="windows">True where the first argument comes in rcx, false where it comes in rdi.</param>
    internal static (byte[] Code, int[] Tiles, int[] Taps) Emit(bool windows)
    {
        var code = new X64Assembler();
        Register call = windows ? Register.Rcx : Register.Rdi;
        int[] tiles = VnniTileEmitter.Emit(code, call), taps = VnniTapsEmitter.Emit(code, call);
        return (code.ToArray(), tiles, taps);
    }
}
