using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Backends;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Devices;

/// <summary>
/// Asks for devices in a process of its own: drivers are loaded into whoever asks, and one that crashes or never comes back must not take everything else with it. Where that happens each driver is asked alone, to
/// say which one it is.
/// </summary>
internal static partial class DeviceProbe
{
    /// <summary>The option of the verb <c>devices</c> that such a process is started with; it is not for users.</summary>
    public const string Option = "--probe";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>What Vulkan has.</summary>
    public static DeviceList<VulkanDevice> Vulkan() => Ask("vulkan", "Vulkan", DriverFiles.Vulkan(), text => JsonSerializer.Deserialize(text, Lists.Default.DeviceListVulkanDevice));

    /// <summary>What OpenCL has.</summary>
    public static DeviceList<OpenClDevice> OpenCl() => Ask("opencl", "OpenCL", DriverFiles.OpenCl(), text => JsonSerializer.Deserialize(text, Lists.Default.DeviceListOpenClDevice));

    /// <summary>What the process of its own prints.</summary>
    /// <exception cref="EdgeException">There is no such interface.</exception>
    public static string Answer(string api) => api switch
    {
        "vulkan" => JsonSerializer.Serialize(VulkanDevices.List(), Lists.Default.DeviceListVulkanDevice),
        "opencl" => JsonSerializer.Serialize(OpenClDevices.List(), Lists.Default.DeviceListOpenClDevice),
        _ => throw new EdgeException(ErrorCode.BadUsage, $"'{api}' is no interface to devices."),
    };

    private static DeviceList<T> Ask<T>(string api, string name, DriverFiles drivers, Func<string, DeviceList<T>?> read)
    {
        string? failure = Start(api, null, read, out DeviceList<T>? list);
        if (failure is null) return list!;
        List<string> good = [], bad = [];
        List<T> devices = [];
        foreach (string file in drivers.Files)
        {
            if (Start(api, (drivers.Variable, file), read, out DeviceList<T>? alone) is { } why) bad.Add($"{file} {why}");
            else
            {
                if (alone!.Devices.Count > 0) good.Add(file);
                devices.AddRange(alone.Devices);
            }
        }
        string culprit = bad.Count > 0 ? $"a driver of {name} {Plural(bad.Count)} a program that asks for devices: {string.Join("; ", bad)}" : $"{name} fails programs that ask for devices: it {failure}";
        string remedy = good.Count > 0 ? $"remove or update it, or set {drivers.Variable}={string.Join(Path.PathSeparator, good)}" : "remove or update the driver, or run on the CPU";
        return new(devices, $"{culprit}. What to do: {remedy}");
    }

    private static string Plural(int drivers) => drivers == 1 ? "fails" : "each fail";

    /// <summary>Asks in a process; null when it answered, else what became of it.</summary>
    private static string? Start<T>(string api, (string Name, string Value)? variable, Func<string, DeviceList<T>?> read, out DeviceList<T>? list)
    {
        list = null;
        string program = Environment.ProcessPath!;
        // A program that dotnet runs is a file to give to it.
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Path.Combine(AppContext.BaseDirectory, "edgert.dll")] : [];
        var start = new ProcessStartInfo(program, [.. self, "devices", Option, api]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (variable is { } set) start.Environment[set.Name] = set.Value;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience) || !output.Wait(Patience))
        {
            process.Kill(entireProcessTree: true);
            return $"does not answer within {Patience.TotalSeconds:N0} s";
        }
        if (process.ExitCode != 0) return process.ExitCode > 128 && !OperatingSystem.IsWindows() ? $"crashes ({Signal(process.ExitCode - 128)})" : $"ends it with {process.ExitCode}";
        try
        {
            list = read(output.Result);
        }
        catch (JsonException)
        {
            // A driver that prints into standard output, such as one that was built for debugging.
        }
        return list is null ? "prints into its output" : null;
    }

    private static string Signal(int number) => number switch { 4 => "SIGILL", 6 => "SIGABRT", 7 => "SIGBUS", 8 => "SIGFPE", 9 => "SIGKILL", 11 => "SIGSEGV", _ => $"signal {number}" };

    [JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    [JsonSerializable(typeof(DeviceList<VulkanDevice>))]
    [JsonSerializable(typeof(DeviceList<OpenClDevice>))]
    private sealed partial class Lists : JsonSerializerContext;
}
