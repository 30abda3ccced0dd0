using System.Text;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>Lists the Vulkan devices of this machine.</summary>
/// <remarks>Drivers are loaded into this process. One that reports an error becomes a reason; one that crashes or hangs takes the process with it,
/// so name those that are to be used in the environment variable VK_DRIVER_FILES where one does.</remarks>
public static unsafe class VulkanDevices
{
    private const uint MostDevices = 64;

    /// <summary>All devices, or why there are none. Throws nothing for what the machine lacks.</summary>
    public static DeviceList<VulkanDevice> List()
    {
        if (VulkanLoader.Missing() is { } missing) return new([], missing);
        using Vk vk = Vk.GetApi();
        try
        {
            return List(vk);
        }
        catch (EntryPointNotFoundException e)
        {
            return new([], $"the Vulkan loader is too old: {e.Message}");
        }
    }

    private static DeviceList<VulkanDevice> List(Vk vk)
    {
        Instance instance;
        if (Create(vk, &instance) is var made and not Result.Success) return new([], DriverFiles.Vulkan().Explain($"the Vulkan loader can use no driver (vkCreateInstance: {made})"));
        try
        {
            uint count = 0;
            Result counted = vk.EnumeratePhysicalDevices(instance, &count, null);
            if (counted != Result.Success) return new([], $"vkEnumeratePhysicalDevices: {counted}");
            count = Math.Min(count, MostDevices);
            PhysicalDevice* found = stackalloc PhysicalDevice[(int)MostDevices];
            Result listed = vk.EnumeratePhysicalDevices(instance, &count, found);
            if (listed is not (Result.Success or Result.Incomplete)) return new([], $"vkEnumeratePhysicalDevices: {listed}");
            var devices = new List<VulkanDevice>();
            string? problem = count == 0 ? DriverFiles.Vulkan().Explain("the Vulkan loader found no device") : null;
            for (uint i = 0; i < count; i++)
                if (VulkanDeviceReader.Read(vk, found[i], out string reason) is { } device) devices.Add(device);
                else problem = reason;
            return new(devices, problem);
        }
        finally
        {
            vk.DestroyInstance(instance, null);
        }
    }

    private static Result Create(Vk vk, Instance* instance)
    {
        uint version = 0;
        Result asked = vk.EnumerateInstanceVersion(&version);
        if (asked != Result.Success) return asked;
        version = Math.Min(version, Vk.Version13);
        var application = new ApplicationInfo { SType = StructureType.ApplicationInfo, ApiVersion = version };
        var create = new InstanceCreateInfo { SType = StructureType.InstanceCreateInfo, PApplicationInfo = &application };
        if (!OperatingSystem.IsMacOS()) return vk.CreateInstance(&create, null, instance);
        // MoltenVK is listed only to those who say that they know of its limits.
        fixed (byte* name = "VK_KHR_portability_enumeration\0"u8)
        {
            byte* names = name;
            create.Flags = InstanceCreateFlags.EnumeratePortabilityBitKhr;
            create.EnabledExtensionCount = 1;
            create.PpEnabledExtensionNames = &names;
            Result result = vk.CreateInstance(&create, null, instance);
            if (result != Result.ErrorExtensionNotPresent) return result;
        }
        create.Flags = 0;
        create.EnabledExtensionCount = 0;
        create.PpEnabledExtensionNames = null;
        return vk.CreateInstance(&create, null, instance);
    }

    /// <summary>A text of C, of at most a number of bytes.</summary>
    internal static string Text(byte* text, int most)
    {
        var bytes = new ReadOnlySpan<byte>(text, most);
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).Trim();
    }
}
