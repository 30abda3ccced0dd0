using EdgeRuntime.Backends;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Devices;

/// <summary>The self-tests of the kernels on devices; its JSON is a contract.</summary>
/// <param name="Devices">The devices.</param>
/// <param name="Passed">Tests that passed, on all of them.</param>
/// <param name="Failed">Tests that failed: what they are about is not used.</param>
internal sealed record SelfTestReport(SelfTestedDevice[] Devices, int Passed, int Failed)
{
    /// <summary>Tests the devices that are meant, in each precision that they have, and keeps the results where sessions look for them.</summary>
    /// <param name="device">Number or part of the name of a device; null for all.</param>
    /// <param name="progress">Told what goes on.</param>
    /// <exception cref="EdgeException">There is no such device.</exception>
    public static SelfTestReport Make(string? device, Action<string>? progress = null)
    {
        DeviceList<VulkanDevice> list = VulkanDevices.List();
        if (list.Devices.Count == 0) throw new EdgeException(ErrorCode.NoBackend, $"There is no device to test: {list.Problem ?? "Vulkan lists none"}.", "Install a driver; the CPU needs no test.");
        string[] meant = device is null ? [.. Enumerable.Range(0, list.Devices.Count).Select(i => $"{i}")] : [device];
        SelfTestedDevice[] devices = [.. meant.Select(d => Test(d, progress))];
        return new(devices, devices.Sum(d => d.Kernels.Count(k => k.Result == "passed")), devices.Sum(d => d.Kernels.Count(k => k.Result != "passed") + (d.Problem is null ? 0 : 1)));
    }

    private static SelfTestedDevice Test(string device, Action<string>? progress)
    {
        var kernels = new List<SelfTestedKernel>();
        string name = device;
        string? driver = null, problem = null;
        foreach (GpuPrecision precision in Enum.GetValues<GpuPrecision>())
        {
            try
            {
                if (precision != GpuPrecision.Float32 && !Has(device, precision)) continue;
                using var backend = VulkanBackend.Open(new VulkanOptions { Device = device, Precision = precision, CacheFolder = CacheFolder.Default });
                (name, driver) = (backend.Device.Name, $"{backend.Device.Driver} {backend.Device.DriverVersion}");
                kernels.AddRange(backend.TestKernels((done, all) => progress?.Invoke($"{name}, {precision}: {done} of {all}"))
                    .Select(r => new SelfTestedKernel(r.Key.Kernel, r.Key.Variant, r.Key.Candidate, r.Passed ? "passed" : "quarantined", r.MaxError, r.Passed ? null : r.Detail)));
            }
            catch (EdgeException e) when (e.Code is >= ErrorCode.DeviceTrouble and < ErrorCode.BadUsage)
            {
                problem ??= e.Problem;
            }
        }
        // Kernels without floats are the same in each precision.
        return new(name, driver, problem, [.. kernels.DistinctBy(k => (k.Kernel, k.Variant, k.Way)).OrderBy(k => k.Kernel, StringComparer.Ordinal).ThenBy(k => k.Variant, StringComparer.Ordinal).ThenBy(k => k.Way, StringComparer.Ordinal)]);
    }

    private static bool Has(string device, GpuPrecision precision)
    {
        using var backend = VulkanBackend.Open(new VulkanOptions { Device = device });
        return precision == GpuPrecision.Float16 ? backend.Device.Fp16Storage && backend.Device.Fp16Arithmetic : backend.Device.Fp16Storage;
    }
}

/// <summary>A device and its tests; the problem is what ended them early, or null.</summary>
internal sealed record SelfTestedDevice(string Device, string? Driver, string? Problem, SelfTestedKernel[] Kernels);

/// <summary>A compiled form of a kernel as a way to execute steps uses it: passed or quarantined, and why.</summary>
internal sealed record SelfTestedKernel(string Kernel, string Variant, string Way, string Result, double MaxError, string? Detail);
