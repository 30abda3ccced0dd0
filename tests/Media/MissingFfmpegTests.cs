using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Devices;
using EdgeRuntime.Tools.Media;
using Xunit;

namespace EdgeRuntime.Tests.Media;

/// <summary>Tests that change the environment of the process, and so run alone.</summary>
[CollectionDefinition("environment", DisableParallelization = true)]
public class EnvironmentCollection;

[Collection("environment")]
public class MissingFfmpegTests
{
    [Fact]
    public void Without_ffmpeg_the_error_says_how_to_get_it_and_png_is_still_read()
    {
        using var files = new MediaFiles();
        PngWriter.Write(files["a.png"], MediaFiles.RandomFrame(1, 5, 7));
        File.WriteAllBytes(files["a.jpg"], [0xFF, 0xD8, 0xFF, 0xE0, 0, 0]);
        File.WriteAllBytes(files["a.mp4"], new byte[100]);
        string? path = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", files.Folder);
        try
        {
            using FrameSource picture = FrameSource.Open(files["a.png"], stop: TestContext.Current.CancellationToken);
            Assert.True(picture.Read(new Frame()));
            Missing(() => FrameSource.Open(files["a.mp4"]));
            Missing(() => FrameSource.Open("rtsp://127.0.0.1/x"));
            Missing(() => FrameSource.Open(files["a.jpg"]).Read(new Frame()));
            Missing(() => new VideoSink(files["out.mp4"], 25));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
        Assert.Equal(3, Directory.GetFiles(files.Folder).Length);
    }

    [Theory]
    [InlineData("ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026", 5, 1)]
    [InlineData("ffmpeg version n6.0 Copyright", 6, 0)]
    [InlineData("ffmpeg version 7 Copyright", 7, 0)]
    [InlineData("ffmpeg version 4.4.2 Copyright", 4, 4)]
    [InlineData("ffmpeg version N-113007-g8d24a28d06 Copyright", int.MaxValue, 0)]
    [InlineData("", int.MaxValue, 0)]
    public void Versions_are_understood(string line, int major, int minor)
    {
        Version version = FfmpegTools.ParseVersion(line);
        Assert.Equal((major, minor), (version.Major, version.Minor));
    }

    [Theory]
    [InlineData("[dshow @ 0001] [info] \"Front \"HD\" Camera\" (video)\n[dshow @ 0001] [info]   Alternative name \"@device_pnp_1\"\n[dshow @ 0001] [info] \"Mic\" (audio)\n[dshow @ 0001] [info] \"Second\" (video)\n")]
    [InlineData("[dshow @ 0001] [info] DirectShow video devices\r\n[dshow @ 0001] [info]  \"Front \"HD\" Camera\"\r\n[dshow @ 0001] [info]  \"Second\"\r\n[dshow @ 0001] [info] DirectShow audio devices\r\n[dshow @ 0001] [info]  \"Mic\"\r\n")]
    public void Cameras_of_windows_are_listed(string printed)
    {
        var log = new DirectShowLog();
        log.ReadAll(new MemoryStream(Encoding.UTF8.GetBytes(printed)));
        Assert.Equal(["Front \"HD\" Camera", "Second"], log.Cameras);
        Assert.Equal(["Mic"], log.Microphones);
    }

    [Fact]
    public void Cameras_and_microphones_of_macos_are_listed()
    {
        var log = new AvFoundationLog();
        log.ReadAll(new MemoryStream(Encoding.UTF8.GetBytes("[AVFoundation indev @ 0x7f8] [info] AVFoundation video devices:\n[AVFoundation indev @ 0x7f8] [info] [0] FaceTime HD Camera\n[AVFoundation indev @ 0x7f8] [info] [1] Capture screen 0\n"
            + "[AVFoundation indev @ 0x7f8] [info] AVFoundation audio devices:\n[AVFoundation indev @ 0x7f8] [info] [0] MacBook Pro Microphone\n[in#0 @ 0x7f9] [error] Error opening input\n")));
        Assert.Equal([(0, "FaceTime HD Camera"), (1, "Capture screen 0")], log.Cameras);
        Assert.Equal([(0, "MacBook Pro Microphone")], log.Microphones);
    }

    [Fact]
    public void Microphones_of_linux_are_listed()
    {
        Assert.Equal([new("pulse:alsa_input.pci-0000.analog-stereo", "Built-in Audio [Analog] Stereo"), new("pulse:mic_test.monitor", "Monitor of Null Output")],
            Microphone.FromSources("Auto-detected sources for pulse:\n* alsa_input.pci-0000.analog-stereo [Built-in Audio [Analog] Stereo] (none)\n  mic_test.monitor [Monitor of Null Output] (none)\n"));
        Assert.Equal([new("microphone:plughw:1,0", "USB Audio")],
            Microphone.FromAlsa(["00-03: HDMI 0 : HDMI 0 : playback 1", "01-00: USB Audio : USB Audio : playback 1 : capture 1"]));
    }

    [Fact]
    public void Endless_and_strange_messages_stay_bounded()
    {
        var log = new FfmpegLog();
        string printed = string.Concat(Enumerable.Range(0, 1000).Select(i => $"[x @ 0x1] [error] number {i}\n")) + "[error] " + new string('a', 100_000);
        log.ReadAll(new MemoryStream(Encoding.UTF8.GetBytes(printed)));
        Assert.True(log.HasErrors);
        Assert.Contains("x: number 999", log.Tail(""));
        Assert.DoesNotContain("number 99;", log.Tail(""));
        Assert.InRange(log.Tail("").Length, 100, 3000);
    }

    private static void Missing(Action action)
    {
        EdgeException error = Assert.Throws<EdgeException>(action);
        Assert.Equal(ErrorCode.MissingTool, error.Code);
        Assert.Contains("nstall", error.Remedy);
    }
}
