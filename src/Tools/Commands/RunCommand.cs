using System.CommandLine;
using System.CommandLine.Completions;
using System.Numerics;
using System.Runtime.ExceptionServices;
using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Faces;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Media;
using EdgeRuntime.Tools.Recording;
using EdgeRuntime.Tools.Reports;
using EdgeRuntime.Tools.Runs;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>run</c>: a pipeline over a picture, a folder, a video, a camera or a stream, over a sound, or on a text.</summary>
internal static class RunCommand
{
    private const string Voice = "vad", WakeWord = "listen", Segment = "segment";

    /// <summary>Pipelines that listen beside pictures.</summary>
    private static readonly string[] Hearing = [Voice, "transcribe", WakeWord];

    public static Command Create()
    {
        var pipeline = new Argument<string>("pipeline")
        {
            Description = string.Join("; ", PipelineCatalog.All.Select(p => $"{p.Name}: {p.Description}")),
            HelpName = "pipeline",
            CompletionSources = { context => PipelineCatalog.All.Select(p => new CompletionItem(p.Name)) },
        };
        var source = new Option<string?>("--source", "-s") { Description = "A picture, a folder of pictures, a video, camera:0, or a stream: rtsp://..., http://..., udp://..., tcp://...; for keyword, vad, wake-word, transcribe, listen and enhance a sound, microphone, pulse:NAME or a stream; for classify-text a file of sentences, one a line." };
        var model = new Option<string[]>("--model", "-m") { Description = ModelLoader.Description + " Default: the pipeline's model of the zoo. Once for each of several pipelines.", DefaultValueFactory = _ => [] };
        var sound = new Option<string?>("--sound") { Description = "With --realtime and vad, transcribe or listen beside pictures: a sound or microphone that is listened to at the same time." };
        var save = new Option<string?>("--save") { Description = "Write annotated frames: a folder, FILE.mp4 or FILE.png; of speech captions, FILE.vtt; of enhance the sound, FILE.wav." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a frame, keyword, sentence or letter, one a line." };
        var threshold = new Option<float?>("--threshold") { Description = "Least score of a result, 0 to 1. Default: the model file's." };
        var realtime = new Option<bool>("--realtime") { Description = "Take frames at their own rate as they come, the newest first, and count what becomes of each." };
        var tick = new Option<double?>("--tick") { Description = "With --realtime: work inside of a loop of 60 rounds a second, for at most so many milliseconds in each, as in a game." };
        var deadline = new Option<double[]>("--deadline") { Description = "With --realtime: results of frames older than so many milliseconds are of no use. Of several pipelines once for all or once for each; without it none is too late, but those named first are wanted first.", DefaultValueFactory = _ => [] };
        var record = new Option<string?>("--record") { Description = "Keep all of the run in this file, so that `edgert replay` can run it again and compare the results." };
        var limit = new Option<long?>("--limit") { Description = "Stop after that many frames." };
        var track = new Option<bool>("--track") { Description = "Follow things from frame to frame: each keeps a number." };
        var smooth = new Option<bool>("--smooth") { Description = "Take the trembling out of boxes and points, with --track; out of masks." };
        var background = new Option<string?>("--background") { Description = "For segment, what --save shows behind people: tint, a colour such as 00FF00, or mask: the mask itself, white where people are. Default: tint." };
        var finder = new Option<string?>("--finder") { Description = "For face-recognize, face-mesh and face-landmark the model that finds faces, for hands that of palms. Default: the pipeline's model of the zoo." };
        var gallery = new Option<string?>("--gallery") { Description = "For face-recognize, the file of faces that are known." };
        var enrol = new Option<string?>("--enrol") { Description = "For face-recognize: add the face in the source to the gallery, under this name." };
        var prompt = new Option<string?>("--prompt", "-p") { Description = "The sentence to classify, or the text to go on from." };
        var length = new Option<int>("--length") { Description = "How many letters generate writes.", DefaultValueFactory = _ => 300 };
        var temperature = new Option<float>("--temperature") { Description = "How freely generate draws letters: 0 for the likeliest one each time.", DefaultValueFactory = _ => 0.8f };
        var seed = new Option<ulong>("--seed") { Description = "Where drawing begins: the same seed gives the same text.", DefaultValueFactory = _ => 1 };

        var command = new Command("run", "Runs a pipeline on pictures, videos, cameras or streams, on sound or on text.") { pipeline, source, model, save, json, threshold, limit, realtime, record, tick, deadline, sound, track, smooth, background, finder, gallery, enrol, prompt, length, temperature, seed };
        BackendOptions backend = new BackendOptions(command).WithStart(command);
        command.SetAction(parsed =>
        {
            PipelineEntry[] entries = [.. parsed.GetValue(pipeline)!.Split('+').Select(PipelineCatalog.Get)];
            PipelineEntry entry = entries[0];
            string[] models = parsed.GetValue(model)!;
            if (models.Length > entries.Length) throw new EdgeException(ErrorCode.BadUsage, $"{models.Length} models were given for {entries.Length} pipelines.", "Give --model once for each pipeline, in their order.");
            var options = new PipelineOptions(backend.Parse(parsed), Within(0f, 1f, parsed.GetValue(threshold), "--threshold"), parsed.GetValue(track), parsed.GetValue(smooth))
            {
                IsRealtime = parsed.GetValue(realtime),
                Background = Background.Parse(parsed.GetValue(background)),
                Gallery = parsed.GetValue(gallery),
            };
            if (entries is [PromptEntry prompted])
            {
                RefuseIfGiven(parsed, entry, [.. prompted.Saves is null ? (Option[])[save] : [], .. prompted.Records ? (Option[])[] : [record], limit, realtime, tick, deadline, sound, track, smooth, background, finder, gallery, enrol]);
                options = options with { Session = options.Session with { Start = backend.StartOf(parsed, isLive: parsed.GetValue(source) is { } heard && !File.Exists(heard)) } };
                return Run(prompted, models.FirstOrDefault(), parsed.GetValue(record), load => new PromptRequest(parsed.GetValue(source), parsed.GetValue(prompt), Within(1, int.MaxValue, parsed.GetValue(length), "--length"),
                    Within(0f, TextGeneratorOptions.MostTemperature, parsed.GetValue(temperature), "--temperature"), parsed.GetValue(seed), parsed.GetValue(json), parsed.GetValue(save), options, load)
                { Partials = SpeechLines.ShowsPartials(parsed.GetValue(json)) });
            }
            RefuseIfGiven(parsed, entry, prompt, length, temperature, seed);
            string frames = parsed.GetValue(source) ?? throw new EdgeException(ErrorCode.BadUsage, $"'{entry.Name}' needs --source.", "Give a picture, a folder of pictures, a video, camera:0 or rtsp://...");
            if (!parsed.GetValue(realtime)) RefuseIfGiven(parsed, entry, "without --realtime", tick, deadline, sound);
            FrameEntry[] pipelines = Together(entries, parsed.GetValue(sound), out PromptEntry? hears);
            if (hears is not null && hears.Name != Voice && parsed.GetValue(record) is not null) throw new EdgeException(ErrorCode.BadUsage, $"--record keeps no words: '{hears.Name}' cannot be replayed.", "Record pictures with vad, or without sound.");
            if (Array.Find(pipelines, p => p.Following == Following.None) is { } apart) RefuseIfGiven(parsed, apart, track, smooth);
            if (Array.TrueForAll(pipelines, p => p.Following is Following.Smoothing or Following.None)) RefuseIfGiven(parsed, entry, track);
            else if (options is { Smooths: true, Follows: false }) throw new EdgeException(ErrorCode.BadUsage, "--smooth needs to know what is the same thing in the next frame.", "Give --track too.");
            if (!Array.Exists(pipelines, p => p.Name == Segment)) RefuseIfGiven(parsed, entry, background);
            if (Array.TrueForAll(pipelines, p => p.Finder is null)) RefuseIfGiven(parsed, entry, finder);
            if (!Array.Exists(pipelines, p => p.Name == PipelineCatalog.Recognize)) RefuseIfGiven(parsed, entry, gallery, enrol);
            if (parsed.GetValue(enrol) is { } name)
            {
                if (pipelines.Length > 1) throw new EdgeException(ErrorCode.BadUsage, "--enrol needs face-recognize alone.", "Enrol first, then run it together with others.");
                RefuseIfGiven(parsed, entry, "with --enrol", realtime, record, save, json, track, smooth);
                return Enrol(entry, frames, models.FirstOrDefault() ?? entry.DefaultModel, parsed.GetValue(finder) ?? pipelines[0].Finder!, name, options, Within(1, long.MaxValue, parsed.GetValue(limit), "--limit") ?? long.MaxValue);
            }
            return Run(new Request(pipelines, frames, models, parsed.GetValue(save), parsed.GetValue(json), options,
                Within(1, long.MaxValue, parsed.GetValue(limit), "--limit") ?? long.MaxValue)
            {
                Realtime = !parsed.GetValue(realtime) ? null : new RealtimeOptions(
                    Milliseconds(Within(0.1, 1000, parsed.GetValue(tick), "--tick")), Deadlines(parsed.GetValue(deadline)!, pipelines.Length), parsed.GetValue(limit) ?? long.MaxValue),
                Sound = parsed.GetValue(sound),
                Hears = hears,
                Record = parsed.GetValue(record),
                Start = live => backend.StartOf(parsed, live),
                Finder = parsed.GetValue(finder),
            });
        });
        return command;
    }

    /// <summary>The pipelines of pictures among those that run together; the only other one there may be is the last, and listens.</summary>
    private static FrameEntry[] Together(PipelineEntry[] entries, string? sound, out PromptEntry? hears)
    {
        hears = entries.Length > 1 && Hearing.Contains(entries[^1].Name) ? (PromptEntry)entries[^1] : null;
        PipelineEntry[] seeing = hears is null ? entries : entries[..^1];
        if (Array.Find(seeing, e => e is not FrameEntry) is { } other)
            throw new EdgeException(ErrorCode.BadUsage, $"'{other.Name}' does not run together with others.", $"Pipelines of pictures do, as in face-detect+object-detect, with {string.Join(" or ", Hearing)} as the last one.");
        if (hears is null != sound is null)
        {
            throw new EdgeException(ErrorCode.BadUsage, hears is null ? $"--sound is for {string.Join(" or ", Hearing)} beside pictures." : $"'{hears.Name}' beside pictures needs --realtime and --sound.",
                "As in: edgert run face-detect+vad --source VIDEO --sound SOUND --realtime.");
        }
        return [.. seeing.Cast<FrameEntry>()];
    }

    /// <summary>None, one for all pipelines, or one for each.</summary>
    private static TimeSpan[] Deadlines(double[] milliseconds, int pipelines) => milliseconds.Length <= 1 || milliseconds.Length == pipelines
        ? [.. milliseconds.Select(m => TimeSpan.FromMilliseconds(Within(0.1, 60_000, m, "--deadline")))]
        : throw new EdgeException(ErrorCode.BadUsage, $"{milliseconds.Length} deadlines were given for {pipelines} pipelines.", "Give --deadline once, or once for each pipeline of pictures.");

    /// <summary>The value, if it is left out or in bounds; NaN never is.</summary>
    private static T Within<T>(T least, T most, T value, string option) where T : IComparisonOperators<T, T, bool> => value >= least && value <= most
        ? value : throw new EdgeException(ErrorCode.BadUsage, $"{option} {value} is out of bounds: it must be {(most.Equals(long.MaxValue) ? $"at least {least}" : $"within {least} and {most}")}.");

    private static T? Within<T>(T least, T most, T? value, string option) where T : struct, IComparisonOperators<T, T, bool> =>
        value is { } given ? Within(least, most, given, option) : null;

    private static TimeSpan? Milliseconds(double? value) => value is { } given ? TimeSpan.FromMilliseconds(given) : null;

    private static void RefuseIfGiven(ParseResult parsed, PipelineEntry entry, params Option[] options) => RefuseIfGiven(parsed, entry, $"to '{entry.Name}'", options);

    private static void RefuseIfGiven(ParseResult parsed, PipelineEntry entry, string where, params Option[] options)
    {
        if (Array.Find(options, o => parsed.GetResult(o) is { Implicit: false }) is { } given)
            throw new EdgeException(ErrorCode.BadUsage, $"{given.Name} means nothing {where}.", "Leave it away; `edgert run --help` says what there is.");
    }

    private static int Run(PromptEntry pipeline, string? name, string? record, Func<Func<string, EdgeModel>, PromptRequest> request)
    {
        using var interrupt = new Interrupt();
        var loaded = new List<LoadedModel>();
        var names = new List<string>();
        SessionRecorder? recorder = null;
        Exception? failure = null;
        try
        {
            using var output = new StreamWriter(new StandardOutput()) { AutoFlush = true };
            PromptRequest asked = request(Load);
            if (record is not null) asked = asked with { Record = () => recorder = new SessionRecorder(record, Describe(asked), []) };
            // Troubles of a microphone are told by the thread that records.
            pipeline.Run(asked, Load(name ?? pipeline.DefaultModel), TextWriter.Synchronized(output), interrupt.Token);
        }
        catch (Exception e) when (recorder is not null && e is EdgeException or BrokenPipeException)
        {
            failure = e;
        }
        finally
        {
            foreach (LoadedModel model in loaded) model.Dispose();
        }
        using (recorder) Complete(recorder, failure);
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
        return interrupt.IsRequested ? ExitCode.Interrupted : ExitCode.Done;

        EdgeModel Load(string model)
        {
            loaded.Add(ModelLoader.Load(model, stage: Console.Error.WriteLine, stop: interrupt.Token));
            names.Add(File.Exists(model) ? Path.GetFullPath(model) : model);
            return loaded[^1].Model;
        }

        RecordingHead Describe(PromptRequest asked) => new(
            [pipeline.Name], [.. names.Select((model, i) => new RecordedModel(model, RecordingHead.DigestOf(loaded[i].Path)))], asked.Source!, null, null, Realtime: false, RecordedOptions.Of(asked.Options, asked.Partials));
    }

    private static int Enrol(PipelineEntry entry, string source, string model, string finder, string name, PipelineOptions options, long limit)
    {
        FaceGallery.CheckName(name);
        string path = options.Gallery ?? throw new EdgeException(ErrorCode.BadUsage, "--enrol needs --gallery.", $"Name the file that faces are kept in: edgert run {entry.Name} --source S --gallery FILE --enrol NAME.");
        using var interrupt = new Interrupt();
        using FrameSource frames = FrameSource.Open(source, stop: interrupt.Token);
        using var models = new Loaded(interrupt.Token);
        FaceGallery? gallery = File.Exists(path) ? FaceGallery.Read(path) : null;
        using FaceRecognizer recognizer = RecognizePipeline.Open(models.Load(model), gallery, options with { Finder = models.Load(finder) });
        var run = new EnrolRun(frames, recognizer, gallery ?? recognizer.NewGallery(), name);
        run.Run(limit, interrupt.Token);
        if (run.Added > 0) run.Gallery.Write(path);
        foreach (string note in run.Notes) Console.Error.WriteLine(note);
        Console.Out.WriteLine($"enrolled {name}: {Quantity.Of(run.Added, "face")} of {Quantity.Of(run.Frames, "frame")}");
        Console.Out.WriteLine($"saved    {path}: {Quantity.Of(run.Gallery.Names.Count, "person")}, {Quantity.Of(run.Gallery.Count, "face")}");
        return interrupt.IsRequested ? ExitCode.Interrupted : ExitCode.Done;
    }

    private static int Run(Request request)
    {
        using var interrupt = new Interrupt();
        // The source first: that it is missing shows at once, while a model may have to be fetched.
        using FrameSource source = FrameSource.Open(request.Source, stop: interrupt.Token);
        request = request with { Options = request.Options with { Session = request.Options.Session with { Start = request.Start(source.IsLive || request.Realtime is not null) } } };
        using var models = new Loaded(interrupt.Token);
        FramePipeline[] parts = [.. request.Pipelines.Select((_, i) => models.Create(request, i))];
        using FramePipeline pipeline = parts.Length == 1 ? parts[0] : new CombinedPipeline(parts);
        using FrameSink? sink = request.Save is null ? null : FrameSink.Open(request.Save, source);
        if (sink?.Note is { } note) Console.Error.WriteLine(note);
        if (request.Realtime is { } realtime)
        {
            RunRealtime(request, realtime, source, parts, models, sink, interrupt.Token);
            return interrupt.IsRequested ? ExitCode.Interrupted : ExitCode.Done;
        }
        using FrameJsonLines? lines = request.Json ? new FrameJsonLines(new StandardOutput(), pipeline) : null;
        var report = new SourceReport(source.Name, lines is null ? null : lines.Write);
        source.Told = report.Tell;
        pipeline.WarmUp(source);
        using SessionRecorder? recorder = request.Record is null ? null : new SessionRecorder(request.Record, models.Describe(request), [pipeline]);
        var run = new FrameRun(source, pipeline) { Watch = source.IsLive ? new SourceWatch(report.Tell) : null };
        var output = new Output(request, source, pipeline, sink, lines, recorder);
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

    private static void RunRealtime(Request request, RealtimeOptions options, FrameSource source, FramePipeline[] pipelines, Loaded models, FrameSink? sink, CancellationToken stop)
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
            Complete(recorder, failure);
        }
    }

    private static SpeechEars Ears(Request request, Loaded models, TextWriter output, CancellationToken stop)
    {
        var prompt = new PromptRequest(request.Sound, null, 0, 0, 0, request.Json, null, request.Options, models.Load) { Partials = SpeechLines.ShowsPartials(request.Json) };
        return new SpeechEars(prompt, models.Load(request.HearingModel), waits: request.Hears!.Name == WakeWord, feed: null, output, stop);
    }

    private static void Complete(SessionRecorder? recorder, Exception? failure)
    {
        try
        {
            if (recorder is not null) Console.Error.WriteLine($"recorded {recorder.Complete()}");
        }
        catch (EdgeException e) when (failure is not null)
        {
            Console.Error.WriteLine(e.Problem);
        }
    }

    private sealed record Request(
        FrameEntry[] Pipelines, string Source, string[] Models, string? Save, bool Json, PipelineOptions Options, long Limit)
    {
        /// <summary>How it runs in realtime, or null.</summary>
        public RealtimeOptions? Realtime { get; init; }

        /// <summary>What the first frames wait for, given whether frames come that do not.</summary>
        public required Func<bool, StartPolicy> Start { get; init; }

        /// <summary>What is listened to beside pictures, or null.</summary>
        public string? Sound { get; init; }

        /// <summary>Who listens, or null.</summary>
        public PromptEntry? Hears { get; init; }

        /// <summary>Whether what is said is written down.</summary>
        public bool WritesWords => Hears is not null && Hears.Name != Voice;

        /// <summary>The model of who listens.</summary>
        public string HearingModel => Models.ElementAtOrDefault(Pipelines.Length) ?? Hears!.DefaultModel;

        /// <summary>The model that finds things for pipelines of two models, or null for each one's own.</summary>
        public string? Finder { get; init; }

        /// <summary>Where the run is recorded, or null.</summary>
        public string? Record { get; init; }
    }

    /// <summary>Models that were loaded for a run, and are let go after it.</summary>
    private sealed class Loaded(CancellationToken stop) : IDisposable
    {
        private readonly List<(string Name, LoadedModel Model)> models = [];

        public EdgeModel Load(string name)
        {
            models.Add((name, ModelLoader.Load(name, stage: Console.Error.WriteLine, stop: stop)));
            return models[^1].Model.Model;
        }

        /// <summary>What a recording says of them, and of how they run.</summary>
        public RecordingHead Describe(Request request)
        {
            return new RecordingHead(
                [.. request.Pipelines.Select(p => p.Name)], [.. models.Select(m => new RecordedModel(FullPath(m.Name), RecordingHead.DigestOf(m.Model.Path)))],
                FullPath(request.Source), File.Exists(request.Source) ? RecordingHead.DigestOf(request.Source) : null, request.Sound, request.Realtime is not null,
                RecordedOptions.Of(request.Options, gallery: request.Options.Gallery is { } gallery ? new RecordedModel(FullPath(gallery), RecordingHead.DigestOf(gallery)) : null));
        }

        private static string FullPath(string name) => File.Exists(name) ? Path.GetFullPath(name) : name;

        public FramePipeline Create(Request request, int index)
        {
            FrameEntry entry = request.Pipelines[index];
            EdgeModel model = Load(request.Models.ElementAtOrDefault(index) ?? entry.DefaultModel);
            return entry.Open(model, entry.Finder is null ? request.Options : request.Options with { Finder = Load(request.Finder ?? entry.Finder) });
        }

        public void Dispose()
        {
            foreach ((_, LoadedModel model) in models) model.Dispose();
        }
    }

    /// <summary>Where the results of a run go.</summary>
    private sealed class Output(Request request, FrameSource source, FramePipeline pipeline, FrameSink? sink, FrameJsonLines? lines, SessionRecorder? recorder)
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
            Complete(recorder, failure);
        }
    }
}
