using System.Text;
using Silk.NET.OpenCL;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>Lists the OpenCL devices of this machine.</summary>
/// <remarks>Drivers are loaded into this process. One that reports an error becomes a reason; one that crashes or hangs takes the process with it,
/// so name the one that is to be used in the environment variable OCL_ICD_VENDORS where one does.</remarks>
public static unsafe class OpenClDevices
{
    private const uint Most = 64;
    private const int LongestText = 1 << 16;

    // The loader's own code for "no driver", from the extension cl_khr_icd.
    private const int PlatformNotFound = -1001;

    /// <summary>All devices, or why there are none. Throws nothing for what the machine lacks.</summary>
    public static DeviceList<OpenClDevice> List()
    {
        if (OpenClLoader.Missing() is { } missing) return new([], missing);
        using CL cl = CL.GetApi();
        try
        {
            return List(cl);
        }
        catch (EntryPointNotFoundException e)
        {
            return new([], $"the OpenCL loader is too old: {e.Message}");
        }
    }

    private static DeviceList<OpenClDevice> List(CL cl)
    {
        IReadOnlyList<(nint Device, OpenClDevice Description)> devices = Find(cl, out string? problem);
        return new([.. devices.Select(d => d.Description)], problem);
    }

    /// <summary>All devices with their handles, in the order of <see cref="List()"/>.</summary>
    internal static IReadOnlyList<(nint Device, OpenClDevice Description)> Find(CL cl, out string? problem)
    {
        uint platformCount = 0;
        nint* platforms = stackalloc nint[(int)Most];
        int result = cl.GetPlatformIDs(Most, platforms, &platformCount);
        problem = result == PlatformNotFound || result == 0 && platformCount == 0 ? DriverFiles.OpenCl().Explain("the OpenCL loader can use no driver") : result != 0 ? $"clGetPlatformIDs: {Name(result)}" : null;
        if (problem is not null) return [];
        var devices = new List<(nint, OpenClDevice)>();
        nint* found = stackalloc nint[(int)Most];
        for (uint p = 0; p < Math.Min(platformCount, Most); p++)
        {
            nint platform = platforms[p];
            string name = Text((size, value, needed) => cl.GetPlatformInfo(platform, PlatformInfo.Name, size, (void*)value, (nuint*)needed));
            uint count = 0;
            int listed = cl.GetDeviceIDs(platform, DeviceType.All, Most, found, &count);
            if (listed == (int)ErrorCodes.DeviceNotFound || listed == 0 && count == 0) problem = $"{name}: it has no device";
            else if (listed != 0) problem = $"{name}: clGetDeviceIDs: {Name(listed)}";
            else
                for (uint d = 0; d < Math.Min(count, Most); d++) devices.Add((found[d], Read(cl, found[d], name)));
        }
        return devices;
    }

    private static OpenClDevice Read(CL cl, nint device, string platform)
    {
        string[] extensions = Text(cl, device, DeviceInfo.Extensions).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var type = (DeviceType)Number<ulong>(cl, device, DeviceInfo.Type);
        // What a driver does not answer is zero or empty: an older one knows fewer questions.
        bool profiling = (Number<ulong>(cl, device, DeviceInfo.QueueOnHostProperties) & (ulong)CommandQueueProperties.ProfilingEnable) != 0;
        return new OpenClDevice(
            Text(cl, device, DeviceInfo.Name),
            (type & DeviceType.Gpu) != 0 ? "gpu" : (type & DeviceType.Cpu) != 0 ? "cpu" : (type & DeviceType.Accelerator) != 0 ? "accelerator" : "other",
            platform, Text(cl, device, DeviceInfo.DriverVersion), Text(cl, device, DeviceInfo.Version), Text(cl, device, DeviceInfo.OpenclCVersion),
            (int)Number<uint>(cl, device, DeviceInfo.MaxComputeUnits), (long)Number<ulong>(cl, device, DeviceInfo.GlobalMemSize),
            (long)Number<ulong>(cl, device, DeviceInfo.MaxMemAllocSize), (long)Number<ulong>(cl, device, DeviceInfo.LocalMemSize),
            (long)Number<nuint>(cl, device, DeviceInfo.MaxWorkGroupSize), Number<uint>(cl, device, DeviceInfo.HostUnifiedMemory) != 0,
            Number<uint>(cl, device, DeviceInfo.CompilerAvailable) != 0,
            extensions.Contains("cl_khr_subgroups") || extensions.Contains("cl_intel_subgroups"), extensions.Contains("cl_khr_fp16"),
            extensions.Contains("cl_khr_integer_dot_product"), profiling ? Number<nuint>(cl, device, DeviceInfo.ProfilingTimerResolution) : null);
    }

    /// <summary>What a device answers to a question; zero where it knows no answer.</summary>
    internal static T Number<T>(CL cl, nint device, DeviceInfo what) where T : unmanaged
    {
        T value = default;
        return cl.GetDeviceInfo(device, what, (nuint)sizeof(T), &value, null) == 0 ? value : default;
    }

    private static string Text(CL cl, nint device, DeviceInfo what) =>
        Text((size, value, needed) => cl.GetDeviceInfo(device, what, size, (void*)value, (nuint*)needed));

    private static string Text(Func<nuint, nint, nint, int> ask)
    {
        nuint size = 0;
        if (ask(0, 0, (nint)(&size)) != 0 || size is 0 or > LongestText) return "";
        byte[] text = new byte[size];
        fixed (byte* first = text)
            if (ask(size, (nint)first, 0) != 0) return "";
        return Encoding.UTF8.GetString(text).TrimEnd('\0').Trim();
    }

    private static string Name(int result) => ((ErrorCodes)result).ToString();
}
