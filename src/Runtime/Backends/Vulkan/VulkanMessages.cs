using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Silk.NET.Core;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Collects what validation layer, loader and driver have to say of an instance.</summary>
internal sealed unsafe class VulkanMessages : IDisposable
{
    /// <summary>A layer that complains of every frame must not fill the memory.</summary>
    private const int Most = 1000;

    private readonly List<string> messages = [];
    private GCHandle self;

    public VulkanMessages() => self = GCHandle.Alloc(this);

    /// <summary>All there are so far.</summary>
    public string[] All
    {
        get
        {
            lock (messages) return [.. messages];
        }
    }

    /// <summary>What a messenger is made from. Warnings and errors of the validation layer only: loaders complain of other drivers.</summary>
    public DebugUtilsMessengerCreateInfoEXT CreateInfo => new()
    {
        SType = StructureType.DebugUtilsMessengerCreateInfoExt,
        MessageSeverity = DebugUtilsMessageSeverityFlagsEXT.WarningBitExt | DebugUtilsMessageSeverityFlagsEXT.ErrorBitExt,
        MessageType = DebugUtilsMessageTypeFlagsEXT.ValidationBitExt | DebugUtilsMessageTypeFlagsEXT.PerformanceBitExt,
        PfnUserCallback = new PfnDebugUtilsMessengerCallbackEXT(&Receive),
        PUserData = (void*)GCHandle.ToIntPtr(self),
    };

    /// <summary>Frees the way back to this object; the messenger must be gone.</summary>
    public void Dispose()
    {
        if (self.IsAllocated) self.Free();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static Bool32 Receive(DebugUtilsMessageSeverityFlagsEXT severity, DebugUtilsMessageTypeFlagsEXT type, DebugUtilsMessengerCallbackDataEXT* data, void* user)
    {
        var messages = (VulkanMessages)GCHandle.FromIntPtr((nint)user).Target!;
        lock (messages.messages)
            if (messages.messages.Count < Most) messages.messages.Add(Marshal.PtrToStringUTF8((nint)data->PMessage) ?? "");
        return false;
    }
}
