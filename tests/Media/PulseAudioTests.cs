using System.Diagnostics;
using EdgeRuntime.Realtime.Sounds;
using Xunit;

namespace EdgeRuntime.Tests.Media;

/// <summary>PulseAudio with a sink that plays to nobody, whose monitor is the microphone.</summary>
public class PulseAudioTests
{
    [Fact]
    public void What_is_played_is_recorded()
    {
        MediaFiles.NeedFfmpeg();
        Assert.SkipUnless(Run("pactl", "info") is not null, "PulseAudio does not run here (pulseaudio --daemonize starts it)");
        string sink = $"edgeruntime{Environment.ProcessId}";
        string? module = Run("pactl", "load-module", "module-null-sink", $"sink_name={sink}");
        Assert.SkipUnless(module is not null, "PulseAudio has no module-null-sink");
        using var player = Process.Start(new ProcessStartInfo("ffmpeg", ["-hide_banner", "-nostdin", "-loglevel", "quiet", "-re", "-f", "lavfi", "-i", "sine=frequency=500:duration=20", "-f", "pulse", "-device", sink, "test"]))!;
        try
        {
            using SoundStream stream = SoundStream.Open($"pulse:{sink}.monitor", 16000);
            var part = new float[1600];
            int loud = 0;
            for (int i = 0; i < 80 && loud < 5; i++)
            {
                Assert.Equal(part.Length, stream.Read(part));
                if (part.Max() > 0.05f) loud++;
            }
            Assert.Equal(5, loud);
            int crossings = 0;
            for (int i = 1; i < part.Length; i++) crossings += part[i - 1] < 0 && part[i] >= 0 ? 1 : 0;
            Assert.InRange(crossings, 48, 52);
        }
        finally
        {
            player.Kill();
            player.WaitForExit();
            Run("pactl", "unload-module", module.Trim());
        }
    }

    /// <summary>What a program says, or null where it fails or is missing.</summary>
    private static string? Run(string program, params string[] arguments)
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
