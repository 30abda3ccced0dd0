using System.Diagnostics;
using System.Text.Json;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tests.Media;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>Ctrl-C, which in a terminal all programs hear that run for us, and the request to end that others send.</summary>
public sealed class InterruptTests : IDisposable
{
    private readonly MediaFiles files = new();

    public InterruptTests()
    {
        MediaFiles.NeedFfmpeg();
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/setsid"), "setsid is not installed: signals cannot be sent to a group of programs");
    }

    public void Dispose() => files.Dispose();

    [Theory]
    [InlineData("INT", true)]
    [InlineData("INT", false)]
    [InlineData("TERM", false)]
    public void A_video_in_realtime_ends_with_totals_and_a_whole_file(string signal, bool all)
    {
        string saved = files["a.mp4"];
        Result run = Interrupted(signal, all, "frame", "run", "face-detect", "--source", Video(), "--model", Faces(), "--backend", "cpu", "--realtime", "--json", "--save", saved, "--record", files["a.rec"]);
        JsonElement totals = JsonDocument.Parse(run.Output.TrimEnd().Split('\n')[^1]).RootElement.GetProperty("summary");
        Assert.True(totals.GetProperty("results").GetInt64() > 0);
        Assert.Contains("saved", run.Errors);
        Assert.Contains("recorded", run.Errors);
        using (FrameSource video = FrameSource.Open(saved, stop: TestContext.Current.CancellationToken))
        {
            var frame = new Frame();
            int count = 0;
            while (video.Read(frame)) count++;
            Assert.InRange(count, 1, totals.GetProperty("results").GetInt64());
        }
        Result replay = Edgert.Run("replay", files["a.rec"], "--json");
        Assert.True(replay.ExitCode == ExitCode.Done, replay.Errors + replay.Output);
        Assert.True(JsonDocument.Parse(replay.Output).RootElement.GetProperty("complete").GetBoolean());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stream_ends_with_totals(bool realtime)
    {
        using var server = new StreamServer();
        server.Serve("tcp", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=25", "-c:v", "mpeg2video", "-g", "5");
        Thread.Sleep(1000);
        Result run = Interrupted("INT", all: true, "frame", ["run", "face-detect", "--source", $"tcp://127.0.0.1:{server.Port}", "--model", Faces(), "--backend", "cpu", "--json", .. realtime ? (string[])["--realtime"] : []]);
        Assert.Contains(realtime ? "\"summary\"" : " 0 missing", run.Output + run.Errors);
        Assert.DoesNotContain("is lost", run.Errors);
    }

    [Fact]
    public void Waiting_for_a_stream_ends_at_once()
    {
        using var server = new StreamServer();
        Process process = Edgert.StartThrough(["setsid"], "run", "face-detect", "--source", $"udp://127.0.0.1:{server.Port}", "--model", Faces(), "--backend", "cpu");
        Thread.Sleep(2000);
        var watch = Stopwatch.StartNew();
        Result run = End(process, "INT", all: true);
        Assert.Equal(ExitCode.Interrupted, run.ExitCode);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed} until it ended");
    }

    [Theory]
    [InlineData("INT", true)]
    [InlineData("TERM", false)]
    public void Speech_ends_with_totals_and_a_recording(string signal, bool all)
    {
        string? model = ModelCache.Default.Find(ModelZoo.Default.Get("silero-vad-v6-16k"));
        Assert.SkipWhen(model is null, "silero-vad-v6-16k is not on this machine: `edgert models pull silero-vad-v6-16k` fetches it");
        using var server = new StreamServer();
        server.Serve("tcp", "-stream_loop", "-1", "-i", Repository.Data("speech", "jfk.wav"), "-c:a", "mp2", "-ar", "48000");
        Thread.Sleep(1000);
        Result run = Interrupted(signal, all, "started", "run", "vad", "--source", $"tcp://127.0.0.1:{server.Port}", "--model", model, "--json", "--record", files["a.rec"]);
        Assert.Contains("s heard", run.Errors);
        Assert.Contains("samples", run.Errors);
        Result replay = Edgert.Run("replay", files["a.rec"], "--json");
        Assert.True(replay.ExitCode == ExitCode.Done, replay.Errors + replay.Output);
        JsonElement root = JsonDocument.Parse(replay.Output).RootElement;
        Assert.True(root.GetProperty("complete").GetBoolean());
        Assert.True(root.GetProperty("events").GetInt64() > 0);
    }

    [Fact]
    public void A_replay_ends_with_totals()
    {
        string recording = files["a.rec"];
        Result run = Edgert.Run("run", "face-detect", "--source", Video(), "--model", Faces(), "--backend", "cpu", "--limit", "400", "--record", recording);
        Assert.True(run.ExitCode == ExitCode.Done, run.Errors);
        Process process = Edgert.StartThrough(["setsid"], "replay", recording, "--json");
        Thread.Sleep(1200);
        Result replay = End(process, "INT", all: true);
        // A fast machine may be done by then.
        Assert.Contains(replay.ExitCode, (int[])[ExitCode.Interrupted, ExitCode.Done]);
        Assert.Equal(0, JsonDocument.Parse(replay.Output).RootElement.GetProperty("different").GetInt64());
    }

    private static string Faces()
    {
        string? model = ModelZoo.Default.Shipped("blazeface-front.edge") ?? ModelCache.Default.Find(ModelZoo.Default.Get("blazeface-front"));
        Assert.SkipWhen(model is null, "no face model on this machine: `edgert models pull blazeface-front` fetches it");
        return model;
    }

    private string Video() => files.Make("long.mkv", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=25", "-frames:v", "1500", "-c:v", "mpeg2video");

    /// <summary>Starts, waits for a line with a word on standard output and a moment more, and interrupts.</summary>
    private static Result Interrupted(string signal, bool all, string word, params string[] arguments)
    {
        Process process = Edgert.StartThrough(["setsid"], arguments);
        var before = new System.Text.StringBuilder();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            before.AppendLine(line);
            if (line.Contains(word, StringComparison.Ordinal)) break;
        }
        Thread.Sleep(1500);
        Result run = End(process, signal, all);
        run = run with { Output = before + run.Output };
        Assert.True(run.ExitCode == ExitCode.Interrupted, $"exit code {run.ExitCode}\n{run.Output}\n{run.Errors}");
        return run;
    }

    /// <summary>Interrupts, and looks whether anything of the session is left.</summary>
    private static Result End(Process process, string signal, bool all)
    {
        int session = process.Id;
        using (Process kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {(all ? "-" : "")}{session}"])) kill.WaitForExit();
        Result run = Edgert.Finish(process);
        Assert.DoesNotContain("   at ", run.Errors);
        // Of what was killed the parent has waited; nothing else belongs to the session.
        Assert.DoesNotContain(Directory.GetDirectories("/proc").Select(Path.GetFileName), name => int.TryParse(name, out int id) && id != session && SessionOf(id) == session);
        return run;
    }

    private static int SessionOf(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }
}
