using System.Numerics;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>What memory is for.</summary>
internal enum VulkanMemoryUse
{
    /// <summary>Read and written by the device only.</summary>
    Device,

    /// <summary>Written by the host, read by the device.</summary>
    Upload,

    /// <summary>Written by both, read by both.</summary>
    Shared,
}

/// <summary>The kinds of memory of a device, and which suits what.</summary>
internal sealed unsafe class VulkanMemoryTypes
{
    private readonly PhysicalDeviceMemoryProperties properties;

    public VulkanMemoryTypes(Vk vk, PhysicalDevice device)
    {
        PhysicalDeviceMemoryProperties read;
        vk.GetPhysicalDeviceMemoryProperties(device, &read);
        properties = read;
    }

    /// <summary>The kind with the highest score among those allowed; -1 where none will do.</summary>
    public int Choose(uint allowed, VulkanMemoryUse use)
    {
        int best = -1, bestScore = -1;
        for (int i = 0; i < Math.Min(properties.MemoryTypeCount, 32); i++)
            if ((allowed >> i & 1) != 0 && Score(Flags(i), use) is var score && score > bestScore) (best, bestScore) = (i, score);
        return best;
    }

    /// <summary>How well a kind suits a use; negative when it does not do.</summary>
    internal static int Score(MemoryPropertyFlags flags, VulkanMemoryUse use)
    {
        const MemoryPropertyFlags host = MemoryPropertyFlags.HostVisibleBit | MemoryPropertyFlags.HostCoherentBit;
        bool local = (flags & MemoryPropertyFlags.DeviceLocalBit) != 0, cached = (flags & MemoryPropertyFlags.HostCachedBit) != 0;
        // Memory that only protected queues may use, or that comes to be when it is touched, has flags beyond these.
        if ((flags & ~(host | MemoryPropertyFlags.DeviceLocalBit | MemoryPropertyFlags.HostCachedBit)) != 0) return -1;
        if (use == VulkanMemoryUse.Device) return (local ? 8 : 0) + 4 - BitOperations.PopCount((uint)flags & (uint)host);
        if ((flags & host) != host) return -1;
        // The host reads memory that it does not cache a hundred times slower; the device reads any of these about as fast.
        return use == VulkanMemoryUse.Shared ? (cached ? 8 : 0) + (local ? 4 : 0) : (local ? 4 : 0) + (cached ? 0 : 1);
    }

    private MemoryPropertyFlags Flags(int type) => properties.MemoryTypes[type].PropertyFlags;
}
