using EdgeRuntime.Diagnostics;
using Silk.NET.Vulkan;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>What Vulkan's results mean to users.</summary>
internal static class VulkanErrors
{
    /// <summary>Throws for a result that is an error, or an end of patience.</summary>
    /// <param name="result">What was returned.</param>
    /// <param name="call">The function that returned it.</param>
    /// <param name="device">Name of the device.</param>
    public static void Check(Result result, string call, string device)
    {
        if (result != Result.Success) throw Error(result, call, device);
    }

    private static EdgeException Error(Result result, string call, string device)
    {
        string what = $"{device}: {call} returned {result}";
        return result switch
        {
            Result.ErrorDeviceLost => new(ErrorCode.DeviceLost, $"{what}: the device stopped working.", "Run on another device, and look for news of the driver."),
            Result.ErrorOutOfDeviceMemory or Result.ErrorOutOfHostMemory or Result.ErrorOutOfPoolMemory or Result.ErrorMemoryMapFailed or Result.ErrorTooManyObjects =>
                new(ErrorCode.OutOfDeviceMemory, $"{what}: there is not enough memory.", "Use a smaller model or smaller inputs, or end other programs that use the device."),
            Result.Timeout => new(ErrorCode.DeviceTimeout, $"{what}: the device did not finish in time.", "Use a faster device, or a smaller model."),
            _ when call == "vkCreateComputePipelines" || call == "vkCreateShaderModule" =>
                new(ErrorCode.PipelineRefused, $"{what}: the driver refuses a kernel.", "Run on another device, and look for news of the driver."),
            _ => new(ErrorCode.DeviceTrouble, $"{what}.", "Run on another device, and look for news of the driver."),
        };
    }
}
