using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Media;
using EdgeRuntime.Tools.Recording;
using EdgeRuntime.Tools.Reports;
using Spectre.Console;

namespace EdgeRuntime.Tools.Runs;

/// <summary>Where the results of a run go.</summary>
internal sealed class FrameOutput(FrameRequest request, FrameSource source, FramePipeline pipeline, FrameSink? sink, FrameJsonLines? lines, SessionRecorder? recorder)
{
    private Table? lastDetections;
    private ProgressTask? progress;

    public void Take(Frame frame, in FrameResult result, ReadOnlySpan<Detection> detections)
    {
        recorder?.Result(0, frame, result, detections);
        lines?.Write(frame, result, detections);
        if (sink is not null)
        {
            FramePainter.Draw(frame, pipeline.Parts, pipeline.Labels);
            sink.Write(frame, source.FrameName);
        }
        if (source.FrameCount is 1 && detections.Length > 0 && !request.Json) lastDetections = RunTables.Detections(detections, pipeline.Labels);
        if (progress is null) return;
        progress.Description = $"{source.FrameName ?? Path.GetFileName(source.Name)}: {detections.Length} found, {result.CaptureToResult.TotalMilliseconds:0.0} ms".EscapeMarkup();
        progress.Increment(1);
    }

    /// <summary>Runs under a progress bar; of a source without an end only the counters move.</summary>
    public void WithProgress(FrameRun run, CancellationToken stop) => Terminal.Err.Progress()
        .AutoClear(true)
        .Columns(source.FrameCount is null
            ? [new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ElapsedTimeColumn()]
            : [new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()])
        .Start(context =>
        {
            progress = context.AddTask(Path.GetFileName(source.Name).EscapeMarkup(), maxValue: Math.Min(source.FrameCount ?? double.MaxValue, request.Limit));
            progress.IsIndeterminate = source.FrameCount is null;
            run.Run(Take, request.Limit, stop);
        });

    public void Finish(FrameRun run, bool interrupted, Exception? failure)
    {
        string? saved = run.Results == 0 ? null : sink?.End(interrupted, failure);
        if (!request.Json && run.Results > 0)
        {
            if (lastDetections is { } table) Terminal.Out.Write(table);
            Terminal.Out.Write(RunTables.Latency(run));
            Console.Out.WriteLine($"found in {run.FramesWithDetections} of {Quantity.Of(run.Results, "frame")}");
            foreach (Placement placement in pipeline.Sessions.Select(x => x.Placement).OfType<Placement>()) Console.Out.WriteLine($"ran on   {RunTables.Backends(placement)}");
            if (saved is not null) Console.Out.WriteLine($"saved    {saved}");
        }
        else if (saved is not null) Console.Error.WriteLine($"saved    {saved}");
        foreach (InferenceSession session in pipeline.Sessions) DeviceEvents.Print(session, Console.Error);
        foreach (SkippedFile file in source.Skipped) Console.Error.WriteLine($"skipped {file.Name}: {file.Reason}");
        Console.Error.WriteLine($"{Quantity.Of(run.FramesRead, "frame")} read, {Quantity.Of(run.Results, "result")}, {run.FramesRead - run.Results} missing");
        RecordingEnd.Tell(recorder, failure);
    }
}
