using System.Globalization;
using Silk.NET.Core;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Asks a Vulkan device what it can do.</summary>
internal static unsafe class VulkanDeviceReader
{
    private const uint MostExtensions = 4096;
    private const uint MostFamilies = 64;

    /// <summary>What is known of a device; null, with the reason, where it cannot be asked.</summary>
    public static VulkanDevice? Read(Vk vk, PhysicalDevice device, out string reason)
    {
        PhysicalDeviceProperties basic;
        vk.GetPhysicalDeviceProperties(device, &basic);
        string name = VulkanDevices.Text(basic.DeviceName, 256);
        reason = $"{name}: Vulkan {Version(basic.ApiVersion)}, and 1.1 is needed";
        if (basic.ApiVersion < Vk.Version11) return null;
        if (Extensions(vk, device, out Result asked) is not { } extensions)
        {
            reason = $"{name}: vkEnumerateDeviceExtensionProperties: {asked}";
            return null;
        }

        // Structures of a version or an extension that a device does not have must not be in the chain.
        bool v12 = basic.ApiVersion >= Vk.Version12, v13 = basic.ApiVersion >= Vk.Version13;
        var small8 = new PhysicalDevice8BitStorageFeatures { SType = StructureType.PhysicalDevice8BitStorageFeatures };
        var small16 = new PhysicalDevice16BitStorageFeatures { SType = StructureType.PhysicalDevice16BitStorageFeatures };
        var arithmetic = new PhysicalDeviceShaderFloat16Int8Features { SType = StructureType.PhysicalDeviceShaderFloat16Int8Features };
        var dot = new PhysicalDeviceShaderIntegerDotProductFeatures { SType = StructureType.PhysicalDeviceShaderIntegerDotProductFeatures };
        var timeline = new PhysicalDeviceTimelineSemaphoreFeatures { SType = StructureType.PhysicalDeviceTimelineSemaphoreFeatures };
        var features = new PhysicalDeviceFeatures2 { SType = StructureType.PhysicalDeviceFeatures2, PNext = &small16 };
        void** featuresEnd = &small16.PNext;
        bool has8 = v12 || extensions.Contains("VK_KHR_8bit_storage"), hasArithmetic = v12 || extensions.Contains("VK_KHR_shader_float16_int8");
        bool hasDot = v13 || extensions.Contains("VK_KHR_shader_integer_dot_product"), hasTimeline = v12 || extensions.Contains("VK_KHR_timeline_semaphore");
        if (has8) featuresEnd = Chain(featuresEnd, &small8, &small8.PNext);
        if (hasArithmetic) featuresEnd = Chain(featuresEnd, &arithmetic, &arithmetic.PNext);
        if (hasDot) featuresEnd = Chain(featuresEnd, &dot, &dot.PNext);
        if (hasTimeline) Chain(featuresEnd, &timeline, &timeline.PNext);
        vk.GetPhysicalDeviceFeatures2(device, &features);

        var subgroup = new PhysicalDeviceSubgroupProperties { SType = StructureType.PhysicalDeviceSubgroupProperties };
        var driver = new PhysicalDeviceDriverProperties { SType = StructureType.PhysicalDeviceDriverProperties };
        var dotSpeed = new PhysicalDeviceShaderIntegerDotProductProperties { SType = StructureType.PhysicalDeviceShaderIntegerDotProductProperties };
        var properties = new PhysicalDeviceProperties2 { SType = StructureType.PhysicalDeviceProperties2, PNext = &subgroup };
        void** propertiesEnd = &subgroup.PNext;
        bool hasDriver = v12 || extensions.Contains("VK_KHR_driver_properties");
        if (hasDriver) propertiesEnd = Chain(propertiesEnd, &driver, &driver.PNext);
        if (hasDot) Chain(propertiesEnd, &dotSpeed, &dotSpeed.PNext);
        vk.GetPhysicalDeviceProperties2(device, &properties);
        string driverName = hasDriver ? VulkanDevices.Text(driver.DriverName, 256) : "", driverInfo = hasDriver ? VulkanDevices.Text(driver.DriverInfo, 256) : "";

        PhysicalDeviceMemoryProperties memory;
        vk.GetPhysicalDeviceMemoryProperties(device, &memory);
        return new VulkanDevice(
            name, Type(basic.DeviceType), driverName.Length == 0 ? null : driverName, driverInfo.Length == 0 ? Version(basic.DriverVersion) : driverInfo,
            Version(basic.ApiVersion), Heaps(ref memory), Unified(ref memory),
            (int)subgroup.SubgroupSize, (int)basic.Limits.MaxComputeWorkGroupInvocations, (int)basic.Limits.MaxComputeSharedMemorySize,
            small8.StorageBuffer8BitAccess, arithmetic.ShaderInt8, small16.StorageBuffer16BitAccess, arithmetic.ShaderFloat16,
            dot.ShaderIntegerDotProduct, dotSpeed.IntegerDotProduct4x8BitPackedMixedSignednessAccelerated,
            extensions.Contains("VK_KHR_cooperative_matrix") || extensions.Contains("VK_NV_cooperative_matrix"),
            timeline.TimelineSemaphore, Timestamps(vk, device) ? basic.Limits.TimestampPeriod : null);
    }

    private static void** Chain(void** end, void* next, void** nextEnd)
    {
        *end = next;
        return nextEnd;
    }

    private static HashSet<string>? Extensions(Vk vk, PhysicalDevice device, out Result result)
    {
        uint count = 0;
        result = vk.EnumerateDeviceExtensionProperties(device, (byte*)null, &count, null);
        if (result != Result.Success) return null;
        count = Math.Min(count, MostExtensions);
        var found = new ExtensionProperties[count];
        fixed (ExtensionProperties* first = found)
        {
            result = count == 0 ? Result.Success : vk.EnumerateDeviceExtensionProperties(device, (byte*)null, &count, first);
            if (result is not (Result.Success or Result.Incomplete)) return null;
            var names = new HashSet<string>(StringComparer.Ordinal);
            for (uint i = 0; i < count; i++) names.Add(VulkanDevices.Text(first[i].ExtensionName, 256));
            return names;
        }
    }

    private static bool Timestamps(Vk vk, PhysicalDevice device)
    {
        uint count = MostFamilies;
        QueueFamilyProperties* families = stackalloc QueueFamilyProperties[(int)MostFamilies];
        vk.GetPhysicalDeviceQueueFamilyProperties(device, &count, families);
        for (uint i = 0; i < Math.Min(count, MostFamilies); i++)
            if ((families[i].QueueFlags & QueueFlags.ComputeBit) != 0 && families[i].TimestampValidBits > 0) return true;
        return false;
    }

    private static List<VulkanHeap> Heaps(ref PhysicalDeviceMemoryProperties memory)
    {
        var heaps = new List<VulkanHeap>();
        for (int i = 0; i < Math.Min(memory.MemoryHeapCount, 16); i++)
        {
            MemoryHeap heap = memory.MemoryHeaps[i];
            heaps.Add(new VulkanHeap((long)Math.Min(heap.Size, long.MaxValue), (heap.Flags & MemoryHeapFlags.DeviceLocalBit) != 0));
        }
        return heaps;
    }

    private static bool Unified(ref PhysicalDeviceMemoryProperties memory)
    {
        const MemoryPropertyFlags both = MemoryPropertyFlags.DeviceLocalBit | MemoryPropertyFlags.HostVisibleBit;
        for (int i = 0; i < Math.Min(memory.MemoryTypeCount, 32); i++)
            if ((memory.MemoryTypes[i].PropertyFlags & both) == both) return true;
        return false;
    }

    private static string Version(uint packed)
    {
        var version = (Version32)packed;
        return string.Create(CultureInfo.InvariantCulture, $"{version.Major}.{version.Minor}.{version.Patch}");
    }

    private static string Type(PhysicalDeviceType type) => type switch
    {
        PhysicalDeviceType.DiscreteGpu => "discrete_gpu",
        PhysicalDeviceType.IntegratedGpu => "integrated_gpu",
        PhysicalDeviceType.VirtualGpu => "virtual_gpu",
        PhysicalDeviceType.Cpu => "cpu",
        _ => "other",
    };
}
