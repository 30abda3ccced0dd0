namespace EdgeRuntime.Backends.Gpu;

/// <summary>How floats are stored in a device's memory and computed with.</summary>
public enum GpuPrecision
{
    /// <summary>32 bits.</summary>
    Float32,

    /// <summary>Stored in 16 bits, computed in 32.</summary>
    Float16Storage,

    /// <summary>Stored in 16 bits; convolutions and products computed in 16 too.</summary>
    Float16,
}

/// <summary>What a device can do, as lowering reads it: data, so that every decision can be tested without a device.</summary>
internal sealed record GpuTraits
{
    /// <summary>vulkan or opencl.</summary>
    public required string Api { get; init; }

    /// <summary>Name of the device.</summary>
    public required string Device { get; init; }

    /// <summary>How floats are stored and computed with.</summary>
    public GpuPrecision Precision { get; init; }

    /// <summary>Invocations that run together.</summary>
    public int SubgroupSize { get; init; } = 32;

    /// <summary>Invocations in a workgroup at most.</summary>
    public int MaxGroupInvocations { get; init; } = 128;

    /// <summary>Workgroups along one axis of a dispatch at most.</summary>
    public int MaxGroups { get; init; } = 65535;

    /// <summary>Memory that a workgroup shares, in bytes.</summary>
    public int SharedMemoryBytes { get; init; } = 16384;

    /// <summary>Elements of a texel buffer at most; 0 where buffers cannot be read as texels.</summary>
    public long MaxTexelElements { get; init; } = 65536;

    /// <summary>Bytes of a storage buffer at most.</summary>
    public long MaxBufferBytes { get; init; } = 1L << 27;

    /// <summary>Half precision in buffers.</summary>
    public bool Fp16Storage { get; init; }

    /// <summary>Half precision in shaders.</summary>
    public bool Fp16Arithmetic { get; init; }

    /// <summary>8-bit integers in buffers.</summary>
    public bool Int8Storage { get; init; }

    /// <summary>Products of packed 8-bit integers as an instruction of the device; false where its driver takes them apart.</summary>
    public bool IntegerDotProduct { get; init; }

    /// <summary>Matrix products across a subgroup.</summary>
    public bool CooperativeMatrix { get; init; }

    /// <summary>Whether the host writes the device's memory directly.</summary>
    public bool UnifiedMemory { get; init; }

    /// <summary>Whether it is the processor in disguise.</summary>
    public bool IsProcessor { get; init; }

    /// <summary>Whether the device's clock can be read between dispatches.</summary>
    public bool Timestamps { get; init; }
}
