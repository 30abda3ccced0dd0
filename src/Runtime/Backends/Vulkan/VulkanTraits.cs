using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>A device as lowering sees it.</summary>
internal static unsafe class VulkanTraits
{
    /// <summary>Reads the limits that lowering must keep.</summary>
    /// <exception cref="EdgeException">The device cannot store or compute floats as it is asked to.</exception>
    public static GpuTraits Read(Vk vk, PhysicalDevice device, VulkanDevice description, GpuPrecision precision)
    {
        if (precision != GpuPrecision.Float32 && !description.Fp16Storage)
            throw new EdgeException(ErrorCode.DeviceTrouble, $"{description.Name} cannot store 16-bit floats in buffers.", "Use 32 bits, or another device.");
        if (precision == GpuPrecision.Float16 && !description.Fp16Arithmetic)
            throw new EdgeException(ErrorCode.DeviceTrouble, $"{description.Name} cannot compute with 16-bit floats.", "Store 16 bits and compute with 32, or use another device.");
        PhysicalDeviceProperties properties;
        vk.GetPhysicalDeviceProperties(device, &properties);
        PhysicalDeviceLimits limits = properties.Limits;
        return new GpuTraits
        {
            Api = "vulkan",
            Device = description.Name,
            Precision = precision,
            SubgroupSize = description.SubgroupSize,
            MaxGroupInvocations = (int)Math.Min(limits.MaxComputeWorkGroupInvocations, int.MaxValue),
            MaxGroups = (int)Math.Min(Math.Min(limits.MaxComputeWorkGroupCount[0], limits.MaxComputeWorkGroupCount[1]), int.MaxValue),
            SharedMemoryBytes = (int)Math.Min(limits.MaxComputeSharedMemorySize, int.MaxValue),
            MaxTexelElements = limits.MaxTexelBufferElements,
            MaxBufferBytes = limits.MaxStorageBufferRange,
            Fp16Storage = description.Fp16Storage,
            Fp16Arithmetic = description.Fp16Arithmetic,
            Int8Storage = description.Int8Storage,
            // Where the driver only takes the instruction apart, the kernels do it better.
            IntegerDotProduct = description is { IntegerDotProduct: true, IntegerDotProductAccelerated: true },
            CooperativeMatrix = description.CooperativeMatrix,
            IsProcessor = description.Type == "cpu",
            UnifiedMemory = description.UnifiedMemory && description.Type != "discrete_gpu",
            Timestamps = description.TimestampNanoseconds is not null,
        };
    }
}
