using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Silk.NET.Core;

namespace Silk.NET.Vulkan;

/// <summary>The functions of the Vulkan loader, each looked up when it is first called. Source-compatible with Silk.NET.Vulkan's class of this name.</summary>
internal sealed unsafe partial class Vk : IDisposable
{
    public static readonly Version32 Version10 = new(1, 0, 0);
    public static readonly Version32 Version11 = new(1, 1, 0);
    public static readonly Version32 Version12 = new(1, 2, 0);
    public static readonly Version32 Version13 = new(1, 3, 0);

    private readonly nint library;

    private Vk(nint library) => this.library = library;

    public static Vk GetApi()
    {
        foreach (string name in EdgeRuntime.Backends.Vulkan.VulkanLoader.Names)
            if (NativeLibrary.TryLoad(name, out nint library)) return new Vk(library);
        throw new FileNotFoundException("No Vulkan loader on this machine.");
    }

    // The loader stays: drivers do not survive being loaded twice.
    [SuppressMessage("Performance", "CA1822", Justification = "Silk.NET has it as an instance method.")]
    public void Dispose()
    {
    }

    private void* Entry(ref void* pointer, string name) => pointer != null ? pointer : pointer = (void*)NativeLibrary.GetExport(library, name);
}
