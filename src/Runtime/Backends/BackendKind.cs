namespace EdgeRuntime.Backends;

/// <summary>Which backend is preferred; what it does not take runs on the CPU.</summary>
public enum BackendKind
{
    /// <summary>
    /// What is the fastest on this machine for each part of a model, as <see cref="PlacementRule"/> says: Vulkan and OpenCL, where there is a device that is no processor in disguise, and the CPU; Vulkan where a device is
    /// named. The environment variable EDGERUNTIME_BACKEND (vulkan, opencl or cpu) decides otherwise.
    /// </summary>
    Auto,

    /// <summary>Vulkan, on software drivers too; an error where there is no device.</summary>
    Vulkan,

    /// <summary>OpenCL, on drivers for the processor too; an error where there is no device.</summary>
    OpenCl,

    /// <summary>The CPU alone.</summary>
    Cpu,
}
