using System.Runtime.ExceptionServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Media;
using EdgeRuntime.Tools.Recording;
using Spectre.Console;

namespace EdgeRuntime.Tools.Runs;

/// <summary>A run of pipelines of pictures in realtime, perhaps beside sound.</summary>
internal static class RealtimeJob
{
    /// <summary>Runs them.</summary>
    public static void Run(FrameRequest request, RealtimeOptions options, FrameSource source, FramePipeline[] pipelines, RunModels models, FrameSink? sink, CancellationToken stop)
    {
        FrameJsonLines[] lines = [];
        using var output = new StandardOutput();
        if (request.Json)
        {
            lines = new FrameJsonLines[pipelines.Length];
            for (int i = 0; i < lines.Length; i++) lines[i] = new FrameJsonLines(output, pipelines[i], lines.Length > 1, i > 0 ? lines[0] : null);
        }
        var report = new SourceReport(source.Name, request.Json ? lines[0].Write : null);
        source.Told = report.Tell;
        using SpeechEars? ears = request.WritesWords ? Ears(request, models, request.Json ? new LineWriter(lines[0].Write) : Console.Out, stop) : null;
        using VoiceDetector? voice = request.Hears is not null && !request.WritesWords ? new VoiceDetector(models.Load(request.HearingModel), request.Options.Session with { Threads = 1 }) : null;
        foreach (FramePipeline one in pipelines) one.WarmUp(source);
        using SessionRecorder? recorder = request.Record is null ? null : new SessionRecorder(request.Record, models.Describe(request), pipelines);
        var results = new RealtimeOutput(source, pipelines, sink, lines, recorder);
        Listening? listening = voice is not null ? Listening.Voice(request.Sound!, voice, recorder) : ears is not null ? Listening.Words(request.Sound!, ears.Listener) : null;
        using var run = new RealtimeRun(source, pipelines, results.Take, options, listening, recorder, report.Tell);
        Exception? failure = null;
        try
        {
            run.Run(stop);
        }
        catch (Exception e) when (e is EdgeException or BrokenPipeException)
        {
            if (!Interrupt.Explains(stop)) failure = e;
        }
        Finish();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);

        void Finish()
        {
            if (failure is null) ears?.Listener.Flush();
            ears?.Lines.Finish(run.Sound!.Counts.Results / (double)run.Sound.SampleRate, failure, isLive: true);
            string? saved = results.Complete(run.Lanes[0].Lane.CaptureToResult.Count > 0, stop.IsCancellationRequested, failure);
            InferenceSession[] sessions = [.. pipelines.SelectMany(p => p.Sessions)];
            if (request.Json)
            {
                try
                {
                    RealtimeSummary.Write(output, run, options.Tick);
                }
                catch (Exception e) when (failure is not null && e is EdgeException or BrokenPipeException)
                {
                    // Where results cannot be written, the totals cannot either.
                    foreach (string line in RealtimeSummary.Lines(run, options.Tick)) Console.Error.WriteLine(line);
                }
                if (saved is not null) Console.Error.WriteLine($"saved    {saved}");
            }
            else
            {
                Terminal.Out.Write(RealtimeSummary.Latency(run));
                foreach (string line in RealtimeSummary.Lines(run, options.Tick)) Console.Out.WriteLine(line);
                foreach (Placement placement in sessions.Select(x => x.Placement).OfType<Placement>()) Console.Out.WriteLine($"ran on   {RunTables.Backends(placement)}");
                if (saved is not null) Console.Out.WriteLine($"saved    {saved}");
            }
            foreach (InferenceSession session in sessions) DeviceEvents.Print(session, Console.Error);
            foreach (SkippedFile file in source.Skipped) Console.Error.WriteLine($"skipped {file.Name}: {file.Reason}");
            if (run.Sound is { Counts: { } heard }) recorder?.SoundLost = heard.Captured - heard.Results;
            RecordingEnd.Tell(recorder, failure);
        }
    }

    private static SpeechEars Ears(FrameRequest request, RunModels models, TextWriter output, CancellationToken stop)
    {
        var prompt = new PromptRequest(request.Sound, null, 0, 0, 0, request.Json, null, request.Options, models.Load) { Partials = SpeechLines.ShowsPartials(request.Json) };
        return new SpeechEars(prompt, models.Load(request.HearingModel), waits: request.Hears!.Name == PipelineCatalog.Listen, feed: null, output, stop);
    }
}
