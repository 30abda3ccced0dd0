using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Media;
using Xunit;

namespace EdgeRuntime.Tests.Media;

public class FrameSourceTests
{
    [Theory]
    [InlineData(96, 64, "yuv420p")]
    [InlineData(97, 63, "yuv444p")]
    public void A_video_gives_each_frame_once_with_its_time(int width, int height, string format)
    {
        using var files = new MediaFiles();
        string path = files.Make("a.mp4", "-f", "lavfi", "-i", $"testsrc=size={width}x{height}:rate=25", "-frames:v", "50", "-c:v", "libx264", "-pix_fmt", format);
        byte[] expected = files.Rgb(path);
        using FrameSource source = FrameSource.Open(path);
        Assert.Equal((width, height, 25.0, 50L), (source.Width, source.Height, source.Rate, source.FrameCount));

        var frame = new Frame();
        int count = 0;
        for (; source.Read(frame); count++)
        {
            Assert.Equal(count, frame.Index);
            Assert.Equal(40.0 * count, frame.Time.TotalMilliseconds, 1e-3);
            int bytes = frame.Pixels.Length;
            Assert.True(frame.Pixels.SequenceEqual(expected.AsSpan(count * bytes, bytes)), $"frame {count}");
        }

        Assert.Equal(50, count);
        Assert.False(source.Read(frame));
    }

    [Fact]
    public void A_picture_is_a_source_of_one_frame()
    {
        using var files = new MediaFiles();
        PngWriter.Write(files["a.png"], MediaFiles.RandomFrame(1, 5, 7));
        using FrameSource source = FrameSource.Open(files["a.png"]);
        var frame = new Frame();
        Assert.True(source.Read(frame));
        Assert.Equal((5, 7, 0L, "a.png"), (frame.Width, frame.Height, frame.Index, source.FrameName));
        Assert.False(source.Read(frame));
    }

    [Fact]
    public void What_is_missing_is_said()
    {
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => FrameSource.Open("no-such.mp4")).Code);
        Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => FrameSource.Open("ftp://x/y")).Code);
        Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => FrameSource.Open(" ")).Code);
    }
}
