using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Which device, and which of its queues.</summary>
internal static unsafe class VulkanDeviceChoice
{
    private const uint MostFamilies = 64;

    /// <summary>Index of the device that is asked for by its number or a part of its name; without a wish, of the first of the fastest kind.</summary>
    /// <exception cref="EdgeException">There is none.</exception>
    public static int Choose(IReadOnlyList<VulkanDevice> devices, string? wish) => GpuDeviceChoice.Choose("Vulkan", [.. devices.Select(d => (d.Name, d.Type))], wish);

    /// <summary>
    /// The family of queues for computing: one without graphics where there is one, since what is drawn on the screen does not wait there;
    /// of several the one with the better clock.
    /// </summary>
    public static uint QueueFamily(Vk vk, PhysicalDevice device, out uint timestampBits)
    {
        uint count = MostFamilies;
        QueueFamilyProperties* families = stackalloc QueueFamilyProperties[(int)MostFamilies];
        vk.GetPhysicalDeviceQueueFamilyProperties(device, &count, families);
        int best = -1, bestScore = -1;
        for (int i = 0; i < count; i++)
        {
            if (families[i].QueueCount == 0 || (families[i].QueueFlags & QueueFlags.ComputeBit) == 0) continue;
            int score = ((families[i].QueueFlags & QueueFlags.GraphicsBit) == 0 ? 1 : 0) + (families[i].TimestampValidBits > 0 ? 2 : 0);
            if (score > bestScore) (best, bestScore) = (i, score);
        }
        if (best < 0) throw new EdgeException(ErrorCode.DeviceTrouble, "The Vulkan device has no queue for computing.", "Use another device.");
        timestampBits = families[best].TimestampValidBits;
        return (uint)best;
    }
}
