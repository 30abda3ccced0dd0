using System.Globalization;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>Which of an API's devices.</summary>
internal static class GpuDeviceChoice
{
    /// <summary>Kinds of devices, in the words of either API, the fastest first.</summary>
    private static readonly string[] Order = ["discrete_gpu", "integrated_gpu", "gpu", "virtual_gpu", "accelerator", "other", "cpu"];

    /// <summary>Index of the device that is asked for by its number or a part of its name; without a wish, of the first of the fastest kind.</summary>
    /// <param name="api">Name of the API for messages.</param>
    /// <param name="devices">Name and kind of each.</param>
    /// <param name="wish">The number or part of a name, or null.</param>
    /// <exception cref="EdgeException">There is none.</exception>
    public static int Choose(string api, IReadOnlyList<(string Name, string Type)> devices, string? wish)
    {
        if (devices.Count == 0)
            throw new EdgeException(ErrorCode.DeviceTrouble, $"There is no {api} device on this machine.", "Install a driver; `edgert devices` says what is there.");
        if (wish is null) return Enumerable.Range(0, devices.Count).MinBy(i => Array.IndexOf(Order, devices[i].Type));
        if (int.TryParse(wish, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < devices.Count) return number;
        for (int i = 0; i < devices.Count; i++)
            if (devices[i].Name.Contains(wish, StringComparison.OrdinalIgnoreCase)) return i;
        throw new EdgeException(ErrorCode.DeviceTrouble, $"There is no {api} device '{wish}'; there are {string.Join(", ", devices.Select((d, i) => $"{i} ({d.Name})"))}.",
            "Give the number or a part of the name of one of them.");
    }
}
