using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>A device in use: its queue, its limits and what it can do.</summary>
internal sealed unsafe class VulkanContext : IDisposable
{
    private const ulong TenSeconds = 10_000_000_000;

    private readonly Lock submitting = new();
    private readonly Queue queue;

    /// <summary>Opens a device.</summary>
    /// <exception cref="EdgeException">There is none of that name, or it cannot do what is asked of it.</exception>
    public VulkanContext(VulkanOptions options)
    {
        Ledger = options.Ledger ?? new VulkanLedger();
        Patience = (ulong)Math.Min(options.Timeout.Ticks, long.MaxValue / 100) * 100;
        Instance = new VulkanInstance(Ledger, options.Validation);
        try
        {
            List<(PhysicalDevice Device, VulkanDevice Description)> devices = Instance.Devices();
            int index = VulkanDeviceChoice.Choose([.. devices.Select(d => d.Description)], options.Device);
            (PhysicalDevice, Description) = devices[index];
            Traits = VulkanTraits.Read(Instance.Api, PhysicalDevice, Description, options.Precision);
            if (options.Staging) Traits = Traits with { UnifiedMemory = false };
            QueueFamily = VulkanDeviceChoice.QueueFamily(Instance.Api, PhysicalDevice, out uint timestampBits);
            TimestampBits = (int)timestampBits;
            Calls = new VulkanCalls(Instance.Api, VulkanDeviceMaker.Create(Instance.Api, PhysicalDevice, Traits, QueueFamily, Ledger), Ledger, Description.Name);
            Memory = new VulkanMemoryTypes(Instance.Api, PhysicalDevice);
            Queue made;
            Instance.Api.GetDeviceQueue(Calls.Device, QueueFamily, 0, &made);
            queue = made;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The instance, with what the validation layer said.</summary>
    public VulkanInstance Instance { get; }

    /// <summary>Counts handles.</summary>
    public VulkanLedger Ledger { get; }

    /// <summary>A device that takes longer than so many nanoseconds is taken for dead.</summary>
    public ulong Patience { get; }

    /// <summary>How long to wait, in nanoseconds, while a frame waits, too, until a device that was given up is done with the memory it uses: what was taken for dead may only be slow.</summary>
    public ulong Grace => Math.Min(Patience, TenSeconds);

    /// <summary>The device's handle before it was opened.</summary>
    public PhysicalDevice PhysicalDevice { get; }

    /// <summary>The device as it is listed.</summary>
    public VulkanDevice Description { get; }

    /// <summary>The device as lowering sees it.</summary>
    public GpuTraits Traits { get; }

    /// <summary>The device's functions.</summary>
    public VulkanCalls Calls { get; }

    /// <summary>Its kinds of memory.</summary>
    public VulkanMemoryTypes Memory { get; }

    /// <summary>The family of its queue.</summary>
    public uint QueueFamily { get; }

    /// <summary>Bits of its clock; 0 for none.</summary>
    public int TimestampBits { get; }

    /// <summary>Hands commands to the device. A queue takes one thread at a time, and plans of one backend may run on several.</summary>
    public void Submit(CommandBuffer* commands, int count, Fence fence)
    {
        var submit = new SubmitInfo { SType = StructureType.SubmitInfo, CommandBufferCount = (uint)count, PCommandBuffers = commands };
        lock (submitting) Calls.Submit(queue, &submit, fence);
    }

    /// <summary>Waits until the device does nothing any more; a lost one does nothing.</summary>
    public void WaitIdle()
    {
        lock (submitting) Calls.Api.DeviceWaitIdle(Calls.Device);
    }

    /// <summary>Closes the device; everything made of it must be gone. One that hangs is left open, and closed when this is called again after it finished.</summary>
    public void Dispose()
    {
        if (Calls?.Finish(Math.Max(Patience, TenSeconds)) == false) return;
        Calls?.Dispose();
        Instance.Dispose();
    }
}
