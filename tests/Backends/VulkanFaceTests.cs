using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Pipelines;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Faces found on Vulkan devices are those found on the CPU: boxes within a twentieth of a pixel, scores within a thousandth.</summary>
public class VulkanFaceTests
{
    public static TheoryData<string> Drivers => [.. VulkanDrivers.Names];

    [Theory, MemberData(nameof(Drivers))]
    public void The_face_of_the_shipped_picture_is_the_same_in_every_size_and_format(string driver)
    {
        using EdgeModel model = PictureSessionTests.Shipped();
        using var there = new FaceDetector(model, new FaceDetectorOptions { Accelerator = VulkanDrivers.Open(driver) });
        using var here = new FaceDetector(model);
        Frame astronaut = PictureSessionTests.Astronaut();
        foreach (Frame frame in (Frame[])[
            astronaut, PictureSessionTests.Part(astronaut, 401, 300), PictureSessionTests.Luma(astronaut, PixelFormat.Nv12),
            PictureSessionTests.Luma(PictureSessionTests.Part(astronaut, 302, 266), PixelFormat.Yuv420p), astronaut])
        {
            Detection[] expected = here.Process(frame).ToArray();
            Assert.Single(expected);
            PictureSessionTests.AssertSame(expected, there.Process(frame).ToArray());
            Assert.Equal("vulkan", there.Session.StepBackends![0]);
            Assert.StartsWith("image_to_tensor", there.Session.Compiled!.Kernels[0]);
        }
        Assert.Empty(there.Session.Events);
        Assert.Empty(VulkanDrivers.Open(driver).Messages);
    }

    [Theory, MemberData(nameof(Drivers))]
    public void Submitted_in_pieces_a_model_gives_the_same_bytes(string driver)
    {
        using EdgeModel model = PictureSessionTests.Shipped();
        using var whole = new InferenceSession(model.Graph, new SessionOptions { Accelerator = VulkanDrivers.Open(driver) });
        using var parts = new InferenceSession(model.Graph, new SessionOptions { Accelerator = VulkanDrivers.Open(driver) });
        var random = new Random(3);
        var calls = 0;
        for (int run = 0; run < 6; run++)
        {
            foreach (ref float value in whole.Input(0).Span<float>()) value = random.NextSingle();
            whole.Input(0).Bytes.CopyTo(parts.Input(0).Bytes);
            whole.Run();
            if (run == 3)
            {
                parts.Advance(new TimeBudget(TimeSpan.FromMilliseconds(0.5)));
                parts.Abandon();
            }
            // Both those who wait for the device and those who come again later.
            while (!parts.Advance(new TimeBudget(TimeSpan.FromMilliseconds(0.5)) { WaitsForDevices = run % 2 == 0 })) calls++;
            for (int i = 0; i < model.Graph.Outputs.Count; i++) Assert.True(whole.Output(i).Bytes.SequenceEqual(parts.Output(i).Bytes), $"output {i} of run {run}");
        }
        Assert.True(calls > 0);
        parts.Run();
        Assert.True(whole.Output(0).Bytes.SequenceEqual(parts.Output(0).Bytes));
        Assert.Empty(parts.Events);
    }

    [Theory, MemberData(nameof(Drivers))]
    public void Faces_of_a_video_are_the_same(string driver)
    {
        const int Frames = 12;
        string video = Repository.Data("video", "walking.mp4");
        Assert.SkipWhen(FfmpegTools.Find("ffmpeg") is null, "FFmpeg is not installed");
        using EdgeModel model = PictureSessionTests.Shipped();
        // A low threshold, so that there is something to compare in every frame.
        using var there = new FaceDetector(model, new FaceDetectorOptions { Accelerator = VulkanDrivers.Open(driver), ScoreThreshold = 0.2f });
        using var here = new FaceDetector(model, new FaceDetectorOptions { ScoreThreshold = 0.2f });
        foreach (PixelFormat format in (PixelFormat[])[PixelFormat.Rgb24, PixelFormat.Yuv420p])
        {
            using FrameSource source = FrameSource.Open(video, format, TestContext.Current.CancellationToken);
            var frame = new Frame();
            int found = 0;
            for (int i = 0; i < Frames && source.Read(frame); i++)
            {
                Assert.Equal(format, frame.Format);
                Detection[] expected = here.Process(frame).ToArray();
                found += expected.Length;
                PictureSessionTests.AssertSame(expected, there.Process(frame).ToArray());
            }
            Assert.True(found > 0);
        }
    }

    [Theory, MemberData(nameof(Drivers))]
    public void Allocates_nothing_per_frame(string driver)
    {
        using EdgeModel model = PictureSessionTests.Shipped();
        using var there = new FaceDetector(model, new FaceDetectorOptions { Accelerator = VulkanDrivers.Open(driver) });
        Frame frame = PictureSessionTests.Astronaut();
        for (int i = 0; i < 10; i++) there.Process(frame);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 20; i++) there.Process(frame);
        }));
    }
}
