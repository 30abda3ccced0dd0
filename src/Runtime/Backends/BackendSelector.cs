using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
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
    private static readonly Lazy<string?> WhyNoVulkan = new(() => WhyNone("vulkan", () => VulkanDevices.List() is var list ? ([.. list.Devices.Select(d => (d.Name, d.Type))], list.Problem) : default));

    private static readonly Lazy<string?> WhyNoOpenCl = new(() => WhyNone("opencl", () => OpenClDevices.List() is var list ? ([.. list.Devices.Select(d => (d.Name, d.Type))], list.Problem) : default));

    /// <summary>The accelerators that a request means, the preferred first; none, with the reasons, where the CPU alone is to run.</summary>
    /// <exception cref="EdgeException">A backend or device was named and is not to be had (<see cref="ErrorCode.NoBackend"/>).</exception>
    public static (IReadOnlyList<IBackend> Accelerators, IReadOnlyList<string> PassedOver) Open(BackendRequest request)
    {
        switch (Kind(request))
        {
            case BackendKind.Vulkan:
                return OpenVulkan(request, out string problem) is { } wanted ? ([wanted], []) : throw Missing("Vulkan", problem);
            case BackendKind.OpenCl:
                return OpenOpenCl(request, out string trouble) is { } asked ? ([asked], []) : throw Missing("OpenCL", trouble);
            case BackendKind.Cpu:
                if (request.Device is not null)
                    throw new EdgeException(ErrorCode.BadUsage, $"The device '{request.Device}' was named for the CPU, which has none to choose from.", "Leave the device out, or name the backend vulkan or opencl.");
                return ([], []);
            default:
                var found = new List<IBackend>();
                var passedOver = new List<string>();
                bool admitsSoftware = request.Placement == PlacementRule.Measure;
                if (!admitsSoftware && WhyNoVulkan.Value is { } noVulkan) passedOver.Add($"vulkan: {noVulkan}");
                else if (OpenVulkan(request, out string refusal) is { } vulkan) found.Add(vulkan);
                else passedOver.Add($"vulkan: {refusal}");
                if (!admitsSoftware && WhyNoOpenCl.Value is { } noOpenCl) passedOver.Add($"opencl: {noOpenCl}");
                else if (OpenOpenCl(request, out string refused) is { } openCl) found.Add(openCl);
                else passedOver.Add($"opencl: {refused}");
                return (found, passedOver);
        }
    }

    /// <summary>Whether it is measured what runs best where: where that is asked for, and where nothing is named.</summary>
    public static bool IsMeasured(BackendRequest request) =>
        request.Placement == PlacementRule.Measure || request.Placement == PlacementRule.Auto && Kind(request) == BackendKind.Auto;

    private static BackendKind Kind(BackendRequest request)
    {
        if (request.Kind != BackendKind.Auto) return request.Kind;
        if (request.Device is not null) return BackendKind.Vulkan;
        return Environment.GetEnvironmentVariable(Variable) switch
        {
            null or "" or "auto" => BackendKind.Auto,
            "vulkan" => BackendKind.Vulkan,
            "opencl" => BackendKind.OpenCl,
            "cpu" => BackendKind.Cpu,
            var other => throw new EdgeException(ErrorCode.BadUsage, $"{Variable} is '{other}', which is no backend.", "Set it to auto, vulkan, opencl or cpu, or to nothing."),
        };
    }

    /// <summary>Why no device of an API is taken unasked; null where there is one that is no processor in disguise.</summary>
    private static string? WhyNone(string name, Func<(IReadOnlyList<(string Name, string Type)> Devices, string? Problem)> list)
    {
        string whenUsed = $"it is used when {name} is named, and tried with placement by measuring";
        if (GraphicsNodes.Missing() is { } none) return $"{none}; a driver in software: {whenUsed}";
        (IReadOnlyList<(string Name, string Type)> devices, string? problem) = list();
        if (devices.Count == 0) return problem ?? "no device";
        return devices.Any(d => d.Type != "cpu") ? null
            : $"{string.Join(", ", devices.Select(d => d.Name))}: software, which the CPU backend outruns; {whenUsed}";
    }

    private static IBackend? OpenVulkan(BackendRequest request, out string problem)
    {
        problem = "";
        try
        {
            var options = new VulkanOptions { Device = request.Device, Precision = request.Precision, Profile = request.Profile, CacheFolder = request.CacheFolder, Tuning = request.Tuning == KernelTuning.None ? GpuTuning.First : GpuTuning.Measure };
            return VulkanBackend.Open(Budget(request) is { } budget ? options with { TuningBudget = budget } : options);
        }
        catch (EdgeException e) when (e.Code is >= ErrorCode.DeviceTrouble and < ErrorCode.BadUsage)
        {
            problem = e.Problem;
            return null;
        }
    }

    private static IBackend? OpenOpenCl(BackendRequest request, out string problem)
    {
        problem = "";
        try
        {
            GpuTuning tuning = request.Tuning switch { KernelTuning.None => GpuTuning.First, KernelTuning.Auto => GpuTuning.Auto, _ => GpuTuning.Measure };
            var options = new OpenClOptions { Device = request.Device, Precision = request.Precision, Profile = request.Profile, CacheFolder = request.CacheFolder, Tuning = tuning };
            return OpenClBackend.Open(Budget(request) is { } budget ? options with { TuningBudget = budget } : options);
        }
        catch (EdgeException e) when (e.Code is >= ErrorCode.DeviceTrouble and < ErrorCode.BadUsage)
        {
            problem = e.Problem;
            return null;
        }
    }

    /// <summary>How long tuning kernels for a plan may take; null for what is usual. Where it is measured whether a device is worth using at all, not for long, unless tuning was asked for.</summary>
    private static TimeSpan? Budget(BackendRequest request) => request.Tuning switch
    {
        KernelTuning.Full => TimeSpan.FromMinutes(5),
        KernelTuning.Auto when IsMeasured(request) => TimeSpan.FromSeconds(1),
        _ => null,
    };

    private static EdgeException Missing(string backend, string problem) => new(ErrorCode.NoBackend, $"{backend} cannot run the model: {problem.TrimEnd('.')}.", WhatToDo);
}
