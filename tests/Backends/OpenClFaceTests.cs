using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Pipelines;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Faces found on OpenCL devices are those found on the CPU: boxes within a twentieth of a pixel, scores within a thousandth.</summary>
public class OpenClFaceTests
{
    public static TheoryData<string> Drivers => [.. OpenClDrivers.Names];

    [Theory, MemberData(nameof(Drivers))]
    public void The_face_of_the_shipped_picture_is_the_same_in_every_size_and_format(string driver)
    {
        using EdgeModel model = PictureSessionTests.Shipped();
        using var there = new FaceDetector(model, new FaceDetectorOptions { Accelerator = OpenClDrivers.Open(driver) });
        using var here = new FaceDetector(model);
        Frame astronaut = PictureSessionTests.Astronaut();
        foreach (Frame frame in (Frame[])[
            astronaut, PictureSessionTests.Part(astronaut, 401, 300), PictureSessionTests.Luma(astronaut, PixelFormat.Nv12),
            PictureSessionTests.Luma(PictureSessionTests.Part(astronaut, 302, 266), PixelFormat.Yuv420p), astronaut])
        {
            Detection[] expected = here.Process(frame).ToArray();
            Assert.Single(expected);
            PictureSessionTests.AssertSame(expected, there.Process(frame).ToArray());
            Assert.Equal("opencl", there.Session.StepBackends![0]);
            Assert.StartsWith("image_to_tensor", there.Session.Compiled!.Kernels[0]);
        }
        Assert.Empty(there.Session.Events);
    }

    [Theory, MemberData(nameof(Drivers))]
    public void Faces_of_a_video_are_the_same(string driver)
    {
        const int Frames = 12;
        string video = Repository.Data("video", "walking.mp4");
        Assert.SkipWhen(FfmpegTools.Find("ffmpeg") is null, "FFmpeg is not installed");
        using EdgeModel model = PictureSessionTests.Shipped();
        // A low threshold, so that there is something to compare in every frame.
        using var there = new FaceDetector(model, new FaceDetectorOptions { Accelerator = OpenClDrivers.Open(driver), ScoreThreshold = 0.2f });
        using var here = new FaceDetector(model, new FaceDetectorOptions { ScoreThreshold = 0.2f });
        using FrameSource source = FrameSource.Open(video, PixelFormat.Yuv420p, TestContext.Current.CancellationToken);
        var frame = new Frame();
        int found = 0;
        for (int i = 0; i < Frames && source.Read(frame); i++)
        {
            Detection[] expected = here.Process(frame).ToArray();
            found += expected.Length;
            PictureSessionTests.AssertSame(expected, there.Process(frame).ToArray());
        }
        Assert.True(found > 0);
    }

    [Theory, MemberData(nameof(Drivers))]
    public void Allocates_nothing_per_frame(string driver)
    {
        using EdgeModel model = PictureSessionTests.Shipped();
        using var there = new FaceDetector(model, new FaceDetectorOptions { Accelerator = OpenClDrivers.Open(driver) });
        Frame frame = PictureSessionTests.Astronaut();
        for (int i = 0; i < 10; i++) there.Process(frame);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 20; i++) there.Process(frame);
        }));
    }
}
