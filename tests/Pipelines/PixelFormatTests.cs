using System.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Operators;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>Pictures in each format mean the same colours, to us and to FFmpeg.</summary>
public class PixelFormatTests
{
    public static TheoryData<PixelFormat> Formats => [.. Enum.GetValues<PixelFormat>()];

    [Fact]
    public void Luma_and_chroma_become_the_colours_of_the_standard()
    {
        foreach ((int y, int u, int v, int red, int green, int blue) in ((int, int, int, int, int, int)[])[
            (16, 128, 128, 0, 0, 0), (235, 128, 128, 255, 255, 255), (126, 128, 128, 128, 128, 128),
            (81, 90, 240, 254, 0, 0), (145, 54, 34, 0, 255, 1), (41, 240, 110, 0, 0, 255)])
            Assert.Equal(((byte)red, (byte)green, (byte)blue), YuvColour.ToRgb((byte)y, (byte)u, (byte)v));
        for (int y = 0; y < 256; y += 5)
            for (int u = 0; u < 256; u += 3)
                for (int v = 0; v < 256; v += 3)
                {
                    double luma = (y - 16) * 255 / 219.0, pb = (u - 128) * 255 / 224.0, pr = (v - 128) * 255 / 224.0;
                    (byte red, byte green, byte blue) = YuvColour.ToRgb((byte)y, (byte)u, (byte)v);
                    AssertRounded(luma + 1.402 * pr, red);
                    AssertRounded(luma - (0.114 * 1.772 * pb + 0.299 * 1.402 * pr) / 0.587, green);
                    AssertRounded(luma + 1.772 * pb, blue);
                }
    }

    [Theory, MemberData(nameof(Formats))]
    public void Every_format_is_preprocessed_as_its_colours_are(PixelFormat format)
    {
        foreach ((int width, int height) in ((int, int)[])[(34, 22), (8, 30), (2, 2)])
        {
            Frame frame = Noise(width, height, format), rgb = new();
            frame.ToRgb(rgb);
            var image = new ImageInput { Input = "x", Scale = [2f / 255, 1, 0.5f], Offset = [-1, 0, 3], Channels = ChannelOrder.Bgr };
            var type = new TensorType(DataType.F32, 1, 11, 13, 3);
            float[] expected = new float[3 * 11 * 13], actual = new float[3 * 11 * 13];
            new ImagePreprocessor(image, type).Write(rgb, expected);
            var preprocessor = new ImagePreprocessor(image, type);
            // A frame of another format before it leaves nothing behind.
            preprocessor.Write(Noise(64, 64, PixelFormat.Rgba32), actual);
            preprocessor.Write(frame, actual);
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-4f);
        }
    }

    [Theory]
    [InlineData(PixelFormat.Nv12, "nv12")]
    [InlineData(PixelFormat.Yuv420p, "yuv420p")]
    [InlineData(PixelFormat.Rgba32, "rgba")]
    [InlineData(PixelFormat.Bgr24, "bgr24")]
    public void Colours_are_those_that_FFmpeg_makes(PixelFormat format, string name)
    {
        string? ffmpeg = FfmpegTools.Find("ffmpeg");
        Assert.SkipUnless(ffmpeg is not null, "FFmpeg is not installed");
        using var folder = new TemporaryFolder();
        string picture = Repository.File("models", "astronaut.png"), raw = Path.Combine(folder.Path, "raw"), back = Path.Combine(folder.Path, "back");
        Run(ffmpeg, "-i", picture, "-pix_fmt", name, "-f", "rawvideo", raw);
        Run(ffmpeg, "-f", "rawvideo", "-pix_fmt", name, "-s", "512x512", "-i", raw, "-pix_fmt", "rgb24", "-f", "rawvideo", back);
        var frame = new Frame();
        frame.Resize(512, 512, format);
        File.ReadAllBytes(raw).CopyTo(frame.Pixels);
        var rgb = new Frame();
        frame.ToRgb(rgb);
        byte[] expected = File.ReadAllBytes(back);
        long sum = 0, most = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            int difference = Math.Abs(expected[i] - rgb.Pixels[i]);
            sum += difference;
            most = Math.Max(most, difference);
        }
        // FFmpeg rounds through tables, and may smooth the chroma where we repeat it.
        Assert.InRange((double)sum / expected.Length, 0, format.IsYuv() ? 1.5 : 0);
        if (!format.IsYuv()) Assert.Equal(0, most);
    }

    [Fact]
    public void Frames_of_luma_and_chroma_have_even_sides()
    {
        var frame = new Frame();
        Assert.Throws<ArgumentOutOfRangeException>(() => frame.Resize(3, 2, PixelFormat.Nv12));
        Assert.Throws<ArgumentOutOfRangeException>(() => frame.Resize(2, 3, PixelFormat.Yuv420p));
        Assert.Throws<ArgumentOutOfRangeException>(() => frame.Resize(2, 2, (PixelFormat)17));
        frame.Resize(4, 2, PixelFormat.Yuv420p);
        Assert.Equal(12, frame.Pixels.Length);
        frame.Resize(4, 2);
        Assert.Equal((PixelFormat.Rgb24, 24), (frame.Format, frame.Pixels.Length));
    }

    private static Frame Noise(int width, int height, PixelFormat format)
    {
        var frame = new Frame();
        frame.Resize(width, height, format);
        new Random(width + 31 * height).NextBytes(frame.Pixels);
        return frame;
    }

    private static void AssertRounded(double exact, byte actual) => Assert.InRange(actual, Math.Clamp(exact, 0, 255) - 0.51, Math.Clamp(exact, 0, 255) + 0.51);

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, ["-v", "error", "-y", .. arguments]))!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
