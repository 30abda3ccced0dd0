using System.Runtime.InteropServices;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Where the Vulkan loader is on each system.</summary>
internal static class VulkanLoader
{
    /// <summary>File names, in order of preference.</summary>
    public static string[] Names { get; } =
        OperatingSystem.IsWindows() ? ["vulkan-1.dll"]
        : OperatingSystem.IsMacOS() ? ["libvulkan.dylib", "libvulkan.1.dylib", "libMoltenVK.dylib", "/opt/homebrew/lib/libvulkan.dylib", "/usr/local/lib/libvulkan.dylib"]
        : ["libvulkan.so.1", "libvulkan.so"];

    /// <summary>Why there is no Vulkan here; null when its loader is installed.</summary>
    public static string? Missing()
    {
        foreach (string name in Names)
            if (NativeLibrary.TryLoad(name, out _)) return null;
        string install = OperatingSystem.IsWindows() ? "it comes with the driver of the graphics card"
            : OperatingSystem.IsMacOS() ? "MoltenVK has it" : "on Debian: apt-get install libvulkan1 mesa-vulkan-drivers";
        return $"no Vulkan loader ({Names[0]}); {install}";
    }
}
