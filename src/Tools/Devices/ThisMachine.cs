using System.Runtime.InteropServices;
using EdgeRuntime.Backends.Cpu;

namespace EdgeRuntime.Tools.Devices;

/// <summary>What the processor is and can do.</summary>
/// <param name="Processor">Its name, as the system gives it.</param>
/// <param name="Architecture">Such as x64 or arm64.</param>
/// <param name="Cores">Logical processors this process may use.</param>
/// <param name="InstructionSets">What the kernels can choose from here.</param>
/// <param name="MemoryBytes">Memory this process may use.</param>
/// <param name="System">Operating system and version.</param>
/// <param name="Runtime">Version of .NET.</param>
internal sealed record ThisMachine(
    string Processor, string Architecture, int Cores, IReadOnlyList<string> InstructionSets, long MemoryBytes, string System, string Runtime)
{
    /// <summary>Looks at this machine.</summary>
    public static ThisMachine Describe()
    {
        using var cpu = new CpuBackend(threads: 1);
        return new ThisMachine(
            ProcessorName() ?? "unknown", RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(), Environment.ProcessorCount,
            [.. cpu.Traits.Details.Where(detail => !detail.EndsWith("threads", StringComparison.Ordinal))],
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, RuntimeInformation.OSDescription, Environment.Version.ToString());
    }

    private static string? ProcessorName()
    {
        if (OperatingSystem.IsWindows()) return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        if (OperatingSystem.IsMacOS()) return ChildProgram.FirstLine("sysctl", "-n", "machdep.cpu.brand_string");
        // Boards with Arm processors have no name there, but say what board they are.
        return Field("/proc/cpuinfo", "model name") ?? Text("/proc/device-tree/model");
    }

    private static string? Field(string path, string name) => File.Exists(path)
        ? File.ReadLines(path).Where(line => line.StartsWith(name, StringComparison.Ordinal)).Select(line => line[(line.IndexOf(':') + 1)..].Trim()).FirstOrDefault()
        : null;

    private static string? Text(string path) => File.Exists(path) ? File.ReadAllText(path).TrimEnd('\0', '\n') : null;
}
