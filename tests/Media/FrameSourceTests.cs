using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Realtime.Pictures;
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
        using FrameSource source = FrameSource.Open(path, stop: TestContext.Current.CancellationToken);
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
        using FrameSource source = FrameSource.Open(files["a.png"], stop: TestContext.Current.CancellationToken);
        var frame = new Frame();
        Assert.True(source.Read(frame));
        Assert.Equal((5, 7, 0L, "a.png"), (frame.Width, frame.Height, frame.Index, source.FrameName));
        Assert.False(source.Read(frame));
    }

    [Fact]
    public void What_is_missing_is_said()
    {
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => FrameSource.Open("no-such.mp4", stop: TestContext.Current.CancellationToken)).Code);
        Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => FrameSource.Open("ftp://x/y", stop: TestContext.Current.CancellationToken)).Code);
        Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => FrameSource.Open(" ", stop: TestContext.Current.CancellationToken)).Code);
    }

    [Fact]
    public void Times_of_a_video_with_an_uneven_rate_are_those_of_the_file()
    {
        using var files = new MediaFiles();
        string path = files.Make("a.mp4", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=25", "-frames:v", "40", "-vf", "select=not(mod(n\\,3))+gt(n\\,25)", "-vsync", "vfr", "-c:v", "libx264");
        var expected = Enumerable.Range(0, 200).Where(n => n % 3 == 0 || n > 25).Take(40).Select(n => 40.0 * n).ToArray();
        using FrameSource source = FrameSource.Open(path, stop: TestContext.Current.CancellationToken);
        (int count, List<double> times) = ReadAll(source);
        Assert.Equal(40, count);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], times[i], 0.1);
    }

    [Fact]
    public void A_video_of_a_phone_held_upright_is_turned()
    {
        using var files = new MediaFiles();
        files.Make("flat.mp4", "-f", "lavfi", "-i", "testsrc=size=96x64:rate=25", "-frames:v", "5", "-c:v", "libx264", "-pix_fmt", "yuv420p");
        string path = files.Make("a.mp4", "-i", files["flat.mp4"], "-c", "copy", "-metadata:s:v", "rotate=90");
        byte[] expected = files.Rgb(path);
        using FrameSource source = FrameSource.Open(path, stop: TestContext.Current.CancellationToken);
        Assert.SkipWhen(source.Width == 96, "this FFmpeg does not write rotations this way");
        Assert.Equal((64, 96), (source.Width, source.Height));
        Assert.Contains("turned", source.Describe());
        var frame = new Frame();
        Assert.True(source.Read(frame));
        Assert.True(frame.Pixels.SequenceEqual(expected.AsSpan(0, frame.Pixels.Length)));
    }

    [Fact]
    public void Every_orientation_mark_of_a_jpeg_is_obeyed()
    {
        using var files = new MediaFiles();
        byte[] jpeg = File.ReadAllBytes(files.Make("a.jpg", "-f", "lavfi", "-i", "testsrc=size=40x24", "-frames:v", "1", "-pix_fmt", "yuvj444p"));
        var flat = new Frame();
        PictureFile.Read(files["a.jpg"], flat);
        for (byte mark = 1; mark <= 8; mark++)
        {
            File.WriteAllBytes(files["b.jpg"], TinyPictures.WithOrientation(jpeg, mark, little: mark % 2 == 0));
            var frame = new Frame();
            PictureFile.Read(files["b.jpg"], frame);
            Assert.Equal(mark < 5 ? (40, 24) : (24, 40), (frame.Width, frame.Height));
            for (int y = 0; y < frame.Height; y++)
            {
                for (int x = 0; x < frame.Width; x++)
                {
                    // Where the pixel that is shown at x, y was stored: EXIF 2.3, table of the tag 0x0112.
                    (int sx, int sy) = mark switch
                    {
                        2 => (39 - x, y),
                        3 => (39 - x, 23 - y),
                        4 => (x, 23 - y),
                        5 => (y, x),
                        6 => (y, 23 - x),
                        7 => (39 - y, 23 - x),
                        8 => (39 - y, x),
                        _ => (x, y),
                    };
                    Assert.True(frame.Pixels.Slice(3 * (y * frame.Width + x), 3).SequenceEqual(flat.Pixels.Slice(3 * (sy * 40 + sx), 3)), $"mark {mark} at {x}, {y}");
                }
            }
        }
    }

    [Theory]
    [InlineData("a%d.jpg")]
    [InlineData("-a.jpg")]
    [InlineData("a b'c\"d$e;f.jpg")]
    [InlineData("rtsp:a.jpg")]
    [InlineData("ünïcode.webp")]
    [InlineData("a.tiff")]
    public void Pictures_of_any_name_are_read(string name)
    {
        using var files = new MediaFiles();
        files.Make("a" + Path.GetExtension(name), "-f", "lavfi", "-i", "testsrc=size=40x24", "-frames:v", "1");
        if (name != "a.tiff") File.Move(files["a" + Path.GetExtension(name)], files[name]);
        using FrameSource source = FrameSource.Open(files[name], stop: TestContext.Current.CancellationToken);
        var frame = new Frame();
        Assert.True(source.Read(frame));
        Assert.Equal((40, 24, name), (frame.Width, frame.Height, source.FrameName));
        Assert.False(source.Read(frame));
    }

    [Fact]
    public void A_truncated_video_gives_its_frames_and_then_an_error()
    {
        using var files = new MediaFiles();
        string path = files.Make("a.mp4", "-f", "lavfi", "-i", "testsrc=size=96x64:rate=25", "-frames:v", "50", "-c:v", "libx264", "-movflags", "+faststart");
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(whole.Length * 2 / 3)]);
        using FrameSource source = FrameSource.Open(path, stop: TestContext.Current.CancellationToken);
        var frame = new Frame();
        int count = 0;
        EdgeException error = Assert.Throws<EdgeException>(() =>
        {
            while (source.Read(frame)) count++;
        });
        Assert.Equal(ErrorCode.CannotDecode, error.Code);
        Assert.InRange(count, 1, 49);
        Assert.Contains($"after {count} frames", error.Problem);
        Assert.False(source.Read(frame));

        File.WriteAllBytes(path, whole[..200]);
        Assert.Equal(ErrorCode.CannotDecode, Assert.Throws<EdgeException>(() => FrameSource.Open(path, stop: TestContext.Current.CancellationToken)).Code);
        Assert.Equal(ErrorCode.CannotDecode, Assert.Throws<EdgeException>(() => Open(files, "noise.mp4", new byte[5000])).Code);
        Assert.Equal(ErrorCode.CannotDecode, Assert.Throws<EdgeException>(() => Open(files, "empty.mp4", [])).Code);
        Assert.Equal(ErrorCode.CannotDecode, Assert.Throws<EdgeException>(() => FrameSource.Open(
            files.Make("sound.wav", "-f", "lavfi", "-i", "sine=duration=0.1"), stop: TestContext.Current.CancellationToken)).Code);
    }

    [Fact]
    public void A_truncated_jpeg_is_an_error()
    {
        using var files = new MediaFiles();
        byte[] whole = File.ReadAllBytes(files.Make("a.jpg", "-f", "lavfi", "-i", "testsrc=size=400x240", "-frames:v", "1"));
        using FrameSource source = Open(files, "b.jpg", whole[..(whole.Length / 2)]);
        Assert.Equal(ErrorCode.CannotDecode, Assert.Throws<EdgeException>(() => source.Read(new Frame())).Code);
    }

    [Fact]
    public void Damaged_videos_end_or_give_an_error()
    {
        using var files = new MediaFiles();
        byte[] whole = File.ReadAllBytes(files.Make("a.mp4", "-f", "lavfi", "-i", "testsrc=size=96x64:rate=25", "-frames:v", "10", "-c:v", "libx264"));
        var random = new Random(3);
        for (int i = 0; i < 15; i++)
        {
            byte[] file = (byte[])whole.Clone();
            for (int n = 0; n < 10; n++) file[random.Next(file.Length)] = (byte)random.Next(256);
            try
            {
                using FrameSource source = Open(files, "b.mp4", file);
                ReadAll(source);
            }
            catch (EdgeException e)
            {
                Assert.Equal(ErrorCode.CannotDecode, e.Code);
            }
        }
    }

    [Fact]
    public void A_folder_is_read_in_order_and_tells_what_it_left_out()
    {
        using var files = new MediaFiles();
        PngWriter.Write(files["b.png"], MediaFiles.RandomFrame(1, 5, 7));
        PpmWriter.Write(files["a.ppm"], MediaFiles.RandomFrame(1, 3, 2));
        File.WriteAllText(files["notes.txt"], "no picture");
        Directory.CreateDirectory(files["inner"]);
        File.WriteAllBytes(files["c.png"], File.ReadAllBytes(files["b.png"])[..60]);

        using FrameSource source = FrameSource.Open(files.Folder, stop: TestContext.Current.CancellationToken);
        var frame = new Frame();
        Assert.True(source.Read(frame));
        Assert.Equal(("a.ppm", 3, 0L), (source.FrameName, frame.Width, frame.Index));
        Assert.True(source.Read(frame));
        Assert.Equal(("b.png", 5, 1L), (source.FrameName, frame.Width, frame.Index));
        EdgeException error = Assert.Throws<EdgeException>(() => source.Read(frame));
        Assert.Contains("c.png", error.Problem);
        Assert.Equal(["c.png", "inner", "notes.txt"], source.Skipped.Select(file => file.Name).Order());
        Assert.False(source.Read(frame));
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => FrameSource.Open(files["inner"], stop: TestContext.Current.CancellationToken)).Code);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        using var files = new MediaFiles();
        using FrameSource source = FrameSource.Open(files.Make("a.mp4", "-f", "lavfi", "-i", "testsrc=size=96x64:rate=25", "-frames:v", "300", "-c:v", "libx264"), stop: TestContext.Current.CancellationToken);
        var frame = new Frame();
        for (int i = 0; i < 20; i++) source.Read(frame);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 27; i++) Assert.True(source.Read(frame));
        }));
    }

    [Fact]
    public void No_process_is_left_when_a_source_is_closed_in_mid_stream()
    {
        using var files = new MediaFiles();
        string path = files.Make("a.mp4", "-f", "lavfi", "-i", "testsrc=size=640x480:rate=25", "-frames:v", "100", "-c:v", "libx264");
        var source = FfmpegSource.OpenFile(path);
        var frame = new Frame();
        Assert.True(source.Read(frame));
        int id = source.ProcessId;
        using (Process running = Process.GetProcessById(id)) Assert.False(running.HasExited);
        source.Dispose();
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(id));
        Assert.Throws<ObjectDisposedException>(() => source.Read(frame));
        source.Dispose();
    }

    [Fact]
    public void A_missing_camera_is_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && !File.Exists("/dev/video97"), "needs Linux without a camera 97");
        EdgeException error = Assert.Throws<EdgeException>(() => FrameSource.Open("camera:97", stop: TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCode.DeviceTrouble, error.Code);
        Assert.Contains("/dev/video97", error.Problem);
    }

    [Fact]
    public void A_network_stream_that_refuses_or_is_silent_is_an_error()
    {
        MediaFiles.NeedFfmpeg();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        int port = ((IPEndPoint)silent.LocalEndpoint).Port;
        EdgeException error = Assert.Throws<EdgeException>(() => FrameSource.Open($"rtsp://127.0.0.1:{port}/a", stop: TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCode.DeviceTrouble, error.Code);
        silent.Stop();
        error = Assert.Throws<EdgeException>(() => FrameSource.Open($"rtsp://127.0.0.1:{port}/a", stop: TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCode.DeviceTrouble, error.Code);
        Assert.Contains("refused", error.Problem);
    }

    private static FrameSource Open(MediaFiles files, string name, byte[] content)
    {
        MediaFiles.NeedFfmpeg();
        File.WriteAllBytes(files[name], content);
        return FrameSource.Open(files[name]);
    }

    private static (int Count, List<double> Times) ReadAll(FrameSource source)
    {
        var frame = new Frame();
        var times = new List<double>();
        while (source.Read(frame)) times.Add(frame.Time.TotalMilliseconds);
        return (times.Count, times);
    }
}
