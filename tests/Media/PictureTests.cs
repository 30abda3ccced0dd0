using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Tools.Media;
using Xunit;

namespace EdgeRuntime.Tests.Media;

public class PictureTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(1, 113)]
    [InlineData(211, 1)]
    [InlineData(131, 89)]
    public void Png_and_ppm_come_back_as_they_were_written(int width, int height)
    {
        using var files = new MediaFiles();
        Frame frame = MediaFiles.RandomFrame(width * height, width, height);

        PngWriter.Write(files["a.png"], frame);
        PpmWriter.Write(files["a.ppm"], frame);

        foreach (string name in (string[])["a.png", "a.ppm"])
        {
            var read = new Frame();
            PictureFile.Read(files[name], read);
            Assert.Equal((width, height), (read.Width, read.Height));
            Assert.True(frame.Pixels.SequenceEqual(read.Pixels), name);
        }
        Assert.Equal(2, Directory.GetFiles(files.Folder).Length);
    }

    [Theory]
    [InlineData("rgb24", 0)]
    [InlineData("rgba", 0)]
    [InlineData("gray", 0)]
    [InlineData("ya8", 0)]
    [InlineData("pal8", 0)]
    [InlineData("monob", 0)]
    [InlineData("rgb48be", 1)]
    [InlineData("rgba64be", 1)]
    [InlineData("gray16be", 1)]
    [InlineData("ya16be", 1)]
    public void Png_of_ffmpeg_is_decoded_as_ffmpeg_does(string format, int tolerance)
    {
        using var files = new MediaFiles();
        foreach (string prediction in (string[])["none", "sub", "up", "avg", "paeth", "mixed"])
        {
            string path = files.Make("a.png", "-f", "lavfi", "-i", "testsrc=size=67x43", "-frames:v", "1", "-pix_fmt", format, "-pred", prediction);
            Same(files, path, tolerance);
        }
    }

    [Theory]
    [InlineData("bgr24")]
    [InlineData("bgra")]
    [InlineData("pal8")]
    [InlineData("gray")]
    [InlineData("monob")]
    public void Bmp_of_ffmpeg_is_decoded_as_ffmpeg_does(string format)
    {
        using var files = new MediaFiles();
        string path = files.Make("a.bmp", "-f", "lavfi", "-i", "testsrc=size=67x43", "-frames:v", "1", "-pix_fmt", format);
        Same(files, path, 0);
    }

    [Theory]
    [InlineData("a.ppm", "rgb24", 0)]
    [InlineData("a.ppm", "rgb48be", 1)]
    [InlineData("a.pgm", "gray", 0)]
    [InlineData("a.pgm", "gray16be", 1)]
    public void Netpbm_of_ffmpeg_is_decoded_as_ffmpeg_does(string name, string format, int tolerance)
    {
        using var files = new MediaFiles();
        string path = files.Make(name, "-f", "lavfi", "-i", "testsrc=size=67x43", "-frames:v", "1", "-pix_fmt", format);
        Same(files, path, tolerance);
    }

    [Fact]
    public void Netpbm_as_text_with_comments_and_an_odd_maximum()
    {
        Frame frame = Decode("P3 # a comment\n2 1\n# another\n5\n0 5 1  5 3 2"u8);
        Assert.Equal([0, 255, 51, 255, 153, 102], frame.Pixels.ToArray());
        Assert.Equal([0, 0, 0, 255, 255, 255], Decode("P2\n2 1 1\n0\n1"u8).Pixels.ToArray());
    }

    [Fact]
    public void Bmp_stored_from_top_to_bottom()
    {
        Frame frame = MediaFiles.RandomFrame(5, 3, 2);
        byte[] up = TinyPictures.Bmp24(frame, topDown: false), down = TinyPictures.Bmp24(frame, topDown: true);
        Assert.Equal(frame.Pixels.ToArray(), Decode(up).Pixels.ToArray());
        Assert.Equal(frame.Pixels.ToArray(), Decode(down).Pixels.ToArray());
    }

    [Theory]
    [MemberData(nameof(TinyPictures.PngVariants), MemberType = typeof(TinyPictures))]
    public void Png_of_every_colour_type_depth_and_interlacing(int colour, int depth, bool interlaced)
    {
        foreach ((int width, int height) in ((int, int)[])[(1, 1), (2, 3), (5, 5), (9, 8), (13, 17)])
        {
            (byte[] file, byte[] expected) = TinyPictures.Png(colour, depth, interlaced, width, height, seed: 100 * colour + depth);
            Assert.Equal(expected, Decode(file).Pixels.ToArray());
        }
    }

    internal static Frame Decode(ReadOnlySpan<byte> file)
    {
        var frame = new Frame();
        Assert.True(PictureFile.Decode(file, "test", frame));
        return frame;
    }

    private static void Same(MediaFiles files, string path, int tolerance)
    {
        byte[] expected = files.Rgb(path);
        var frame = new Frame();
        PictureFile.Read(path, frame);
        Assert.Equal((67, 43), (frame.Width, frame.Height));
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - frame.Pixels[i]) <= tolerance, $"byte {i}: {frame.Pixels[i]}, FFmpeg has {expected[i]}");
    }
}
