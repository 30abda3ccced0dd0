namespace EdgeRuntime.Inference;

/// <summary>Where a <see cref="Worker"/> runs a model.</summary>
public enum BackendType
{
    /// <summary>On the processor.</summary>
    CPU,

    /// <summary>On a graphics device, through Vulkan or OpenCL; what it does not take, or all where there is none, runs on the processor.</summary>
    GPUCompute,
}
