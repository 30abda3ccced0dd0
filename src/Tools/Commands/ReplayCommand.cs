using System.CommandLine;
using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Recording;
using EdgeRuntime.Tools.Reports;
using EdgeRuntime.Tools.Runs;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>replay</c>: runs a recorded session again and says where the results are others.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "What `edgert run --record FILE` wrote; of a run that was killed, what is whole." };
        var source = new Option<string?>("--source", "-s") { Description = "Where the recorded source lies now. Default: where it was." };
        var model = new Option<string[]>("--model", "-m") { Description = "Other models, in the order of the pipelines. Default: the recorded ones, which must have the same digest.", DefaultValueFactory = _ => [] };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("replay", "Runs a recorded session again, the same frames with the same drops, and compares every result.") { file, source, model, json };
        var backend = new BackendOptions(command);
        command.SetAction(parsed =>
        {
            using var interrupt = new Interrupt();
            using var recording = new RecordingReader(parsed.GetValue(file)!);
            SessionOptions? session = backend.IsGiven(parsed) ? backend.Parse(parsed) : null;
            if (recording.Head.Pipelines is [string only] && PipelineCatalog.Find(only) is PromptEntry { Records: true } hears)
            {
                if (parsed.GetValue(source) is not null) throw new EdgeException(ErrorCode.BadUsage, "The recording has its sound in itself.", "Leave --source away.");
                SoundReplay sound = Run(recording, hears, parsed.GetValue(model)!, session, interrupt.Token);
                if (parsed.GetValue(json)) Write(recording, sound);
                else Print(recording, sound);
                if (interrupt.IsRequested) return ExitCode.Interrupted;
                return sound.First is null && sound.Parts > 0 ? ExitCode.Done : ExitCode.FailedCheck;
            }
            Replay replay = Run(recording, parsed.GetValue(source), parsed.GetValue(model)!, session, interrupt.Token, out IReadOnlyList<string> ranOn);
            if (parsed.GetValue(json)) Write(recording, replay, ranOn);
            else Print(recording, replay, ranOn);
            if (interrupt.IsRequested) return ExitCode.Interrupted;
            return replay.First is null && replay.Results + replay.SoundParts > 0 ? ExitCode.Done : ExitCode.FailedCheck;
        });
        return command;
    }

    private static Replay Run(RecordingReader recording, string? source, string[] models, SessionOptions? session, CancellationToken stop, out IReadOnlyList<string> ranOn)
    {
        RecordingHead head = recording.Head;
        if (head.Pipelines.Count is 0 or > 16) throw RecordingFormat.Damaged($"it names {head.Pipelines.Count} pipelines");
        FrameEntry[] entries = [.. head.Pipelines.Select(p => PipelineCatalog.Get(p) as FrameEntry ?? throw RecordingFormat.Damaged($"'{p}' is no pipeline of pictures"))];
        int expected = entries.Length + entries.Count(e => e.Finder is not null) + (head.Sound is null ? 0 : 1);
        if (head.Models.Count != expected) throw RecordingFormat.Damaged($"it names {head.Pipelines.Count} pipelines and {head.Models.Count} models");
        if (models.Length > expected) throw new EdgeException(ErrorCode.BadUsage, $"{models.Length} models were given for {expected} pipelines.", "Give --model once for each pipeline, in their order.");
        BackendOptions.CheckThreads(head.Options.Threads);
        PipelineOptions options = head.Options.ToOptions(session) with { IsRealtime = head.Realtime, Gallery = Gallery(head.Options.Gallery) };
        var frames = new List<FrameSource>();
        var loaded = new List<LoadedModel>();
        try
        {
            FramePipeline[] parts = [.. entries.Select(Make)];
            using var combined = new CombinedPipeline(parts);
            FramePipeline[] pipelines = head.HasLanes || parts.Length == 1 ? parts : [combined];
            using VoiceDetector? voice = head.Sound is null ? null : new VoiceDetector(Load(), options.Session with { Threads = 1 });
            foreach (FramePipeline one in pipelines)
            {
                if (Open(head, source) is { } opened) frames.Add(opened);
                one.WarmUp(frames.LastOrDefault());
            }
            var replay = new Replay(recording, pipelines, voice, head.SourceDigest is null ? null : frames);
            try
            {
                replay.Run(stop);
            }
            catch (EdgeException) when (Interrupt.Explains(stop))
            {
                // The program that decoded the source heard it first.
            }
            ranOn = [.. combined.Sessions.Select(s => s.Placement).OfType<Placement>().Select(RunTables.Backends)];
            return replay;
        }
        finally
        {
            foreach (FrameSource one in frames) one.Dispose();
            foreach (LoadedModel one in loaded) one.Dispose();
        }

        FramePipeline Make(FrameEntry entry)
        {
            EdgeModel model = Load();
            return entry.Open(model, entry.Finder is null ? options : options with { Finder = Load() });
        }

        // In the order in which they were loaded when the run was recorded.
        EdgeModel Load()
        {
            loaded.Add(LoadRecorded(head.Models[loaded.Count], models.ElementAtOrDefault(loaded.Count), stop));
            return loaded[^1].Model;
        }
    }

    private static string? Gallery(RecordedModel? recorded)
    {
        if (recorded is null) return null;
        if (!File.Exists(recorded.Model)) throw new EdgeException(ErrorCode.CannotRead, $"There is no gallery '{recorded.Model}', whose faces were known.", "Put it there again.");
        return RecordingHead.DigestOf(recorded.Model) == recorded.Digest ? recorded.Model
            : throw new EdgeException(ErrorCode.InputMismatch, $"The gallery '{recorded.Model}' is not as it was when the run was recorded: its digest is another.", "Put the one of then in its place.");
    }

    /// <summary>Lets a pipeline of sound hear again what it heard.</summary>
    private static SoundReplay Run(RecordingReader recording, PromptEntry pipeline, string[] models, SessionOptions? session, CancellationToken stop)
    {
        RecordingHead head = recording.Head;
        if (head.Models.Count is 0 or > 16) throw RecordingFormat.Damaged($"it names {head.Models.Count} models");
        if (models.Length > head.Models.Count) throw new EdgeException(ErrorCode.BadUsage, $"{models.Length} models were given for {head.Models.Count}.", "Give --model once for each, in the recording's order.");
        BackendOptions.CheckThreads(head.Options.Threads);
        var replay = new SoundReplay(recording);
        var loaded = new List<LoadedModel>();
        try
        {
            // Models are loaded in the recorded order, whatever the pipeline calls them.
            var request = new PromptRequest(head.Source, null, 0, 0, 0, Json: true, null, head.Options.ToOptions(session), _ => Load()) { Partials = head.Options.Partials, Replay = replay };
            pipeline.Run(request, Load(), TextWriter.Null, stop);
        }
        finally
        {
            foreach (LoadedModel one in loaded) one.Dispose();
        }
        if (!stop.IsCancellationRequested) replay.Finish();
        return replay;

        EdgeModel Load()
        {
            int index = loaded.Count;
            if (index >= head.Models.Count) throw RecordingFormat.Damaged($"it names {head.Models.Count} models, and '{pipeline.Name}' takes more");
            loaded.Add(LoadRecorded(head.Models[index], models.ElementAtOrDefault(index), stop));
            return loaded[^1].Model;
        }
    }

    private static LoadedModel LoadRecorded(RecordedModel recorded, string? other, CancellationToken stop)
    {
        LoadedModel loaded = ModelLoader.Load(other ?? recorded.Model, stage: Console.Error.WriteLine, stop: stop);
        if (other is not null || RecordingHead.DigestOf(loaded.Path) == recorded.Digest) return loaded;
        loaded.Dispose();
        throw new EdgeException(ErrorCode.InputMismatch, $"The model '{recorded.Model}' is not the one that was recorded: its digest is another.", "Give --model to compare with another model on purpose.");
    }

    private static FrameSource? Open(RecordingHead head, string? source)
    {
        if (head.SourceDigest is null) return source is null ? null : throw new EdgeException(ErrorCode.BadUsage, "The recording has its pictures in itself.", "Leave --source away.");
        string path = source ?? head.Source;
        if (!File.Exists(path)) throw new EdgeException(ErrorCode.CannotRead, $"There is no file '{path}', whose frames were recorded.", "Give --source where it lies now.");
        return RecordingHead.DigestOf(path) == head.SourceDigest ? FrameSource.Open(path)
            : throw new EdgeException(ErrorCode.InputMismatch, $"'{path}' is not the file that was recorded: its digest is another.", "Give the very file as --source.");
    }

    private static void Print(RecordingReader recording, Replay replay, IReadOnlyList<string> ranOn)
    {
        Console.Out.WriteLine($"replayed {string.Join('+', recording.Head.Pipelines)}, {Quantity.Of(replay.Results, "result")} of '{recording.Head.Source}'");
        string drops = replay.Drops.Count == 0 ? "none" : string.Join(", ", replay.Drops.Select(d => $"{d.Value} {d.Key.ToLowerInvariant()}"));
        Console.Out.WriteLine($"drops    {drops}");
        foreach (RecordedPlacement placement in replay.Placements)
        {
            Console.Out.WriteLine($"was on   {string.Join("; ", placement.Steps)}{(placement.Frame > 0 ? $", from frame {placement.Frame} on" : "")}");
            foreach (string happened in placement.Events) Console.Out.WriteLine($"         {happened}");
        }
        foreach (string backends in ranOn) Console.Out.WriteLine($"ran on   {backends}");
        Console.Out.WriteLine($"pictures {replay.Results - replay.Different} identical, {replay.Different} different");
        if (recording.Head.Sound is not null) Console.Out.WriteLine($"sound    {replay.SoundParts - replay.SoundDifferent} parts identical, {replay.SoundDifferent} different");
        if (replay.First is { } first) Console.Out.WriteLine($"first    at {first.Frame}: {first.What}: recorded {first.Recorded}, now {first.Replayed}");
        if (Note(recording, replay) is { } note) Console.Error.WriteLine(note);
    }

    private static void Print(RecordingReader recording, SoundReplay replay)
    {
        Console.Out.WriteLine($"replayed {recording.Head.Pipelines[0]}, {Quantity.Of(replay.Parts, "part")} of '{recording.Head.Source}'");
        Console.Out.WriteLine($"sound    {replay.Parts - replay.PartsDifferent} parts identical, {replay.PartsDifferent} different");
        Console.Out.WriteLine($"heard    {replay.Heard - replay.HeardDifferent} events identical, {replay.HeardDifferent} different");
        if (replay.First is { } first) Console.Out.WriteLine($"first    at part {first.Frame}: {first.What}: recorded {first.Recorded}, now {first.Replayed}");
        if (Note(recording, replay) is { } note) Console.Error.WriteLine(note);
    }

    private static string? Note(RecordingReader recording, SoundReplay replay) => recording.Torn is { } torn ? $"The recording is used up to its last whole chunk: {torn}."
        : replay.End is null ? "The recorded run did not come to its end."
        : replay.End.SoundParts != replay.Parts ? $"The run had {replay.End.SoundParts} parts of sound." : null;

    private static void Write(RecordingReader recording, SoundReplay replay) => Console.Out.WriteLine(ClassTexts.Json(json =>
    {
        json.WriteString("source", recording.Head.Source);
        json.WriteNumber("sound_parts", replay.Parts);
        json.WriteNumber("sound_different", replay.PartsDifferent);
        json.WriteNumber("events", replay.Heard);
        json.WriteNumber("events_different", replay.HeardDifferent);
        if (replay.First is { } first) Write(json, "part", first);
        string? note = Note(recording, replay);
        json.WriteBoolean("complete", note is null);
        if (note is not null) json.WriteString("note", note);
    }));

    private static void Write(Utf8JsonWriter json, string where, ReplayDifference first)
    {
        json.WriteStartObject("first_difference");
        json.WriteNumber(where, first.Frame);
        json.WriteString("value", first.What);
        json.WriteString("recorded", first.Recorded);
        json.WriteString("replayed", first.Replayed);
        json.WriteEndObject();
    }

    private static string? Note(RecordingReader recording, Replay replay) => recording.Torn is { } torn ? $"The recording is used up to its last whole chunk: {torn}."
        : replay.End is null ? "The recorded run did not come to its end."
        : replay.End.Results != replay.Results || replay.End.SoundParts != replay.SoundParts ? $"The run had {replay.End.Results} results and {replay.End.SoundParts} parts of sound." : null;

    private static void Write(RecordingReader recording, Replay replay, IReadOnlyList<string> ranOn)
    {
        using var output = new StandardOutput();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("source", recording.Head.Source);
            json.WriteNumber("results", replay.Results);
            json.WriteNumber("different", replay.Different);
            json.WriteNumber("sound_parts", replay.SoundParts);
            json.WriteNumber("sound_different", replay.SoundDifferent);
            json.WriteStartObject("dropped");
            foreach ((string reason, long count) in replay.Drops) json.WriteNumber(reason.ToLowerInvariant(), count);
            json.WriteEndObject();
            json.WriteStartArray("ran_on");
            foreach (string backends in ranOn) json.WriteStringValue(backends);
            json.WriteEndArray();
            if (replay.First is { } first) Write(json, "frame", first);
            json.WriteBoolean("complete", Note(recording, replay) is null);
            if (Note(recording, replay) is { } note) json.WriteString("note", note);
            json.WriteEndObject();
        }
        output.WriteByte((byte)'\n');
    }
}
