namespace EdgeRuntime.Backends;

/// <summary>Which backend is preferred; what it does not take runs on the CPU.</summary>
public enum BackendKind
{
    /// <summary>
    /// Vulkan where there is a device that is no processor in disguise, or where one is named, else the CPU. The environment variable EDGERUNTIME_BACKEND
    /// (vulkan or cpu) decides otherwise.
    /// </summary>
    Auto,

    /// <summary>Vulkan, on software drivers too; an error where there is no device.</summary>
    Vulkan,

    /// <summary>OpenCL; runs no models in this version.</summary>
    OpenCl,

    /// <summary>The CPU alone.</summary>
    Cpu,
}
