using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Media;

/// <summary>Videos give their frames in the format that is asked for, with the colours they have in RGB.</summary>
public class FrameFormatTests
{
    [Theory]
    [InlineData(PixelFormat.Yuv420p, "yuv420p")]
    [InlineData(PixelFormat.Nv12, "nv12")]
    [InlineData(PixelFormat.Bgr24, "bgr24")]
    [InlineData(PixelFormat.Rgba32, "rgba")]
    public void Frames_have_the_bytes_that_FFmpeg_gives_in_that_format(PixelFormat format, string name)
    {
        using var files = new MediaFiles();
        string path = files.Make("a.mp4", "-f", "lavfi", "-i", "testsrc=size=96x64:rate=25", "-frames:v", "5", "-c:v", "libx264", "-pix_fmt", "yuv420p");
        byte[] expected = File.ReadAllBytes(files.Make("reference.raw", "-i", path, "-pix_fmt", name, "-f", "rawvideo"));
        using FrameSource source = FrameSource.Open(path, format, TestContext.Current.CancellationToken);
        var frame = new Frame();
        for (int count = 0; count < 5; count++)
        {
            Assert.True(source.Read(frame));
            Assert.Equal((format, 96, 64), (frame.Format, frame.Width, frame.Height));
            Assert.True(frame.Pixels.SequenceEqual(expected.AsSpan(count * frame.Pixels.Length, frame.Pixels.Length)), $"frame {count}");
        }
        Assert.False(source.Read(frame));
    }

    [Theory]
    [InlineData("tv", "bt470bg")]
    [InlineData("pc", "bt470bg")]
    [InlineData("tv", "bt709")]
    public void Colours_are_right_whatever_matrix_and_range_the_stream_has(string range, string matrix)
    {
        using var files = new MediaFiles();
        string path = files.Make("a.mp4", "-i", Repository.File("models", "astronaut.png"), "-vf", $"scale=97:65:out_color_matrix={matrix}:out_range={range},format=yuv444p",
            "-c:v", "libx264", "-crf", "10", "-colorspace", matrix, "-color_range", range);
        using FrameSource source = FrameSource.Open(path, PixelFormat.Yuv420p, TestContext.Current.CancellationToken), reference = FrameSource.Open(path, stop: TestContext.Current.CancellationToken);
        Frame frame = new(), rgb = new(), expected = new();
        Assert.True(source.Read(frame));
        Assert.True(reference.Read(expected));
        // The last column and row, which have no partner, are left out.
        Assert.Equal((96, 64), (frame.Width, frame.Height));
        frame.ToRgb(rgb);
        long sum = 0;
        for (int y = 0; y < 64; y++)
            for (int i = 0; i < 3 * 96; i++) sum += Math.Abs(rgb.Pixels[3 * 96 * y + i] - expected.Pixels[3 * 97 * y + i]);
        // Edges between colours lose something with half the chroma; a wrong matrix or range is off by 8 and more everywhere.
        Assert.InRange(sum / (3.0 * 96 * 64), 0, 5);
    }

    [Fact]
    public void Pictures_are_RGB_whatever_is_asked_for()
    {
        using FrameSource source = FrameSource.Open(Repository.File("models", "astronaut.png"), PixelFormat.Nv12, TestContext.Current.CancellationToken);
        var frame = new Frame();
        frame.Resize(2, 2, PixelFormat.Nv12);
        Assert.True(source.Read(frame));
        Assert.Equal(PixelFormat.Rgb24, frame.Format);
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameSource.Open("a.png", (PixelFormat)9, TestContext.Current.CancellationToken));
    }
}
