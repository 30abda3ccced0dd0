using EdgeRuntime.Backends;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Tools.Verification;

/// <summary>One of the backends that are compared, open. By name: cpu; cpu:avx2 and the like, kept to those instructions; vulkan and opencl, with a colon and a part of the device's name for one that is not the best.</summary>
/// <param name="Name">As it was asked for.</param>
/// <param name="Backend">The backend.</param>
internal sealed record ComparedBackend(string Name, IBackend Backend) : IDisposable
{
    private const string Cpu = "cpu", Vulkan = "vulkan", OpenCl = "opencl";

    /// <summary>More than one, so that shared tiles are compared too.</summary>
    private const int Threads = 2;

    /// <summary>Names of all that are here, the CPU as it chooses by itself first.</summary>
    public static IReadOnlyList<string> Here() =>
    [
        Cpu,
        .. CpuPath.All.Select(p => $"{Cpu}:{p.Name}"),
        .. Devices(Vulkan, [.. VulkanDevices.List().Devices.Select(d => d.Name)]),
        .. Devices(OpenCl, [.. OpenClDevices.List().Devices.Select(d => d.Name)]),
    ];

    /// <summary>Opens backends by their names; those of <see cref="Here"/> where none is named, without those that cannot be opened.</summary>
    /// <param name="names">The names, or none.</param>
    /// <param name="problems">Told of each that cannot be opened.</param>
    /// <exception cref="EdgeException">One that was named is not to be had.</exception>
    public static IReadOnlyList<ComparedBackend> Open(IReadOnlyList<string> names, Action<string> problems)
    {
        var opened = new List<ComparedBackend>();
        try
        {
            foreach (string name in names.Count > 0 ? names : Here())
            {
                try
                {
                    opened.Add(new ComparedBackend(name, Open(name)));
                }
                catch (EdgeException e) when (names.Count == 0 && (e.Code == ErrorCode.NoBackend || e.Code is >= ErrorCode.DeviceTrouble and < ErrorCode.BadUsage))
                {
                    problems($"{name}: {e.Problem}");
                }
            }
            return opened;
        }
        catch
        {
            foreach (ComparedBackend backend in opened) backend.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Backend.Dispose();

    private static IBackend Open(string name)
    {
        string[] parts = name.Split(':', 2);
        string? part = parts.Length > 1 ? parts[1] : null;
        switch (parts[0])
        {
            case Cpu when part is null: return new CpuBackend(Threads);
            case Cpu:
                return CpuPath.All.FirstOrDefault(p => p.Name == part)?.Open(Threads)
                    ?? throw new EdgeException(ErrorCode.NoBackend, $"'{name}': this processor has {string.Join(", ", CpuPath.All.Select(p => p.Name))}.", "Name one of these, or cpu.");
            case Vulkan or OpenCl:
                var request = new BackendRequest(parts[0] == Vulkan ? BackendKind.Vulkan : BackendKind.OpenCl, part, CacheFolder.Default, GpuPrecision.Float32, Profile: false, KernelTuning.None);
                return BackendSelector.Open(request).Accelerators[0];
            default:
                throw new EdgeException(ErrorCode.BadUsage, $"'{name}' is no backend to compare.", "Name cpu, cpu:avx2, vulkan, vulkan:DEVICE, opencl or opencl:DEVICE, with commas between.");
        }
    }

    /// <summary>A name for each device: the first word of its own, or its number where another one has that too.</summary>
    private static IEnumerable<string> Devices(string backend, string[] devices)
    {
        string[] words = [.. devices.Select(d => d.Split(' ', '(', ',', '-')[0])];
        return words.Select((word, i) => word.Length > 0 && devices.Count(d => d.Contains(word, StringComparison.OrdinalIgnoreCase)) == 1 ? $"{backend}:{word}" : $"{backend}:{i}");
    }
}
