using System.Collections.Concurrent;
using EdgeRuntime.Backends;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>The OpenCL drivers that tests run on: PoCL, and graphics hardware where there is some. One backend each, shared by all tests.</summary>
internal static class OpenClDrivers
{
    /// <summary>Names of the drivers for <c>[InlineData]</c>.</summary>
    public const string Pocl = "pocl", Hardware = "gpu";

    /// <summary>What PoCL calls its platform.</summary>
    private const string PoclPlatform = "Portable Computing Language";

    private static readonly ConcurrentDictionary<(string, GpuPrecision), Lazy<OpenClBackend>> Opened = new();

    private static readonly Lazy<DeviceList<OpenClDevice>> Devices = new(OpenClDevices.List);

    /// <summary>All names.</summary>
    public static string[] Names => [Pocl, Hardware];

    /// <summary>The backend on a driver; the test is skipped where the driver is absent.</summary>
    public static OpenClBackend Open(string name, GpuPrecision precision = GpuPrecision.Float32) =>
        Opened.GetOrAdd((Index(name), precision), key => new(() => OpenClBackend.Open(Options(name) with { Precision = key.Item2 }))).Value;

    /// <summary>Options of a driver: the first way for each step, and no kernel tried before. The test is skipped where the driver is absent.</summary>
    public static OpenClOptions Options(string name) => new() { Device = Index(name), Tuning = GpuTuning.First, SelfTest = false };

    /// <summary>True where a driver is on this machine.</summary>
    public static bool IsHere(string name) => Find(name) >= 0;

    private static int Find(string name)
    {
        IReadOnlyList<OpenClDevice> devices = Devices.Value.Devices;
        return Enumerable.Range(0, devices.Count).FirstOrDefault(i => name == Hardware ? devices[i].Type is "gpu" or "accelerator" && devices[i].Compiler : devices[i].Platform == PoclPlatform, -1);
    }

    private static string Index(string name)
    {
        int index = Find(name);
        Assert.SkipUnless(index >= 0, name == Hardware ? "There is no OpenCL graphics hardware here." : $"There is no OpenCL device of PoCL here ({Devices.Value.Problem ?? "others are"}): apt-get install ocl-icd-libopencl1 pocl-opencl-icd.");
        return index.ToString();
    }
}
