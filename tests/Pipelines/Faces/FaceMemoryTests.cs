using EdgeRuntime.Pipelines.Faces;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines.Faces;

public class FaceMemoryTests
{
    [Fact]
    public void A_face_is_the_mean_of_what_was_seen_of_it_and_of_no_other()
    {
        var memory = new FaceMemory(2, 2);
        Assert.Equal([1, 0], See(1, 0, 1, 0));
        Assert.Equal([0, 1], See(2, 0, 0, 1));
        Assert.Equal([0.7071f, 0.7071f], See(1, 0.1, 0, 1));
        Assert.Equal([0.8944f, 0.4472f], See(1, 0.2, 1, 0));
        Assert.Equal([0, 1], See(2, 0.2, 0, 1));
        // Who is not followed is as seen; a third one takes the place of who was seen the longest ago.
        Assert.Equal([0.6f, 0.8f], See(0, 0.2, 0.6f, 0.8f));
        Assert.Equal([0.8944f, 0.4472f], See(1, 0.25, 0.8944f, 0.4472f));
        Assert.Equal([1, 0], See(3, 0.3, 1, 0));
        Assert.Equal([1, 0], See(2, 0.4, 1, 0));
        // Who comes back after long is seen anew.
        Assert.Equal([0, 1], See(2, 9, 0, 1));
        Assert.Equal([0, -1], See(2, 9.1, 0, -1));
        memory.Reset();
        Assert.Equal([1, 0], See(2, 9.2, 1, 0));

        float[] See(int track, double seconds, float x, float y) => [.. memory.Mean(track, TimeSpan.FromSeconds(seconds), [x, y]).ToArray().Select(f => MathF.Round(f, 4))];
    }
}
