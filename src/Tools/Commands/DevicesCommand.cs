using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Backends;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Devices;
using EdgeRuntime.Tools.Zoo;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>devices</c>: what is on this machine, and what of it the runtime can use.</summary>
internal static partial class DevicesCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var selfTest = new Option<bool>("--self-test") { Description = "Try every kernel on the devices and compare with what it should compute; a kernel that fails is not used from then on." };
        var device = new Option<string?>("--device") { Description = "With --self-test: only this device, by its number in the list, from 0, or a part of its name." };
        var probe = new Option<string?>(DeviceProbe.Option) { Hidden = true };
        var command = new Command("devices", "Lists processor, backends, cameras, microphones and the programs that verbs use.") { json, selfTest, device, probe };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(probe) is { } api)
            {
                Console.Out.WriteLine(DeviceProbe.Answer(api));
                return ExitCode.Done;
            }
            if (parsed.GetValue(selfTest)) return TestKernels(parsed.GetValue(device), parsed.GetValue(json));
            if (parsed.GetValue(device) is not null) throw new EdgeException(ErrorCode.BadUsage, "--device is for --self-test; the list has all devices.");
            Report report = Look();
            if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(report, Reports.Default.Report));
            else Print(report);
            return ExitCode.Done;
        });
        return command;
    }

    private static int TestKernels(string? device, bool json)
    {
        SelfTestReport report = Console.IsErrorRedirected ? SelfTestReport.Make(device)
            : Terminal.Err.Status().Start("testing kernels", status => SelfTestReport.Make(device, text => status.Status(text.EscapeMarkup())));
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(report, Reports.Default.SelfTestReport));
        else foreach (SelfTestedDevice tested in report.Devices) Print(tested);
        return report.Failed > 0 ? ExitCode.DeviceTrouble : ExitCode.Done;
    }

    private static void Print(SelfTestedDevice tested)
    {
        var table = new Table().Border(TableBorder.Horizontal).AddColumns("kernel", "variants", "ways", "result", "max error").Title($"{tested.Device} ({tested.Driver})".EscapeMarkup());
        foreach (IGrouping<(string Kernel, string Result), SelfTestedKernel> kernel in tested.Kernels.GroupBy(k => (k.Kernel, k.Result)))
            table.AddRow(kernel.Key.Kernel, string.Join(' ', kernel.Select(k => k.Variant).Distinct()), kernel.Select(k => k.Way).Distinct().Count().ToString(CultureInfo.InvariantCulture),
                kernel.Key.Result == "passed" ? "[green]passed[/]" : "[red]quarantined[/]", kernel.Max(k => k.MaxError).ToString("0.0e+0", CultureInfo.InvariantCulture));
        Terminal.Out.Write(table);
        foreach (SelfTestedKernel failed in tested.Kernels.Where(k => k.Result != "passed")) Terminal.Out.MarkupLineInterpolated($"[red]quarantined[/] {failed.Way} ({failed.Kernel}.{failed.Variant}): {failed.Detail}");
        if (tested.Problem is not null) Terminal.Out.MarkupLineInterpolated($"[red]problem[/] {tested.Problem}");
    }

    private static Report Look()
    {
        Task<DeviceList<VulkanDevice>> asked = Task.Run(DeviceProbe.Vulkan);
        DeviceList<OpenClDevice> opencl = DeviceProbe.OpenCl();
        DeviceList<VulkanDevice> vulkan = asked.GetAwaiter().GetResult();
        return new(
            ThisMachine.Describe(),
            [
                new Backend("cpu", true, "runs every operator"),
                new Backend("vulkan", vulkan.Devices.Count > 0, vulkan.Devices.Count > 0 ? "runs what there are shaders for, and the CPU the rest" : vulkan.Problem ?? "there is no device"),
                new Backend("opencl", opencl.Devices.Any(d => d.Compiler), opencl.Devices.Any(d => d.Compiler) ? "runs what there are shaders for, and the CPU the rest" : opencl.Problem ?? (opencl.Devices.Count > 0 ? "no device has a compiler" : "there is no device")),
            ],
            vulkan, opencl,
            Camera.All(),
            Microphone.All(),
            [
                Asked("ffmpeg", ChildProgram.FirstLine("ffmpeg", "-version"), "videos, cameras and pictures other than PNG, PPM, BMP"),
                Asked("ffprobe", ChildProgram.FirstLine("ffprobe", "-version"), "what is in a video"),
                Asked("npm", ChildProgram.FirstLine(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", "--version"), "models of the zoo"),
                Reference(),
            ]);
    }

    private static Tool Asked(string name, string? version, string neededFor) => new(name, version is null ? null : Shorten(version), neededFor);

    // "ffmpeg version 5.1.6-0+deb12u1 Copyright (c) ..." says its name and its owner around what we want.
    private static string Shorten(string line)
    {
        string[] words = line.Split(' ');
        return words.Length > 2 && words[1] == "version" ? words[2] : words[0];
    }

    private static Tool Reference()
    {
        ZooTool tool = ModelZoo.Default.GetTool("onnxruntime");
        return new Tool("onnxruntime", ModelCache.Default.Find(tool) is null ? null : tool.Package.Version, "`verify`, as the reference; pulled when first needed");
    }

    private static void Print(Report report)
    {
        ThisMachine machine = report.Machine;
        var table = new Table().Border(TableBorder.Horizontal).AddColumns("what", "here", "for");
        table.AddRow("processor", $"{machine.Processor} ({machine.Architecture}, {machine.Cores} core{(machine.Cores == 1 ? "" : "s")})".EscapeMarkup(), "");
        table.AddRow("instruction sets", string.Join(", ", machine.InstructionSets).EscapeMarkup(), "kernels are chosen by these");
        table.AddRow("memory", $"{machine.MemoryBytes / (1 << 30):N0} GiB", "");
        table.AddRow("system", $"{machine.System}, .NET {machine.Runtime}".EscapeMarkup(), "");
        table.AddEmptyRow();
        foreach (Backend backend in report.Backends)
            table.AddRow($"{backend.Name} backend", backend.Available ? "[green]yes[/]" : "[yellow]no[/]", backend.Detail.EscapeMarkup());
        // The number is what --device takes; of devices of the same name nothing else tells one from the other.
        foreach ((int number, VulkanDevice device) in report.Vulkan.Devices.Index())
            table.AddRow($"vulkan device {number}", device.Name.EscapeMarkup(), DeviceText.Of(device).EscapeMarkup());
        foreach ((int number, OpenClDevice device) in report.Opencl.Devices.Index())
            table.AddRow($"opencl device {number}", device.Name.EscapeMarkup(), DeviceText.Of(device).EscapeMarkup());
        if (report.Vulkan is { Devices.Count: > 0, Problem: { } vulkan }) table.AddRow("vulkan", "[yellow]problem[/]", vulkan.EscapeMarkup());
        if (report.Opencl is { Devices.Count: > 0, Problem: { } opencl }) table.AddRow("opencl", "[yellow]problem[/]", opencl.EscapeMarkup());
        table.AddEmptyRow();
        if (report.Cameras is null) table.AddRow("cameras", "not listed without FFmpeg", "`--source camera:0` opens the first");
        else if (report.Cameras.Count == 0) table.AddRow("cameras", "[yellow]none[/]", "");
        else
            foreach (Camera camera in report.Cameras) table.AddRow(camera.Source, camera.Name.EscapeMarkup(), "`--source`");
        if (report.Microphones is null) table.AddRow("microphones", "not listed without FFmpeg", "`--source microphone` opens the default one");
        else if (report.Microphones.Count == 0) table.AddRow("microphones", "[yellow]none[/]", "");
        else
            foreach (Microphone microphone in report.Microphones) table.AddRow(microphone.Source.EscapeMarkup(), microphone.Name.EscapeMarkup(), "`--source`, `--sound`");
        foreach (Tool tool in report.Tools)
            table.AddRow(tool.Name, tool.Version?.EscapeMarkup() ?? "[yellow]not installed[/]", tool.NeededFor.EscapeMarkup());
        Terminal.Out.Write(table);
    }

    /// <summary>All of it, in JSON.</summary>
    internal sealed record Report(
        ThisMachine Machine, Backend[] Backends, DeviceList<VulkanDevice> Vulkan, DeviceList<OpenClDevice> Opencl, IReadOnlyList<Camera>? Cameras, IReadOnlyList<Microphone>? Microphones, Tool[] Tools);

    /// <summary>Something that could execute plans.</summary>
    internal sealed record Backend(string Name, bool Available, string Detail);

    /// <summary>A program; version is null when it is not installed.</summary>
    internal sealed record Tool(string Name, string? Version, string NeededFor);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    [JsonSerializable(typeof(Report))]
    [JsonSerializable(typeof(SelfTestReport))]
    private sealed partial class Reports : JsonSerializerContext;
}
