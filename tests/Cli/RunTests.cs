using System.Diagnostics;
using System.Text.Json;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>The verbs run and demo, from outside: what they print is a contract.</summary>
public class RunTests
{
    private static readonly string Sample = Repository.File("models", "astronaut.png");

    [Fact]
    public void Json_has_one_line_a_frame_with_the_documented_names()
    {
        Result result = Edgert.Run("run", "face-detect", "--source", Sample, "--model", Model(), "--json");
        Assert.Equal(ExitCode.Done, result.ExitCode);
        using JsonDocument line = JsonDocument.Parse(Assert.Single(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        JsonElement root = line.RootElement;
        Assert.Equal(["frame", "time_ms", "latency_ms", "status", "results"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal(["capture_to_result", "preprocess", "inference", "decode"], root.GetProperty("latency_ms").EnumerateObject().Select(p => p.Name));
        Assert.Equal("result", root.GetProperty("status").GetString());
        JsonElement face = Assert.Single(root.GetProperty("results").EnumerateArray().ToArray());
        Assert.Equal(["label", "score", "box", "points"], face.EnumerateObject().Select(p => p.Name));
        Assert.Equal("face", face.GetProperty("label").GetString());
        Assert.Equal(6, face.GetProperty("points").GetArrayLength());

        // The face of the sample, measured by hand: between ear and ear, from brow to chin.
        float[] box = [.. face.GetProperty("box").EnumerateArray().Select(n => n.GetSingle())];
        Assert.InRange(box[0] + box[2] / 2, 205, 245);
        Assert.InRange(box[1] + box[3] / 2, 105, 150);
        Assert.InRange(box[2], 70, 130);
        Assert.Contains("1 frame read, 1 result, 0 missing", result.Errors);
    }

    [Fact]
    public void No_frame_of_a_folder_is_missing()
    {
        using var folder = new TemporaryFolder();
        for (int i = 0; i < 7; i++) File.Copy(Sample, Path.Combine(folder.Path, $"{i}.png"));
        Result result = Edgert.Run("run", "face-detect", "--source", folder.Path, "--model", Model(), "--json");
        long[] frames = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("frame").GetInt64())];
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], frames);
        Assert.Contains("7 frames read, 7 results, 0 missing", result.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void In_realtime_the_summary_adds_up(bool inLoop)
    {
        using var folder = new TemporaryFolder();
        for (int i = 0; i < 7; i++) File.Copy(Sample, Path.Combine(folder.Path, $"{i}.png"));
        Result result = Edgert.Run(["run", "face-detect", "--source", folder.Path, "--model", Model(), "--json", "--realtime", .. inLoop ? (string[])["--tick", "4"] : []]);
        Assert.Equal(ExitCode.Done, result.ExitCode);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        JsonElement summary = JsonDocument.Parse(lines[^1]).RootElement.GetProperty("summary");
        JsonElement dropped = summary.GetProperty("dropped");
        long Count(JsonElement of, string name) => of.GetProperty(name).GetInt64();
        Assert.Equal(7, Count(summary, "captured"));
        Assert.Equal(lines.Length - 1, Count(summary, "results") + Count(summary, "failed_over"));
        Assert.Equal(7, lines.Length - 1 + Count(summary, "timed_out") + Count(dropped, "replaced") + Count(dropped, "overrun") + Count(dropped, "failed") + Count(dropped, "stopped"));
        Assert.Equal(6, JsonDocument.Parse(lines[^2]).RootElement.GetProperty("frame").GetInt64());
        Assert.Equal(inLoop, summary.TryGetProperty("ticks", out JsonElement ticks));
        if (inLoop) Assert.InRange(ticks.GetProperty("within").GetDouble(), 0, 1);
        Assert.True(summary.GetProperty("memory").GetProperty("end").GetProperty("resident_bytes").GetInt64() > 0);
    }

    [Fact]
    public void In_realtime_each_pipeline_has_an_account_of_its_own()
    {
        using var folder = new TemporaryFolder();
        for (int i = 0; i < 6; i++) File.Copy(Sample, Path.Combine(folder.Path, $"{i}.png"));
        string saved = Path.Combine(folder.Path, "saved");
        Result result = Edgert.Run("run", "face-detect+face-detect", "--source", folder.Path, "--model", Model(), "--model", Model(), "--json", "--realtime", "--save", saved);
        Assert.True(result.ExitCode == ExitCode.Done, result.Errors);
        JsonElement[] lines = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
        JsonElement[] pipelines = [.. lines[^1].GetProperty("summary").GetProperty("pipelines").EnumerateArray()];
        Assert.Equal(2, pipelines.Length);
        foreach (JsonElement one in pipelines)
        {
            Assert.Equal("face-detect", one.GetProperty("pipeline").GetString());
            Assert.Equal(6, one.GetProperty("captured").GetInt64());
            Assert.Equal(6, one.GetProperty("results").GetInt64() + one.GetProperty("dropped").EnumerateObject().Sum(d => d.Value.GetInt64()));
        }
        Assert.Equal(lines.Length - 1, pipelines.Sum(p => p.GetProperty("results").GetInt64()));
        Assert.All(lines[..^1], l => Assert.Equal("face-detect", l.GetProperty("pipeline").GetString()));
        Assert.Equal(pipelines[0].GetProperty("results").GetInt64(), Directory.EnumerateFiles(saved).Count());
    }

    [Fact]
    public void Words_are_written_down_beside_pictures()
    {
        foreach (string model in (string[])["silero-vad-v6-16k", "moonshine-tiny-encoder", "moonshine-tiny-decoder"])
            Assert.SkipWhen(ModelCache.Default.Find(ModelZoo.Default.Get(model)) is null, $"{model} is not on this machine: `edgert models pull {model}` fetches it");
        Assert.SkipUnless(ModelCache.Default.Find(ModelZoo.Default.GetTool("llama-tokenizer")) is not null, "the vocabulary is not on this machine: edgert eval moonshine-tiny-encoder fetches it");
        Assert.SkipUnless(FfmpegTools.Find("ffmpeg") is not null, "needs FFmpeg");
        Result result = Edgert.Run("run", "face-detect+transcribe", "--source", Repository.Data("video", "vtest_8s.mp4"), "--sound", Repository.Data("speech", "goforward.wav"), "--model", Model(), "--json", "--realtime");
        Assert.True(result.ExitCode == ExitCode.Done, result.Errors);
        JsonElement[] lines = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
        string said = string.Join(' ', lines.Where(l => l.TryGetProperty("event", out JsonElement kind) && kind.GetString() == "final").Select(l => l.GetProperty("text").GetString()));
        Assert.Contains("forward", said);
        JsonElement sound = lines[^1].GetProperty("summary").GetProperty("sound");
        Assert.Equal(0, sound.GetProperty("dropped").GetProperty("overrun").GetInt64());
    }

    [Fact]
    public void Pipelines_of_pictures_run_together_and_others_do_not()
    {
        Result result = Edgert.Run("run", "face-detect+face-detect", "--source", Sample, "--model", Model(), "--model", Model(), "--json");
        Assert.Equal(ExitCode.Done, result.ExitCode);
        JsonElement[] found = [.. JsonDocument.Parse(result.Output).RootElement.GetProperty("results").EnumerateArray()];
        Assert.Equal(2, found.Length);
        Assert.Equal(found[0].GetRawText(), found[1].GetRawText());

        foreach (string[] wrong in (string[][])[["face-detect+transcribe"], ["vad+face-detect"], ["face-detect+vad"], ["face-detect+vad", "--sound", Sample], ["face-detect", "--realtime", "--sound", Sample],
            ["face-detect", "--model", Model(), "--model", Model()], ["face-detect+"], ["face-detect", "--tick", "4"]])
            Assert.Equal(ExitCode.BadInput, Edgert.Run(["run", .. wrong, "--source", Sample]).ExitCode);
    }

    [Fact]
    public void A_limit_is_kept()
    {
        using var folder = new TemporaryFolder();
        for (int i = 0; i < 3; i++) File.Copy(Sample, Path.Combine(folder.Path, $"{i}.png"));
        Result result = Edgert.Run("run", "face-detect", "--source", folder.Path, "--model", Model(), "--json", "--limit", "2");
        Assert.Equal(2, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Annotated_pictures_are_saved()
    {
        using var folder = new TemporaryFolder();
        string target = Path.Combine(folder.Path, "annotated.png");
        Result result = Edgert.Run("run", "face-detect", "--source", Sample, "--model", Model(), "--save", target);
        Assert.Equal(ExitCode.Done, result.ExitCode);
        Assert.Contains(target, result.Output);
        Assert.NotEqual(File.ReadAllBytes(Sample), File.ReadAllBytes(target));
        Assert.Equal([target], Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public void A_reader_that_goes_away_ends_the_run_in_silence()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "needs a POSIX shell");
        using var folder = new TemporaryFolder();
        Frames(folder, 2000);
        using Process process = Edgert.Start("run", "face-detect", "--source", folder.Path, "--model", Model(), "--json");
        Assert.NotNull(process.StandardOutput.ReadLine());
        process.StandardOutput.Close();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("", errors);
        Assert.Equal(ExitCode.Done, process.ExitCode);
    }

    [Fact]
    public void An_interrupted_run_leaves_whole_files_only()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "needs signals");
        Assert.SkipUnless(FfmpegTools.Find("ffmpeg") is not null, "needs FFmpeg");
        using var folder = new TemporaryFolder();
        string pictures = Path.Combine(folder.Path, "pictures"), video = Path.Combine(folder.Path, "video.mp4");
        Frames(folder, 5000, "pictures");
        Process process = Edgert.Start("run", "face-detect", "--source", pictures, "--model", Model(), "--json", "--save", video);
        for (int i = 0; i < 10; i++) Assert.NotNull(process.StandardOutput.ReadLine());
        Process.Start("kill", ["-INT", $"{process.Id}"]).WaitForExit();
        Result result = Edgert.Finish(process);
        Assert.True(result.ExitCode == ExitCode.Interrupted, $"exit code {result.ExitCode}\n{result.Errors}");
        Assert.Equal([video], Directory.EnumerateFiles(folder.Path));
        using FrameSource read = FrameSource.Open(video, stop: TestContext.Current.CancellationToken);
        Assert.True(read.Read(new Frame()));
    }

    [Fact]
    public void The_demo_finds_the_face_without_a_network()
    {
        using var folder = new TemporaryFolder();
        Assert.SkipUnless(ModelZoo.Default.Shipped("blazeface-front.edge") is not null, "the converted model is not in models/");
        Result result = Edgert.Run("demo", "--offline", "--json", "-o", folder.Path);
        Assert.True(result.ExitCode == ExitCode.Done, result.Errors);
        JsonElement summary = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal("shipped", summary.GetProperty("model_from").GetString());
        Assert.Equal(1, summary.GetProperty("faces_in_picture").GetInt32());
        Assert.Equal(100, summary.GetProperty("video_frames_with_faces").GetInt32());
        Assert.True(File.Exists(summary.GetProperty("picture").GetString()));
        if (FfmpegTools.Find("ffmpeg") is not null) Assert.True(File.Exists(summary.GetProperty("video").GetString()));
        else Assert.Contains("FFmpeg", summary.GetProperty("video_skipped").GetString());
        string page = File.ReadAllText(summary.GetProperty("report").GetString()!);
        Assert.Contains("data:image/png;base64,", page);
        Assert.DoesNotContain("src=\"http", page);
    }

    [Theory]
    [InlineData("run face-detect --json --source")]
    [InlineData("demo --offline --json --output")]
    public void A_device_finds_the_same_face(string line)
    {
        string driver = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json";
        Assert.SkipUnless(File.Exists(driver), "lavapipe is not installed (Debian's mesa-vulkan-drivers)");
        using var folder = new TemporaryFolder();
        bool demo = line.StartsWith("demo", StringComparison.Ordinal);
        string[] arguments = [.. line.Split(' '), demo ? folder.Path : Sample, .. demo ? Array.Empty<string>() : ["--model", Model()]];
        // Both demos write into the same folder: the device's comes last.
        Result here = Edgert.Run([.. arguments, "--backend", "cpu"]), there = Edgert.RunWith("VK_DRIVER_FILES", driver, [.. arguments, "--backend", "vulkan", "--tune", "none"]);
        Assert.True(there.ExitCode == ExitCode.Done, there.Errors);
        JsonElement found = JsonDocument.Parse(there.Output).RootElement, expected = JsonDocument.Parse(here.Output).RootElement;
        if (demo)
        {
            Assert.Equal("vulkan", found.GetProperty("backend").GetString());
            foreach (string count in (string[])["faces_in_picture", "video_frames", "video_frames_with_faces"]) Assert.Equal(expected.GetProperty(count).GetInt64(), found.GetProperty(count).GetInt64());
            Assert.Contains("preprocess, inference", File.ReadAllText(found.GetProperty("report").GetString()!));
            return;
        }
        JsonElement a = Assert.Single(expected.GetProperty("results").EnumerateArray().ToArray()), b = Assert.Single(found.GetProperty("results").EnumerateArray().ToArray());
        Assert.Equal(a.GetProperty("score").GetDouble(), b.GetProperty("score").GetDouble(), 1e-3);
        for (int i = 0; i < 4; i++) Assert.Equal(a.GetProperty("box")[i].GetDouble(), b.GetProperty("box")[i].GetDouble(), 0.05);
    }

    [Fact]
    public void The_list_of_devices_is_json()
    {
        Result result = Edgert.Run("devices", "--json");
        JsonElement devices = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal("cpu", devices.GetProperty("backends")[0].GetProperty("name").GetString());
        Assert.True(devices.GetProperty("machine").GetProperty("cores").GetInt32() > 0);
    }

    /// <summary>A face detector: the shipped one, or else one that was pulled.</summary>
    private static string Model()
    {
        string? model = ModelZoo.Default.Shipped("blazeface-front.edge") ?? ModelCache.Default.Find(ModelZoo.Default.Get("blazeface-front"));
        Assert.SkipWhen(model is null, "no face model on this machine: `edgert models pull blazeface-front` fetches it");
        return model;
    }

    /// <summary>Many frames on little space: small pictures without compression, all the same file.</summary>
    private static void Frames(TemporaryFolder folder, int count, string below = "")
    {
        string place = Path.Combine(folder.Path, below);
        Directory.CreateDirectory(place);
        string first = Path.Combine(place, "0.ppm");
        File.WriteAllBytes(first, [.. "P6 64 64 255\n"u8, .. new byte[3 * 64 * 64]]);
        for (int i = 1; i < count; i++) File.CreateSymbolicLink(Path.Combine(place, $"{i}.ppm"), first);
    }
}
