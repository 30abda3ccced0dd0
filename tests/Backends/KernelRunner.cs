using EdgeRuntime.Backends.Gpu;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Runs one kernel of src/Shaders on one device, without a plan or a backend: what the kernel computes, and nothing else.</summary>
internal abstract class KernelRunner : IDisposable
{
    /// <summary>What operands that are written hold before.</summary>
    public const uint Untouched = 0xA5A5A5A5;

    /// <summary>The drivers of this project's tests: two of Vulkan and one of OpenCL, all of them software.</summary>
    public static string[] Drivers { get; } = ["lavapipe", "swiftshader", "pocl"];

    /// <summary>Opens a driver's device; skips the test where it is not installed.</summary>
    public static KernelRunner Open(string driver) => driver == "pocl" ? new OpenClKernelRunner() : new VulkanKernelRunner(driver);

    /// <summary>Makes the program with its constants, and the operands, in 32-bit words; those that are written need only their lengths.</summary>
    public abstract void Prepare(Dispatch dispatch, KernelVariant variant, params uint[][] operands);

    /// <summary>Executes what is prepared and waits for its end.</summary>
    public abstract void Execute();

    /// <summary>The words of an operand.</summary>
    public abstract uint[] Read(int operand);

    public abstract void Dispose();
}
