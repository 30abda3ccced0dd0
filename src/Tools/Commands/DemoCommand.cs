using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Demo;
using EdgeRuntime.Tools.Devices;
using EdgeRuntime.Tools.Reports;
using EdgeRuntime.Tools.Runs;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>demo</c>: the whole way on a fresh machine.</summary>
internal static partial class DemoCommand
{
    public static Command Create()
    {
        var output = new Option<string>("--output", "-o") { Description = "Folder for what is written.", DefaultValueFactory = _ => Path.Combine("out", "demo") };
        var offline = new Option<bool>("--offline") { Description = "Take the model that the project ships instead of fetching it." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("demo", "The whole way: gets a model, converts it, finds a face in a picture and a video, writes a report.") { output, offline, json };
        var backend = new BackendOptions(command);
        command.SetAction(parsed => Run(parsed.GetValue(output)!, parsed.GetValue(offline), backend.Parse(parsed), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string folder, bool offline, SessionOptions session, bool json)
    {
        using var interrupt = new Interrupt();
        using var demo = new DemoRun(folder, offline, session, interrupt.Token);
        Step("model", "getting it ...");
        demo.GetModel();
        Step("model", demo.Model.Story);
        Step("backend", RunTables.Backends(demo.Placement));
        demo.FindFacesInPicture();
        Step("picture", $"{Quantity.Of(demo.Faces.Length, "face")} found");
        demo.FindFacesInVideo();
        Step("video", demo.WhyNoVideo ?? $"faces in {demo.Frames.FramesWithDetections} of {demo.Frames.Results} frames");
        string report = Path.Combine(folder, "report.html");
        DemoReport.Write(report, demo, ThisMachine.Describe());
        Step("report", "written");

        if (json) PrintJson(demo, report);
        else Print(demo, report);
        return demo.Faces.Length > 0 && demo.Frames.FramesWithDetections > 0 ? ExitCode.Done : ExitCode.FailedCheck;
    }

    private static void Step(string name, string text) => Terminal.Err.MarkupLineInterpolated($"[bold]{name,-8}[/] {text}");

    private static void Print(DemoRun demo, string report)
    {
        Terminal.Out.Write(RunTables.Detections(demo.Faces, demo.Labels));
        Terminal.Out.Write(RunTables.Latency(demo.Frames));
        Console.Out.WriteLine($"faces in {demo.Frames.FramesWithDetections} of {demo.Frames.Results} video frames");
        Console.Out.WriteLine($"ran on {RunTables.Backends(demo.Placement)}");
        Console.Out.WriteLine();
        Console.Out.WriteLine($"picture  {demo.PicturePath}");
        if (demo.VideoPath is { } video) Console.Out.WriteLine($"video    {video}");
        Console.Out.WriteLine($"report   {report}");
    }

    private static void PrintJson(DemoRun demo, string report)
    {
        var latency = demo.Frames.Stages.Append(demo.Frames.CaptureToResult).ToDictionary(s => s.Stage.Replace(' ', '_'), s => s.Summarize());
        Console.Out.WriteLine(JsonSerializer.Serialize(
            new Summary(demo.Model.Model.Metadata.Name, demo.Model.Way, demo.Placement.Backends[0].Name, demo.Placement.Backends[0].Device, demo.Faces.Length, demo.Frames.Results, demo.Frames.FramesWithDetections,
                latency, demo.PicturePath, demo.VideoPath, demo.WhyNoVideo, report), DemoJson.Default.Summary));
    }

    /// <summary>What --json prints; latency by stage.</summary>
    internal sealed record Summary(string Model, string ModelFrom, string Backend, string Device, int FacesInPicture, long VideoFrames, long VideoFramesWithFaces,
        Dictionary<string, LatencySummary> LatencyMs, string Picture, string? Video, string? VideoSkipped, string Report);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(Summary))]
    private sealed partial class DemoJson : JsonSerializerContext;
}
