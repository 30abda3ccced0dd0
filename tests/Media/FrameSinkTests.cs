using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Media;
using Xunit;

namespace EdgeRuntime.Tests.Media;

public class FrameSinkTests
{
    [Theory]
    [InlineData("a.mp4", 64, 48, "libx264")]
    [InlineData("a.mp4", 65, 47, "libx264")]
    [InlineData("a.mp4", 65, 47, "no_such_encoder")]
    [InlineData("a.mkv", 64, 48, "libx264")]
    public void A_video_holds_as_many_frames_as_were_written(string name, int width, int height, string encoder)
    {
        MediaFiles.NeedFfmpeg();
        using var files = new MediaFiles();
        using (var sink = new VideoSink(files[name], 25, encoder))
        {
            for (int i = 0; i < 30; i++) sink.Write(Plain(width, height, (byte)(8 * i)), null);
            Assert.False(File.Exists(files[name]));
            sink.Complete();
            Assert.Equal(encoder == "libx264", sink.Note is null);
        }

        Assert.Equal([files[name]], Directory.GetFiles(files.Folder));
        using FrameSource source = FrameSource.Open(files[name], stop: TestContext.Current.CancellationToken);
        Assert.Equal((width + width % 2, height + height % 2), (source.Width, source.Height));
        var frame = new Frame();
        int count = 0;
        for (; source.Read(frame); count++)
        {
            int difference = Math.Abs(frame.Pixels[3 * (20 * frame.Width + 20)] - 8 * count);
            Assert.True(difference <= 6, $"frame {count} is off by {difference}");
        }
        Assert.Equal(30, count);
    }

    [Fact]
    public void An_aborted_video_leaves_nothing()
    {
        MediaFiles.NeedFfmpeg();
        using var files = new MediaFiles();
        var sink = new VideoSink(files["a.mp4"], 25);
        for (int i = 0; i < 5; i++) sink.Write(Plain(64, 48, 9), null);
        int id = sink.ProcessId!.Value;
        sink.Dispose();
        Assert.Empty(Directory.GetFiles(files.Folder));
        Assert.Throws<ArgumentException>(() => System.Diagnostics.Process.GetProcessById(id));
    }

    [Fact]
    public void Frames_of_another_size_are_fitted_into_the_first()
    {
        MediaFiles.NeedFfmpeg();
        using var files = new MediaFiles();
        using (var sink = new VideoSink(files["a.mp4"], 25))
        {
            foreach ((int width, int height) in ((int, int)[])[(64, 48), (128, 96), (48, 96)])
                for (int i = 0; i < 5; i++) sink.Write(Plain(width, height, 200), null);
            Assert.Contains("15 frames, 10 of another size fitted into 64 x 48", sink.Complete());
        }
        using FrameSource source = FrameSource.Open(files["a.mp4"], stop: TestContext.Current.CancellationToken);
        var frame = new Frame();
        for (int i = 0; i < 15; i++)
        {
            Assert.True(source.Read(frame));
            Assert.Equal((64, 48), (frame.Width, frame.Height));
            Assert.InRange(frame.Pixels[3 * (24 * 64 + 32)], 190, 210);
            // 48 x 96 becomes 24 x 48, with 20 columns of black on each side.
            Assert.InRange(frame.Pixels[3 * (24 * 64 + 10)], i < 10 ? 190 : 0, i < 10 ? 210 : 20);
        }
        Assert.False(source.Read(frame));
    }

    [Fact]
    public void What_the_encoder_says_is_passed_on()
    {
        MediaFiles.NeedFfmpeg();
        using var files = new MediaFiles();
        // Encoders exist that cannot go into an MP4; the error comes from FFmpeg itself.
        using var sink = new VideoSink(files["a.mp4"], 25, "rawvideo");
        EdgeException error = Assert.Throws<EdgeException>(() =>
        {
            for (int i = 0; i < 100; i++) sink.Write(Plain(64, 48, 9), null);
            sink.Complete();
        });
        Assert.Equal(ErrorCode.CannotWrite, error.Code);
        Assert.Contains("mp4: ", error.Problem);
        sink.Dispose();
        Assert.Empty(Directory.GetFiles(files.Folder));
    }

    [Fact]
    public void A_folder_names_pictures_after_their_sources()
    {
        using var files = new MediaFiles();
        using var sink = new FolderSink(files["out"]);
        Frame frame = Plain(3, 3, 1);
        sink.Write(frame, "cat.jpg");
        sink.Write(frame, "cat.bmp");
        frame.Index = 7;
        sink.Write(frame, null);
        Assert.Equal(["cat.bmp_000001.png", "cat.png", "frame_000007.png"], Directory.GetFiles(files["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal)!);
    }

    [Fact]
    public void A_source_is_never_overwritten_and_one_picture_holds_one()
    {
        using var files = new MediaFiles();
        PngWriter.Write(files["a.png"], Plain(3, 3, 1));
        PngWriter.Write(files["b.png"], Plain(3, 3, 1));
        using FrameSource picture = FrameSource.Open(files["a.png"], stop: TestContext.Current.CancellationToken), folder = FrameSource.Open(files.Folder, stop: TestContext.Current.CancellationToken);
        Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => FrameSink.Open(Path.Combine(files.Folder, ".", "a.png"), picture)).Code);
        Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => FrameSink.Open(files.Folder + "/", folder)).Code);
        Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => FrameSink.Open(files["c.png"], folder)).Code);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        using var files = new MediaFiles();
        EdgeException error = Assert.Throws<EdgeException>(() => PngWriter.Write(files["no/such/folder/a.png"], Plain(2, 2, 1)));
        Assert.Equal(ErrorCode.CannotWrite, error.Code);
        Assert.Contains("a.png", error.Problem);
        File.WriteAllText(files["file"], "");
        Assert.Equal(ErrorCode.CannotWrite, Assert.Throws<EdgeException>(() => new FolderSink(files["file/inner"])).Code);
    }

    private static Frame Plain(int width, int height, byte grey)
    {
        var frame = new Frame();
        frame.Resize(width, height);
        frame.Pixels.Fill(grey);
        return frame;
    }
}
