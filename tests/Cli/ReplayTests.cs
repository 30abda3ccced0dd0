using System.Text.Json;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>The verb replay, from outside.</summary>
public class ReplayTests
{
    private static readonly string Sample = Repository.File("models", "astronaut.png");

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void A_recorded_run_gives_the_same_results_again_without_its_source(bool realtime, bool several)
    {
        string? model = ModelZoo.Default.Shipped("blazeface-front.edge") ?? ModelCache.Default.Find(ModelZoo.Default.Get("blazeface-front"));
        Assert.SkipWhen(model is null, "no face model on this machine: `edgert models pull blazeface-front` fetches it");
        using var folder = new TemporaryFolder();
        string source = Path.Combine(folder.Path, "pictures"), recording = Path.Combine(folder.Path, "a.rec");
        Directory.CreateDirectory(source);
        for (int i = 0; i < 5; i++) File.Copy(Sample, Path.Combine(source, $"{i}.png"));
        Result run = Edgert.Run(["run", several ? "face-detect+face-detect" : "face-detect", "--source", source, "--model", model, .. several ? (string[])["--model", model] : [], "--backend", "cpu", "--track", "--record", recording, .. realtime ? (string[])["--realtime"] : []]);
        Assert.True(run.ExitCode == ExitCode.Done, run.Errors);
        Assert.Contains("recorded", run.Errors);
        Directory.Delete(source, recursive: true);

        Result replay = Edgert.Run("replay", recording, "--json");
        Assert.True(replay.ExitCode == ExitCode.Done, replay.Errors + replay.Output);
        JsonElement root = JsonDocument.Parse(replay.Output).RootElement;
        Assert.Equal(0, root.GetProperty("different").GetInt64());
        Assert.True(root.GetProperty("complete").GetBoolean());
        // Live, each pipeline gives results of its own.
        Assert.Equal(realtime && several ? 10 : 5, root.GetProperty("results").GetInt64() + root.GetProperty("dropped").EnumerateObject().Sum(p => p.Value.GetInt64()));
    }

    [Theory]
    [InlineData("vad", "silero-vad-v6-16k", "jfk.wav")]
    [InlineData("transcribe", "moonshine-tiny-encoder", "goforward.wav")]
    [InlineData("keyword", "keywords", "numbers.wav")]
    public void A_recorded_pipeline_of_sound_hears_the_same_again(string pipeline, string model, string sound)
    {
        Assert.SkipWhen(pipeline != "keyword" && ModelCache.Default.Find(ModelZoo.Default.Get(model)) is null, $"{model} is not on this machine: `edgert models pull {model}` fetches it");
        using var folder = new TemporaryFolder();
        string source = Path.Combine(folder.Path, "a.wav"), recording = Path.Combine(folder.Path, "a.rec");
        File.Copy(Repository.Data("speech", sound), source);
        Result run = Edgert.Run("run", pipeline, "--source", source, "--json", "--record", recording);
        Assert.True(run.ExitCode == ExitCode.Done, run.Errors);
        int events = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        File.Delete(source);

        Result replay = Edgert.Run("replay", recording, "--json");
        Assert.True(replay.ExitCode == ExitCode.Done, replay.Errors + replay.Output);
        JsonElement root = JsonDocument.Parse(replay.Output).RootElement;
        Assert.Equal((0, 0, events), (root.GetProperty("sound_different").GetInt64(), root.GetProperty("events_different").GetInt64(), root.GetProperty("events").GetInt64()));
        Assert.True(root.GetProperty("complete").GetBoolean());
        if (pipeline != "vad") return;
        // Another model hears something else, which is said.
        string? other = ModelCache.Default.Find(ModelZoo.Default.Get("silero-vad-v5"));
        if (other is null) return;
        Result different = Edgert.Run("replay", recording, "--model", other, "--json");
        Assert.NotEqual(ExitCode.Done, different.ExitCode);
    }

    [Fact]
    public void What_is_no_recording_is_refused()
    {
        Assert.Equal(ExitCode.BadInput, Edgert.Run("replay", Sample).ExitCode);
        Assert.Equal(ExitCode.BadInput, Edgert.Run("replay", "/nowhere/at/all").ExitCode);
    }
}
