using System.Runtime.InteropServices;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>Where the OpenCL loader is on each system.</summary>
internal static class OpenClLoader
{
    /// <summary>File names, in order of preference.</summary>
    public static string[] Names { get; } =
        OperatingSystem.IsWindows() ? ["OpenCL.dll"]
        : OperatingSystem.IsMacOS() ? ["/System/Library/Frameworks/OpenCL.framework/OpenCL"]
        : ["libOpenCL.so.1", "libOpenCL.so"];

    /// <summary>Why there is no OpenCL here; null when its loader is installed.</summary>
    public static string? Missing()
    {
        foreach (string name in Names)
            if (NativeLibrary.TryLoad(name, out _)) return null;
        string install = OperatingSystem.IsWindows() ? "it comes with the driver of the graphics card"
            : OperatingSystem.IsMacOS() ? "the system has its framework" : "on Debian: apt-get install ocl-icd-libopencl1 and a driver, such as pocl-opencl-icd";
        return $"no OpenCL loader ({Names[0]}); {install}";
    }
}
