using System.Runtime.InteropServices;

namespace EdgeRuntime.Backends.Cpu.MachineCode;

/// <summary>Puts machine code where the processor may execute it. The memory can be written first and executed then, never both at a time, and stays for as long as the process lives.</summary>
internal static unsafe class ExecutableMemory
{
    /// <summary>POSIX mmap and mprotect, with the numbers of Linux on x64.</summary>
    private const int ProtRead = 1, ProtWrite = 2, ProtExecute = 4, MapPrivate = 2, MapAnonymous = 0x20;

    /// <summary>VirtualAlloc and VirtualProtect of Windows.</summary>
    private const uint MemCommitReserve = 0x3000, PageReadWrite = 4, PageExecuteRead = 0x20;

    /// <summary>Where the code lies now; 0 where the system does not let us, as hardened ones do.</summary>
    public static nint Place(ReadOnlySpan<byte> code)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) return 0;
        return OperatingSystem.IsWindows() ? PlaceOnWindows(code) : OperatingSystem.IsLinux() ? PlaceOnLinux(code) : 0;
    }

    private static nint PlaceOnLinux(ReadOnlySpan<byte> code)
    {
        foreach (string library in (string[])["libc.so.6", "libc.so"])
        {
            if (!NativeLibrary.TryLoad(library, out nint handle) || !NativeLibrary.TryGetExport(handle, "mmap", out nint map) || !NativeLibrary.TryGetExport(handle, "mprotect", out nint protect)) continue;
            nint memory = ((delegate* unmanaged[Cdecl]<nint, nuint, int, int, int, nint, nint>)map)(0, (nuint)code.Length, ProtRead | ProtWrite, MapPrivate | MapAnonymous, -1, 0);
            if (memory == -1) return 0;
            code.CopyTo(new Span<byte>((void*)memory, code.Length));
            if (((delegate* unmanaged[Cdecl]<nint, nuint, int, int>)protect)(memory, (nuint)code.Length, ProtRead | ProtExecute) == 0) return memory;
            if (NativeLibrary.TryGetExport(handle, "munmap", out nint unmap)) _ = ((delegate* unmanaged[Cdecl]<nint, nuint, int>)unmap)(memory, (nuint)code.Length);
            return 0;
        }
        return 0;
    }

    private static nint PlaceOnWindows(ReadOnlySpan<byte> code)
    {
        if (!NativeLibrary.TryLoad("kernel32.dll", out nint handle) || !NativeLibrary.TryGetExport(handle, "VirtualAlloc", out nint allocate) || !NativeLibrary.TryGetExport(handle, "VirtualProtect", out nint protect)
            || !NativeLibrary.TryGetExport(handle, "FlushInstructionCache", out nint flush)) return 0;
        nint memory = ((delegate* unmanaged[Stdcall]<nint, nuint, uint, uint, nint>)allocate)(0, (nuint)code.Length, MemCommitReserve, PageReadWrite);
        if (memory == 0) return 0;
        code.CopyTo(new Span<byte>((void*)memory, code.Length));
        uint before;
        // -1 is this process. What cannot be made executable is a page that is lost; it is asked for once a process.
        return ((delegate* unmanaged[Stdcall]<nint, nuint, uint, uint*, int>)protect)(memory, (nuint)code.Length, PageExecuteRead, &before) != 0
            && ((delegate* unmanaged[Stdcall]<nint, nint, nuint, int>)flush)(-1, memory, (nuint)code.Length) != 0 ? memory : 0;
    }
}
