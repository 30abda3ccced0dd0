using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Backends;

/// <summary>Opens the backend that is wanted, or says why it is not to be had. Nothing is chosen silently.</summary>
internal static class BackendSelector
{
    /// <summary>The environment variable that decides what <see cref="BackendKind.Auto"/> means.</summary>
    public const string Variable = "EDGERUNTIME_BACKEND";

    private const string WhatToDo = "`edgert devices` shows what there is; auto takes what is there.";

    // Asking loads every driver there is, which takes a while: once a process is enough.
    private static readonly Lazy<string?> WhyNoGpu = new(FindOutWhyNoGpu);

    /// <summary>The accelerators that a request means, the preferred first; none, with the reasons, where the CPU alone is to run.</summary>
    /// <exception cref="EdgeException">A backend or device was named and is not to be had (<see cref="ErrorCode.NoBackend"/>).</exception>
    public static (IReadOnlyList<IBackend> Accelerators, IReadOnlyList<string> PassedOver) Open(BackendRequest request)
    {
        switch (Kind(request))
        {
            case BackendKind.Vulkan:
                return OpenVulkan(request, out string problem) is { } wanted ? ([wanted], []) : throw Missing("Vulkan", problem);
            case BackendKind.OpenCl:
                throw Missing("OpenCL", "it runs no models in this version; its devices are only listed");
            case BackendKind.Cpu:
                if (request.Device is not null)
                    throw new EdgeException(ErrorCode.BadUsage, $"The device '{request.Device}' was named for the CPU, which has none to choose from.", "Leave the device out, or name the backend vulkan.");
                return ([], []);
            default:
                if (WhyNoGpu.Value is { } reason) return ([], [$"vulkan: {reason}"]);
                return OpenVulkan(request, out string refusal) is { } found ? ([found], []) : ([], [$"vulkan: {refusal}"]);
        }
    }

    private static BackendKind Kind(BackendRequest request)
    {
        if (request.Kind != BackendKind.Auto) return request.Kind;
        if (request.Device is not null) return BackendKind.Vulkan;
        return Environment.GetEnvironmentVariable(Variable) switch
        {
            null or "" or "auto" => BackendKind.Auto,
            "vulkan" => BackendKind.Vulkan,
            "cpu" => BackendKind.Cpu,
            var other => throw new EdgeException(ErrorCode.BadUsage, $"{Variable} is '{other}', which is no backend.", "Set it to auto, vulkan or cpu, or to nothing."),
        };
    }

    private static string? FindOutWhyNoGpu()
    {
        if (GraphicsNodes.Missing() is { } none) return $"{none}; name vulkan to use a driver in software";
        DeviceList<VulkanDevice> list = VulkanDevices.List();
        if (list.Devices.Count == 0) return list.Problem ?? "no device";
        return list.Devices.Any(d => d.Type != "cpu") ? null
            : $"{string.Join(", ", list.Devices.Select(d => d.Name))}: software, which the CPU backend outruns; name vulkan to use it";
    }

    private static IBackend? OpenVulkan(BackendRequest request, out string problem)
    {
        problem = "";
        try
        {
            var options = new VulkanOptions { Device = request.Device, Precision = request.Precision, Profile = request.Profile, CacheFolder = request.CacheFolder, Tuning = request.Tuning == KernelTuning.None ? GpuTuning.First : GpuTuning.Measure };
            return VulkanBackend.Open(request.Tuning == KernelTuning.Full ? options with { TuningBudget = TimeSpan.FromMinutes(5) } : options);
        }
        catch (EdgeException e) when (e.Code is >= ErrorCode.DeviceTrouble and < ErrorCode.BadUsage)
        {
            problem = e.Problem;
            return null;
        }
    }

    private static EdgeException Missing(string backend, string problem) => new(ErrorCode.NoBackend, $"{backend} cannot run the model: {problem.TrimEnd('.')}.", WhatToDo);
}
