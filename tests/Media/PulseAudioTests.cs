using System.Diagnostics;
using System.Globalization;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Tests.Cli;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Evaluation.Metrics;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Media;

/// <summary>PulseAudio with a sink that plays to nobody, whose monitor is the microphone.</summary>
public class PulseAudioTests
{
    [Fact]
    public void What_is_played_is_recorded()
    {
        MediaFiles.NeedFfmpeg();
        using var sink = new NullSink();
        using Process player = sink.Play("-f", "lavfi", "-i", "sine=frequency=500:duration=20");
        using SoundStream stream = SoundStream.Open($"pulse:{sink.Name}.monitor", 16000);
        var part = new float[1600];
        int loud = 0;
        for (int i = 0; i < 80 && loud < 5; i++)
        {
            Assert.Equal(part.Length, stream.Read(part));
            if (part.Max() > 0.05f) loud++;
        }
        player.Kill();
        Assert.Equal(5, loud);
        int crossings = 0;
        for (int i = 1; i < part.Length; i++) crossings += part[i - 1] < 0 && part[i] >= 0 ? 1 : 0;
        Assert.InRange(crossings, 48, 52);
    }

    /// <summary>The microphone hears silence, a sentence, silence; each word is there, once.</summary>
    [Fact]
    public async Task What_is_said_is_written_down_word_for_word()
    {
        MediaFiles.NeedFfmpeg();
        foreach (string model in (string[])["silero-vad-v6-16k", "moonshine-tiny-encoder", "moonshine-tiny-decoder"])
            Assert.SkipWhen(ModelCache.Default.Find(ModelZoo.Default.Get(model)) is null, $"{model} is not on this machine: `edgert models pull {model}` fetches it");
        Assert.SkipUnless(ModelCache.Default.Find(ModelZoo.Default.GetTool("llama-tokenizer")) is not null, "the vocabulary is not on this machine: edgert eval moonshine-tiny-encoder fetches it");
        string speech = Repository.Data("speech", "jfk.wav");
        using var sink = new NullSink();
        Assert.Contains($"pulse:{sink.Name}.monitor", Edgert.Run("devices", "--json").Output);
        using Process process = Edgert.Start("run", "transcribe", "--source", $"pulse:{sink.Name}.monitor");
        Task<string> said = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), told = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        // Models are loaded and the microphone is open when its monitor has a listener.
        for (int i = 0; i < 300 && NullSink.Run("pactl", "list", "short", "source-outputs") is not { Length: > 0 }; i++) Thread.Sleep(100);
        Thread.Sleep(1000);
        // What FFmpeg has not played when it ends is not played at all.
        using (Process player = sink.Play("-i", speech, "-af", "apad=pad_dur=4")) player.WaitForExit();
        using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)])) kill.WaitForExit();
        Assert.True(process.WaitForExit(60_000));
        Assert.Equal(ExitCode.Interrupted, process.ExitCode);
        string[] words = WordErrors.Split(string.Join(' ', (await said).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[(line.IndexOf(" s ", StringComparison.Ordinal) + 3)..])));
        Assert.Equal("and so my fellow americans ask not what your country can do for you ask what you can do for your country", string.Join(' ', words));
    }

    /// <summary>A sink that plays to nobody.</summary>
    private sealed class NullSink : IDisposable
    {
        private static int count;

        private readonly string module;

        public NullSink()
        {
            Assert.SkipUnless(Run("pactl", "info") is not null, "PulseAudio does not run here (pulseaudio --daemonize starts it)");
            Name = $"edgeruntime{Environment.ProcessId}_{Interlocked.Increment(ref count)}";
            string? loaded = Run("pactl", "load-module", "module-null-sink", $"sink_name={Name}");
            Assert.SkipUnless(loaded is not null, "PulseAudio has no module-null-sink");
            module = loaded.Trim();
        }

        public string Name { get; }

        public Process Play(params string[] input) => Process.Start(new ProcessStartInfo("ffmpeg", ["-hide_banner", "-nostdin", "-loglevel", "quiet", "-re", .. input, "-f", "pulse", "-device", Name, "test"]))!;

        public void Dispose() => Run("pactl", "unload-module", module);

        /// <summary>What a program says, or null where it fails or is missing.</summary>
        public static string? Run(string program, params string[] arguments)
        {
            try
            {
                using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                string said = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                return process.ExitCode == 0 ? said : null;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return null;
            }
        }
    }
}
