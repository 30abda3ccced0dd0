using System.Globalization;
using EdgeRuntime.Backends;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
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
    /// <param name="device">Number of a device, of Vulkan first and then of OpenCL, or a part of its name; null for all.</param>
    /// <param name="progress">Told what goes on.</param>
    /// <exception cref="EdgeException">There is no such device.</exception>
    public static SelfTestReport Make(string? device, Action<string>? progress = null)
    {
        string[] vulkan = [.. VulkanDevices.List().Devices.Select(d => d.Name)];
        DeviceList<OpenClDevice> openCl = OpenClDevices.List();
        (string Name, Func<GpuPrecision, ITested> Open)[] all =
        [
            .. vulkan.Select((name, i) => (name, (Func<GpuPrecision, ITested>)(p => new TestedVulkan($"{i}", p)))),
            .. openCl.Devices.Select((d, i) => (d.Name, (Func<GpuPrecision, ITested>)(p => new TestedOpenCl($"{i}", p)))),
        ];
        if (all.Length == 0) throw new EdgeException(ErrorCode.NoBackend, $"There is no device to test: {openCl.Problem ?? "none is listed"}.", "Install a driver; the CPU needs no test.");
        if (device is not null)
        {
            int chosen = int.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < all.Length ? number : Array.FindIndex(all, d => d.Name.Contains(device, StringComparison.OrdinalIgnoreCase));
            if (chosen < 0) throw new EdgeException(ErrorCode.DeviceTrouble, $"There is no device '{device}'; there are {string.Join(", ", all.Select((d, i) => $"{i} ({d.Name})"))}.", "Give the number or a part of the name of one of them.");
            all = [all[chosen]];
        }
        SelfTestedDevice[] devices = [.. all.Select(d => Test(d.Name, d.Open, progress))];
        return new(devices, devices.Sum(d => d.Kernels.Count(k => k.Result == "passed")), devices.Sum(d => d.Kernels.Count(k => k.Result != "passed") + (d.Problem is null ? 0 : 1)));
    }

    private static SelfTestedDevice Test(string name, Func<GpuPrecision, ITested> open, Action<string>? progress)
    {
        var kernels = new List<SelfTestedKernel>();
        string? driver = null, problem = null;
        bool storage = true, arithmetic = true;
        foreach (GpuPrecision precision in Enum.GetValues<GpuPrecision>())
        {
            try
            {
                if (precision != GpuPrecision.Float32 && !storage || precision == GpuPrecision.Float16 && !arithmetic) continue;
                using ITested tested = open(precision);
                (driver, storage, arithmetic) = (tested.Driver, tested.Traits.Fp16Storage, tested.Traits.Fp16Arithmetic);
                kernels.AddRange(tested.TestKernels((done, of) => progress?.Invoke($"{name}, {precision}: {done} of {of}"))
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

    /// <summary>A device behind whatever API, opened to be tested.</summary>
    private interface ITested : IDisposable
    {
        string Driver { get; }

        GpuTraits Traits { get; }

        IReadOnlyList<GpuTestResult> TestKernels(Action<int, int> done);
    }

    private sealed class TestedVulkan(string device, GpuPrecision precision) : ITested
    {
        private readonly VulkanBackend backend = VulkanBackend.Open(new VulkanOptions { Device = device, Precision = precision, CacheFolder = CacheFolder.Default });

        public string Driver => $"{backend.Device.Driver} {backend.Device.DriverVersion}";

        public GpuTraits Traits => backend.GpuTraits;

        public IReadOnlyList<GpuTestResult> TestKernels(Action<int, int> done) => backend.TestKernels(done);

        public void Dispose() => backend.Dispose();
    }

    private sealed class TestedOpenCl(string device, GpuPrecision precision) : ITested
    {
        private readonly OpenClBackend backend = OpenClBackend.Open(new OpenClOptions { Device = device, Precision = precision, CacheFolder = CacheFolder.Default });

        public string Driver => $"{backend.Device.Platform} {backend.Device.DriverVersion}";

        public GpuTraits Traits => backend.GpuTraits;

        public IReadOnlyList<GpuTestResult> TestKernels(Action<int, int> done) => backend.TestKernels(done);

        public void Dispose() => backend.Dispose();
    }
}

/// <summary>A device and its tests; the problem is what ended them early, or null.</summary>
internal sealed record SelfTestedDevice(string Device, string? Driver, string? Problem, SelfTestedKernel[] Kernels);

/// <summary>A compiled form of a kernel as a way to execute steps uses it: passed or quarantined, and why.</summary>
internal sealed record SelfTestedKernel(string Kernel, string Variant, string Way, string Result, double MaxError, string? Detail);
