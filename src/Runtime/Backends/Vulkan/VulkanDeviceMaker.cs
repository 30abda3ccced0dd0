using EdgeRuntime.Backends.Gpu;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Opens a device with the features that its precision needs, and no others.</summary>
internal static unsafe class VulkanDeviceMaker
{
    private const uint MostExtensions = 4096;

    public static Device Create(Vk vk, PhysicalDevice physical, GpuTraits traits, uint queueFamily, VulkanLedger ledger)
    {
        HashSet<string> available = Extensions(vk, physical);
        bool storage = traits.Precision != GpuPrecision.Float32, arithmetic = traits.Precision == GpuPrecision.Float16;
        // 16-bit storage is part of version 1.1, which is required; 16-bit arithmetic of 1.2 and packed products of 1.3, before which they are extensions.
        string[] wanted = ["VK_KHR_portability_subset", .. arithmetic ? ["VK_KHR_shader_float16_int8"] : Array.Empty<string>(), .. traits.IntegerDotProduct ? ["VK_KHR_shader_integer_dot_product"] : Array.Empty<string>()];
        using var extensions = new NativeNames([.. wanted.Where(available.Contains)]);
        var half = new PhysicalDeviceShaderFloat16Int8Features { SType = StructureType.PhysicalDeviceShaderFloat16Int8Features, ShaderFloat16 = true };
        var small = new PhysicalDevice16BitStorageFeatures { SType = StructureType.PhysicalDevice16BitStorageFeatures, PNext = arithmetic ? &half : null, StorageBuffer16BitAccess = true };
        var dot = new PhysicalDeviceShaderIntegerDotProductFeatures { SType = StructureType.PhysicalDeviceShaderIntegerDotProductFeatures, PNext = storage ? &small : null, ShaderIntegerDotProduct = true };
        float priority = 1;
        var queue = new DeviceQueueCreateInfo { SType = StructureType.DeviceQueueCreateInfo, QueueFamilyIndex = queueFamily, QueueCount = 1, PQueuePriorities = &priority };
        var create = new DeviceCreateInfo
        {
            SType = StructureType.DeviceCreateInfo,
            PNext = traits.IntegerDotProduct ? &dot : storage ? &small : null,
            QueueCreateInfoCount = 1,
            PQueueCreateInfos = &queue,
            EnabledExtensionCount = extensions.Count,
            PpEnabledExtensionNames = extensions.Pointer,
        };
        Device device = default;
        VulkanErrors.Check(ledger.Fault?.Invoke("vkCreateDevice") ?? vk.CreateDevice(physical, &create, null, &device), "vkCreateDevice", traits.Device);
        ledger.Made("VkDevice");
        return device;
    }

    private static HashSet<string> Extensions(Vk vk, PhysicalDevice device)
    {
        uint count = MostExtensions;
        var found = new ExtensionProperties[count];
        var names = new HashSet<string>(StringComparer.Ordinal);
        fixed (ExtensionProperties* first = found)
        {
            if (vk.EnumerateDeviceExtensionProperties(device, (byte*)null, &count, first) is not (Result.Success or Result.Incomplete)) return names;
            for (uint i = 0; i < count; i++) names.Add(VulkanDevices.Text(first[i].ExtensionName, 256));
        }
        return names;
    }
}
