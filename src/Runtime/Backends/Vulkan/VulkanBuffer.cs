using EdgeRuntime.Diagnostics;
using Silk.NET.Vulkan;
using Buffer = Silk.NET.Vulkan.Buffer;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>A buffer with memory of its own, mapped unless only the device uses it.</summary>
internal sealed unsafe class VulkanBuffer : IDisposable
{
    private readonly VulkanCalls calls;
    private DeviceMemory memory;

    /// <summary>Makes a buffer for all that kernels and copies do with one.</summary>
    /// <exception cref="EdgeException">There is no memory left, or none of the kind.</exception>
    public VulkanBuffer(VulkanContext context, long bytes, VulkanMemoryUse use)
    {
        calls = context.Calls;
        Bytes = bytes;
        try
        {
            var create = new BufferCreateInfo
            {
                SType = StructureType.BufferCreateInfo,
                Size = (ulong)bytes,
                Usage = BufferUsageFlags.StorageBufferBit | BufferUsageFlags.UniformTexelBufferBit | BufferUsageFlags.TransferSrcBit | BufferUsageFlags.TransferDstBit,
                SharingMode = SharingMode.Exclusive,
            };
            Handle = calls.CreateBuffer(&create);
            MemoryRequirements needs = calls.Requirements(Handle);
            int type = context.Memory.Choose(needs.MemoryTypeBits, use);
            if (type < 0) throw new EdgeException(ErrorCode.DeviceTrouble, $"{context.Description.Name} has no memory for {use}.", "Use another device.");
            var allocate = new MemoryAllocateInfo { SType = StructureType.MemoryAllocateInfo, AllocationSize = needs.Size, MemoryTypeIndex = (uint)type };
            memory = calls.AllocateMemory(&allocate);
            calls.Bind(Handle, memory);
            if (use != VulkanMemoryUse.Device) Mapped = (byte*)calls.Map(memory, needs.Size);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The buffer.</summary>
    public Buffer Handle { get; private set; }

    /// <summary>Its size.</summary>
    public long Bytes { get; }

    /// <summary>Its first byte, where the host uses it; else null.</summary>
    public byte* Mapped { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Freeing memory unmaps it.
        Mapped = null;
        calls.Destroy(Handle);
        calls.Destroy(memory);
        Handle = default;
        memory = default;
    }
}
