using EdgeRuntime.Diagnostics;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Media;
using EdgeRuntime.Tools.Recording;
using Spectre.Console;

namespace EdgeRuntime.Tools.Runs;

/// <summary>A run of pipelines of pictures, frame by frame or in realtime.</summary>
internal static class FrameJob
{
    /// <summary>Runs them; the code to exit with.</summary>
    public static int Run(FrameRequest request)
    {
        using var interrupt = new Interrupt();
        // The source first: that it is missing shows at once, while a model may have to be fetched.
        using FrameSource source = FrameSource.Open(request.Source, stop: interrupt.Token);
        request = request with { Options = request.Options with { Session = request.Options.Session with { Start = request.Start(source.IsLive || request.Realtime is not null) } } };
        using var models = new RunModels(interrupt.Token);
        FramePipeline[] parts = [.. request.Pipelines.Select((_, i) => models.Create(request, i))];
        using FramePipeline pipeline = parts.Length == 1 ? parts[0] : new CombinedPipeline(parts);
        using FrameSink? sink = request.Save is null ? null : FrameSink.Open(request.Save, source);
        if (sink?.Note is { } note) Console.Error.WriteLine(note);
        if (request.Realtime is { } realtime)
        {
            RealtimeJob.Run(request, realtime, source, parts, models, sink, interrupt.Token);
            return interrupt.IsRequested ? ExitCode.Interrupted : ExitCode.Done;
        }
        using FrameJsonLines? lines = request.Json ? new FrameJsonLines(new StandardOutput(), pipeline) : null;
        var report = new SourceReport(source.Name, lines is null ? null : lines.Write);
        source.Told = report.Tell;
        pipeline.WarmUp(source);
        using SessionRecorder? recorder = request.Record is null ? null : new SessionRecorder(request.Record, models.Describe(request), [pipeline]);
        var run = new FrameRun(source, pipeline) { Watch = source.IsLive ? new SourceWatch(report.Tell) : null };
        var output = new FrameOutput(request, source, pipeline, sink, lines, recorder);
        try
        {
            if (!request.Json && source.FrameCount is not 1 && Terminal.Err.Profile.Capabilities.Interactive) output.WithProgress(run, interrupt.Token);
            else run.Run(output.Take, request.Limit, interrupt.Token);
        }
        catch (EdgeException e) when (run.FramesRead > 0)
        {
            if (!Interrupt.Explains(interrupt.Token))
            {
                output.Finish(run, interrupted: false, e);
                throw;
            }
        }
        output.Finish(run, interrupt.IsRequested, failure: null);
        return interrupt.IsRequested ? ExitCode.Interrupted : ExitCode.Done;
    }
}
