using EdgeRuntime.Diagnostics;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>An instance of Vulkan, with the validation layer where it is wanted and installed.</summary>
internal sealed unsafe class VulkanInstance : IDisposable
{
    private const string Layer = "VK_LAYER_KHRONOS_validation", DebugUtils = "VK_EXT_debug_utils", Portability = "VK_KHR_portability_enumeration";
    private const uint MostDevices = 64, MostNames = 1024;

    private readonly VulkanLedger ledger;
    private Instance instance;
    private DebugUtilsMessengerEXT messenger;

    /// <summary>Creates an instance.</summary>
    /// <exception cref="EdgeException">There is no loader, or no driver.</exception>
    public VulkanInstance(VulkanLedger ledger, bool validation)
    {
        this.ledger = ledger;
        if (VulkanLoader.Missing() is { } missing) throw new EdgeException(ErrorCode.DeviceTrouble, $"There is no Vulkan: {missing}.");
        Api = Vk.GetApi();
        try
        {
            Create(validation);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The functions.</summary>
    public Vk Api { get; }

    /// <summary>Whether every call is checked.</summary>
    public bool Validates { get; private set; }

    /// <summary>What the layer said.</summary>
    public VulkanMessages Messages { get; } = new();

    /// <summary>The devices that can be used, each with what it can do, in the order of <see cref="VulkanDevices.List()"/>.</summary>
    public List<(PhysicalDevice Device, VulkanDevice Description)> Devices()
    {
        uint count = MostDevices;
        PhysicalDevice* found = stackalloc PhysicalDevice[(int)MostDevices];
        Result listed = Api.EnumeratePhysicalDevices(instance, &count, found);
        if (listed != Result.Incomplete) Check(listed, "vkEnumeratePhysicalDevices");
        var devices = new List<(PhysicalDevice, VulkanDevice)>();
        for (uint i = 0; i < count; i++)
            if (VulkanDeviceReader.Read(Api, found[i], out _) is { } description) devices.Add((found[i], description));
        return devices;
    }

    /// <summary>Destroys it; its device must be gone.</summary>
    public void Dispose()
    {
        if (messenger.Handle != 0)
        {
            ((delegate* unmanaged<Instance, DebugUtilsMessengerEXT, AllocationCallbacks*, void>)Function("vkDestroyDebugUtilsMessengerEXT"u8))(instance, messenger, null);
            ledger.Gone("VkDebugUtilsMessengerEXT");
            messenger = default;
        }
        if (instance.Handle != 0)
        {
            Api.DestroyInstance(instance, null);
            ledger.Gone("VkInstance");
            instance = default;
        }
        Messages.Dispose();
    }

    private void Create(bool validation)
    {
        uint version = 0;
        Check(Api.EnumerateInstanceVersion(&version), "vkEnumerateInstanceVersion");
        var application = new ApplicationInfo { SType = StructureType.ApplicationInfo, ApiVersion = Math.Min(version, Vk.Version13) };
        HashSet<string> available = Extensions();
        Validates = validation && HasLayer() && available.Contains(DebugUtils);
        bool portability = available.Contains(Portability);
        using var extensions = new NativeNames([.. Validates ? [DebugUtils] : Array.Empty<string>(), .. portability ? [Portability] : Array.Empty<string>()]);
        using var layers = new NativeNames(Validates ? [Layer] : []);
        DebugUtilsMessengerCreateInfoEXT messages = Messages.CreateInfo;
        var create = new InstanceCreateInfo
        {
            SType = StructureType.InstanceCreateInfo,
            PNext = Validates ? &messages : null,
            Flags = portability ? InstanceCreateFlags.EnumeratePortabilityBitKhr : 0,
            PApplicationInfo = &application,
            EnabledExtensionCount = extensions.Count,
            PpEnabledExtensionNames = extensions.Pointer,
            EnabledLayerCount = layers.Count,
            PpEnabledLayerNames = layers.Pointer,
        };
        Instance made = default;
        Result result = ledger.Fault?.Invoke("vkCreateInstance") ?? Api.CreateInstance(&create, null, &made);
        if (result is Result.ErrorIncompatibleDriver or Result.ErrorOutOfHostMemory)
            throw new EdgeException(ErrorCode.DeviceTrouble, $"Vulkan: {DriverFiles.Vulkan().Explain($"the loader can use no driver (vkCreateInstance: {result})")}.", "`edgert devices` says what is there.");
        Check(result, "vkCreateInstance");
        instance = made;
        ledger.Made("VkInstance");
        if (!Validates) return;
        DebugUtilsMessengerEXT listener;
        Check(((delegate* unmanaged<Instance, DebugUtilsMessengerCreateInfoEXT*, AllocationCallbacks*, DebugUtilsMessengerEXT*, Result>)
            Function("vkCreateDebugUtilsMessengerEXT"u8))(instance, &messages, null, &listener), "vkCreateDebugUtilsMessengerEXT");
        messenger = listener;
        ledger.Made("VkDebugUtilsMessengerEXT");
    }

    private HashSet<string> Extensions()
    {
        uint count = MostNames;
        var found = new ExtensionProperties[count];
        var names = new HashSet<string>(StringComparer.Ordinal);
        fixed (ExtensionProperties* first = found)
        {
            if (Api.EnumerateInstanceExtensionProperties((byte*)null, &count, first) is not (Result.Success or Result.Incomplete)) return names;
            for (uint i = 0; i < count; i++) names.Add(VulkanDevices.Text(first[i].ExtensionName, 256));
        }
        return names;
    }

    private bool HasLayer()
    {
        uint count = MostNames;
        var found = new LayerProperties[count];
        fixed (LayerProperties* first = found)
        {
            if (Api.EnumerateInstanceLayerProperties(&count, first) is not (Result.Success or Result.Incomplete)) return false;
            for (uint i = 0; i < count; i++)
                if (VulkanDevices.Text(first[i].LayerName, 256) == Layer) return true;
        }
        return false;
    }

    private void* Function(ReadOnlySpan<byte> name)
    {
        fixed (byte* text = name) return Api.GetInstanceProcAddr(instance, text).Handle;
    }

    private static void Check(Result result, string call) => VulkanErrors.Check(result, call, "Vulkan");
}
