using EdgeRuntime.Diagnostics;
using Silk.NET.OpenCL;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>What OpenCL's results mean to users.</summary>
internal static class OpenClErrors
{
    /// <summary>Longer logs are cut: users are to read them.</summary>
    private const int LongestLog = 4000;

    /// <summary>Throws for a result that is an error.</summary>
    /// <param name="result">What was returned.</param>
    /// <param name="call">The function that returned it.</param>
    /// <param name="device">Name of the device.</param>
    public static void Check(ErrorCodes result, string call, string device)
    {
        if (result != ErrorCodes.Success) throw Error(result, call, device);
    }

    /// <summary>The error for a result.</summary>
    public static EdgeException Error(ErrorCodes result, string call, string device)
    {
        string what = $"{device}: {call} returned {result}";
        return result switch
        {
            // Drivers take a queue or a context away when they reset a device.
            ErrorCodes.DeviceNotAvailable or ErrorCodes.InvalidCommandQueue or ErrorCodes.InvalidContext or ErrorCodes.InvalidDevice =>
                new(ErrorCode.DeviceLost, $"{what}: the device stopped working.", "Run on another device, and look for news of the driver."),
            ErrorCodes.OutOfResources or ErrorCodes.OutOfHostMemory or ErrorCodes.MemObjectAllocationFailure or ErrorCodes.MapFailure or ErrorCodes.InvalidBufferSize =>
                new(ErrorCode.OutOfDeviceMemory, $"{what}: there is not enough memory.", "Use a smaller model or smaller inputs, or end other programs that use the device."),
            _ when call is "clCreateProgramWithSource" or "clBuildProgram" or "clCreateKernel" or "clGetKernelWorkGroupInfo"
                || result is ErrorCodes.InvalidWorkGroupSize or ErrorCodes.InvalidWorkItemSize or ErrorCodes.InvalidKernelArgs or ErrorCodes.InvalidProgramExecutable => Refused(what, ""),
            _ => new(ErrorCode.DeviceTrouble, $"{what}.", "Run on another device, and look for news of the driver."),
        };
    }

    /// <summary>The error for a program that is not built, with what the compiler has to say.</summary>
    public static EdgeException Refused(string what, string log)
    {
        log = log.Trim();
        if (log.Length > LongestLog) log = log[..LongestLog] + " ...";
        return new EdgeException(ErrorCode.PipelineRefused, $"{what}: the driver refuses a kernel{(log.Length > 0 ? $":\n{log}\n" : ".")}", "Run on another device, and look for news of the driver.");
    }

    /// <summary>The error for a device that is taken for dead.</summary>
    public static EdgeException TimedOut(string device, TimeSpan patience) =>
        new(ErrorCode.DeviceTimeout, $"{device}: the device did not finish within {patience.TotalSeconds:0.###} s.", "Use a faster device, or a smaller model.");
}
