using System.CommandLine;
using System.CommandLine.Completions;
using System.Numerics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Media;
using EdgeRuntime.Tools.Runs;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>run</c>: a pipeline over a picture, a folder, a video, a camera or a stream, over a sound, or on a text.</summary>
internal static class RunCommand
{
    /// <summary>Pipelines that listen beside pictures.</summary>
    private static readonly string[] Hearing = [PipelineCatalog.Voice, "transcribe", PipelineCatalog.Listen];

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
                return PromptJob.Run(prompted, models.FirstOrDefault(), parsed.GetValue(record), load => new PromptRequest(parsed.GetValue(source), parsed.GetValue(prompt), Within(1, int.MaxValue, parsed.GetValue(length), "--length"),
                    Within(0f, TextGeneratorOptions.MostTemperature, parsed.GetValue(temperature), "--temperature"), parsed.GetValue(seed), parsed.GetValue(json), parsed.GetValue(save), options, load)
                { Partials = SpeechLines.ShowsPartials(parsed.GetValue(json)) });
            }
            RefuseIfGiven(parsed, entry, prompt, length, temperature, seed);
            string frames = parsed.GetValue(source) ?? throw new EdgeException(ErrorCode.BadUsage, $"'{entry.Name}' needs --source.", "Give a picture, a folder of pictures, a video, camera:0 or rtsp://...");
            if (!parsed.GetValue(realtime)) RefuseIfGiven(parsed, entry, "without --realtime", tick, deadline, sound);
            FrameEntry[] pipelines = Together(entries, parsed.GetValue(sound), out PromptEntry? hears);
            if (hears is not null && hears.Name != PipelineCatalog.Voice && parsed.GetValue(record) is not null) throw new EdgeException(ErrorCode.BadUsage, $"--record keeps no words: '{hears.Name}' cannot be replayed.", "Record pictures with vad, or without sound.");
            if (Array.Find(pipelines, p => p.Following == Following.None) is { } apart) RefuseIfGiven(parsed, apart, track, smooth);
            if (Array.TrueForAll(pipelines, p => p.Following is Following.Smoothing or Following.None)) RefuseIfGiven(parsed, entry, track);
            else if (options is { Smooths: true, Follows: false }) throw new EdgeException(ErrorCode.BadUsage, "--smooth needs to know what is the same thing in the next frame.", "Give --track too.");
            if (!Array.Exists(pipelines, p => p.Name == PipelineCatalog.Segment)) RefuseIfGiven(parsed, entry, background);
            if (Array.TrueForAll(pipelines, p => p.Finder is null)) RefuseIfGiven(parsed, entry, finder);
            if (!Array.Exists(pipelines, p => p.Name == PipelineCatalog.Recognize)) RefuseIfGiven(parsed, entry, gallery, enrol);
            if (parsed.GetValue(enrol) is { } name)
            {
                if (pipelines.Length > 1) throw new EdgeException(ErrorCode.BadUsage, "--enrol needs face-recognize alone.", "Enrol first, then run it together with others.");
                RefuseIfGiven(parsed, entry, "with --enrol", realtime, record, save, json, track, smooth);
                return EnrolJob.Run(entry, frames, models.FirstOrDefault() ?? entry.DefaultModel, parsed.GetValue(finder) ?? pipelines[0].Finder!, name, options, Within(1, long.MaxValue, parsed.GetValue(limit), "--limit") ?? long.MaxValue);
            }
            return FrameJob.Run(new FrameRequest(pipelines, frames, models, parsed.GetValue(save), parsed.GetValue(json), options,
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
}
