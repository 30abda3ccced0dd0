using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>What frames cost that go through an object detector. Skipped where its model is not on this machine.</summary>
public class ObjectDetectorTests
{
    [Fact]
    public void Allocates_nothing_per_frame()
    {
        string? path = ModelCache.Default.Find(ModelZoo.Default.Get("centernet"));
        Assert.SkipUnless(path is not null, "centernet is not on this machine: `edgert models pull centernet`");
        using EdgeModel model = Converter.Convert(path).Model;
        using var detector = new ObjectDetector(model, new ObjectDetectorOptions { Threads = 1 });
        var frame = new Frame();
        PictureFile.Read(Repository.File("models", "astronaut.png"), frame);
        int found = 0;
        for (int i = 0; i < 5; i++) found = detector.Process(frame).Length;
        Assert.True(found > 0, "nothing is found, so decoding is not measured");
        Assert.DoesNotContain("evaluate", detector.Session.Compiled!.Kernels);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 5; i++) detector.Process(frame);
        }));
    }
}
