using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.Vulkan;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>The Vulkan drivers that tests run on: two software drivers, and graphics hardware where there is some. One backend each, shared by all tests.</summary>
internal static partial class VulkanDrivers
{
    /// <summary>Names of the drivers for <c>[InlineData]</c>: each is a part of its device's name, or "gpu" for hardware.</summary>
    public const string Lavapipe = "llvmpipe", SwiftShader = "SwiftShader", Hardware = "gpu";

    /// <summary>Where the drivers are described, the software ones first.</summary>
    private static readonly string[] Files =
    [
        "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json", "/usr/share/vulkan/icd.d/lvp_icd.aarch64.json", "/usr/lib/chromium/vk_swiftshader_icd.json",
        "/usr/share/vulkan/icd.d/nvidia_icd.json", "/etc/vulkan/icd.d/nvidia_icd.json",
    ];

    private static readonly ConcurrentDictionary<(string, GpuPrecision), Lazy<VulkanBackend>> Opened = new();

    /// <summary>All names.</summary>
    public static string[] Names => [Lavapipe, SwiftShader, Hardware];

    /// <summary>The backend on a driver, validated where the layer is installed; the test is skipped where the driver is absent.</summary>
    public static VulkanBackend Open(string name, GpuPrecision precision = GpuPrecision.Float32) =>
        Opened.GetOrAdd((Index(name), precision), key => new(() => VulkanBackend.Open(new VulkanOptions { Device = key.Item1, Precision = key.Item2, Validation = true, Tuning = GpuTuning.First, SelfTest = false }))).Value;

    /// <summary>The number of a driver's device, for <see cref="GpuOptions.Device"/>; the test is skipped where the driver is absent.</summary>
    public static string Index(string name)
    {
        int index = Find(name);
        Assert.SkipUnless(index >= 0, $"There is no Vulkan device '{name}' here; mesa-vulkan-drivers has lavapipe, chromium-common SwiftShader.");
        return index.ToString();
    }

    /// <summary>True where a driver is on this machine.</summary>
    public static bool IsHere(string name) => Find(name) >= 0;

    private static int Find(string name)
    {
        IReadOnlyList<VulkanDevice> devices = Devices.Value;
        return Enumerable.Range(0, devices.Count).FirstOrDefault(i => name == Hardware ? devices[i].Type.EndsWith("_gpu", StringComparison.Ordinal) : devices[i].Name.Contains(name, StringComparison.Ordinal), -1);
    }

    private static readonly Lazy<IReadOnlyList<VulkanDevice>> Devices = new(() => VulkanDevices.List().Devices);

    /// <summary>Loaders read C's environment, which .NET's is a copy of, when they are first called.</summary>
    [ModuleInitializer]
    internal static void Choose()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("VK_DRIVER_FILES") is not null) return;
        string[] found = [.. Files.Where(File.Exists)];
        if (found.Length > 0) Assert.Equal(0, SetVariable("VK_DRIVER_FILES", string.Join(':', found), 1));
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
