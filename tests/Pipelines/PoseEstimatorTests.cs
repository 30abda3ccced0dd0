using EdgeRuntime.Backends;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Tools.Conversion;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

public class PoseEstimatorTests
{
    private static readonly DetectorOptions Options = new() { Threads = 1, Backend = BackendKind.Cpu };

    [Fact]
    public void Joints_of_a_person_are_where_they_are()
    {
        using LoadedModel model = ZooModels.Load("movenet-lightning");
        using var pose = new PoseEstimator(model.Model, Options);
        Frame frame = Picture("astronaut.png");
        Detection person = Assert.Single(pose.Process(frame).ToArray());
        Assert.Equal((17, "pose"), (person.PointCount, pose.Name));
        // The astronaut of 512 x 512 pixels looks at us: nose, eyes and shoulders as seen by eye.
        Near(person.Points[0], 228, 118, 15);
        Near(person.Points[1], 244, 100, 15);
        Near(person.Points[2], 209, 100, 15);
        Assert.True(person.Points[5].X > person.Points[6].X, "the left shoulder is on the right");
        Assert.True(person.Points[5].Y > 180 && person.Points[6].Y > 180, "the shoulders are below the chin");

        // The same picture in a frame twice as wide: the person is where it was.
        var wide = new Frame();
        wide.Resize(1024, 512);
        wide.Pixels.Clear();
        for (int y = 0; y < 512; y++) frame.Pixels.Slice(y * 512 * 3, 512 * 3).CopyTo(wide.Pixels[(y * 1024 * 3)..]);
        Detection again = Assert.Single(pose.Process(wide).ToArray());
        Near(again.Points[0], person.Points[0].X, person.Points[0].Y, 20);
    }

    [Fact]
    public void Nobody_is_found_where_nobody_is_and_nothing_is_allocated()
    {
        using LoadedModel model = ZooModels.Load("movenet-lightning");
        using var pose = new PoseEstimator(model.Model, Options);
        var blank = new Frame();
        blank.Resize(320, 240);
        blank.Pixels.Clear();
        Assert.True(pose.Process(blank).IsEmpty);
        Assert.Equal(0, Allocations.Least(() => pose.Process(blank)));
    }

    private static void Near(KeyPoint point, float x, float y, float pixels) =>
        Assert.True(Math.Abs(point.X - x) < pixels && Math.Abs(point.Y - y) < pixels, $"{point} is not at {x}, {y}");

    private static Frame Picture(string name)
    {
        var frame = new Frame();
        PictureFile.Read(Repository.Data("images", name), frame);
        return frame;
    }
}
