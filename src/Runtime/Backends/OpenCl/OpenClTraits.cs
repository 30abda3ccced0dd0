using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using Silk.NET.OpenCL;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>A device as lowering sees it.</summary>
internal static unsafe class OpenClTraits
{
    /// <summary>Invocations that run together on a chip that does not say, and on a processor.</summary>
    private const int Wave = 32, Vector = 8;

    /// <summary>
    /// Workgroups along an axis. OpenCL has no limit; a driver on the processor compiles a kernel twice where an axis has 65,536 invocations or more,
    /// and workgroups are mostly of 64.
    /// </summary>
    private const int MostGroups = 65535, MostGroupsOfProcessor = 1023;

    /// <summary>Reads the limits that lowering must keep.</summary>
    /// <exception cref="EdgeException">The device cannot run kernels at all, or not compute as it is asked to.</exception>
    public static GpuTraits Read(CL cl, nint device, OpenClDevice description, GpuPrecision precision)
    {
        if (!description.Compiler) throw new EdgeException(ErrorCode.DeviceTrouble, $"The driver of {description.Name} has no compiler.", "Use another driver, or another device.");
        if (precision == GpuPrecision.Float16 && !description.Fp16Arithmetic)
            throw new EdgeException(ErrorCode.DeviceTrouble, $"{description.Name} cannot compute with 16-bit floats.", "Store 16 bits and compute with 32, or use another device.");
        bool processor = description.Type == "cpu";
        long together = (long)OpenClDevices.Number<nuint>(cl, device, DeviceInfo.PreferredWorkGroupSizeMultiple);
        return new GpuTraits
        {
            Api = "opencl",
            Device = description.Name,
            Precision = precision,
            SubgroupSize = together is > 0 and <= 1024 ? (int)together : processor ? Vector : Wave,
            MaxGroupInvocations = (int)Math.Min(description.MaxWorkgroupInvocations, int.MaxValue),
            MaxGroups = processor ? MostGroupsOfProcessor : MostGroups,
            SharedMemoryBytes = (int)Math.Min(description.LocalMemoryBytes, int.MaxValue),
            // Buffers are read as they are.
            MaxTexelElements = 0,
            MaxBufferBytes = description.MaxAllocationBytes,
            Fp16Storage = true,
            Fp16Arithmetic = description.Fp16Arithmetic,
            Int8Storage = true,
            IntegerDotProduct = description.IntegerDotProduct,
            IsProcessor = processor,
            UnifiedMemory = description.UnifiedMemory,
            Timestamps = description.TimestampNanoseconds is not null,
        };
    }
}
