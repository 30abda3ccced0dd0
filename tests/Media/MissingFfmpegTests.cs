using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
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
            using FrameSource picture = FrameSource.Open(files["a.png"]);
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

    private static void Missing(Action action)
    {
        EdgeException error = Assert.Throws<EdgeException>(action);
        Assert.Equal(ErrorCode.MissingTool, error.Code);
        Assert.Contains("nstall", error.Remedy);
    }
}
