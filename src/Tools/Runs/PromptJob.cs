using System.Runtime.ExceptionServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Recording;

namespace EdgeRuntime.Tools.Runs;

/// <summary>A run of a pipeline of sound or text.</summary>
internal static class PromptJob
{
    /// <summary>Runs it; the code to exit with.</summary>
    public static int Run(PromptEntry pipeline, string? name, string? record, Func<Func<string, EdgeModel>, PromptRequest> request)
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
        using (recorder) RecordingEnd.Tell(recorder, failure);
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
}
