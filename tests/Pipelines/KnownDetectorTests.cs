using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Tools.Conversion;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>The detectors that the zoo describes and users get by hand, on pictures that people have looked at. Skipped where they are not on this machine.</summary>
public class KnownDetectorTests
{
    /// <summary>Model and picture, the task, how many of a label are found at least and at most, and the middle of one of them.</summary>
    [Theory]
    [InlineData("yolox_nano_416.onnx", "people.jpg", "object-detection", "person", 12, 18, 78, 640)]
    [InlineData("nanodet_m_320.onnx", "people.jpg", "object-detection", "person", 12, 18, 78, 630)]
    [InlineData("fastestdet_352.onnx", "people.jpg", "object-detection", "person", 8, 12, 78, 660)]
    [InlineData("yolox_nano_416.onnx", "pets.jpg", "object-detection", "dog", 1, 2, null, null)]
    [InlineData("nanodet_m_320.onnx", "kite_and_cold.jpg", "object-detection", "kite", 2, 5, null, null)]
    [InlineData("ultraface_rfb_320.onnx", "crowd.jpg", "face-detection", null, 30, 50, 843, 506)]
    [InlineData("yunet_n_320_320.onnx", "crowd.jpg", "face-detection", null, 30, 50, 295, 604)]
    [InlineData("yunet_n_dynamic.onnx", "crowd.jpg", "face-detection", null, 42, 60, 297, 609)]
    public void Finds_what_is_in_a_picture(string model, string picture, string task, string? label, int least, int most, int? x, int? y)
    {
        using EdgeModel loaded = Converter.Convert(Repository.Data("models", model)).Model;
        Assert.Equal(task, loaded.Metadata.Task);
        var frame = new Frame();
        PictureFile.Read(Repository.Data("images", picture), frame);
        Detection[] found = [.. Process(loaded, frame).Where(d => label is null || loaded.Metadata.Labels[d.Label] == label)];
        Assert.InRange(found.Length, least, most);
        if (x is not null) Assert.Contains(found, d => Math.Abs(d.X + d.Width / 2 - x.Value) < 12 && Math.Abs(d.Y + d.Height / 2 - y!.Value) < 25);
        if (model.StartsWith("yunet", StringComparison.Ordinal)) Assert.All(found.Take(20), HasAFace);
    }

    [Theory]
    [InlineData("fastestdet_352.onnx", "people.jpg")]
    [InlineData("nanodet_m_320.onnx", "people.jpg")]
    [InlineData("yunet_n_320_320.onnx", "crowd.jpg")]
    [InlineData("ultraface_rfb_320.onnx", "crowd.jpg")]
    public void Allocates_nothing_per_frame(string model, string picture)
    {
        using EdgeModel loaded = Converter.Convert(Repository.Data("models", model)).Model;
        var frame = new Frame();
        PictureFile.Read(Repository.Data("images", picture), frame);
        using var runner = new DetectionRunner(loaded, loaded.Metadata.Task, "", new ObjectDetectorOptions { Threads = 1 }, null);
        for (int i = 0; i < 5; i++) Assert.NotEqual(0, runner.Process(frame).Length);
        Assert.Equal(0, Allocations.Least(() => runner.Process(frame)));
    }

    private static Detection[] Process(EdgeModel model, Frame frame)
    {
        using var runner = new DetectionRunner(model, model.Metadata.Task, "", new ObjectDetectorOptions { Threads = 2 }, null);
        return runner.Process(frame).ToArray();
    }

    /// <summary>Eyes beside each other above the nose, and the mouth below it, all within the box.</summary>
    private static void HasAFace(Detection face)
    {
        Assert.Equal(5, face.PointCount);
        Assert.True(face.Points[0].X < face.Points[1].X && face.Points[3].X < face.Points[4].X);
        Assert.True(face.Points[0].Y < face.Points[2].Y && face.Points[2].Y < face.Points[3].Y + 1);
        for (int i = 0; i < 5; i++) Assert.True(face.Points[i].X > face.X && face.Points[i].X < face.X + face.Width && face.Points[i].Y > face.Y && face.Points[i].Y < face.Y + face.Height);
    }
}
