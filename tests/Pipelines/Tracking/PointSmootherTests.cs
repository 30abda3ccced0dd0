using EdgeRuntime.Pipelines.Tracking;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines.Tracking;

public class PointSmootherTests
{
    [Fact]
    public void Trembling_is_taken_out_whatever_the_size_and_each_thing_has_its_own()
    {
        var smoother = new PointSmoother(2, 2);
        var random = new Random(5);
        double[] left = new double[2], measured = new double[2];
        for (int frame = 0; frame < 200; frame++)
        {
            var time = TimeSpan.FromSeconds(frame / 30.0);
            float tremble = random.NextSingle() - 0.5f;
            for (int thing = 0; thing < 2; thing++)
            {
                // The same at twice the size.
                float size = 100 * (thing + 1);
                float[] numbers = [size * (1 + 0.004f * tremble), -size];
                smoother.Smooth(thing + 1, size, time, numbers);
                Assert.Equal(-size, numbers[1], 1e-2f);
                if (frame < 20) continue;
                left[thing] += Math.Abs(numbers[0] / size - 1);
                measured[thing] += Math.Abs(0.004 * tremble);
            }
        }
        Assert.True(left[0] < measured[0] / 2, $"{left[0]} of {measured[0]}");
        Assert.Equal(left[0], left[1], 1e-3);
    }

    [Fact]
    public void What_was_away_begins_anew_and_a_place_is_found_for_others()
    {
        var smoother = new PointSmoother(1, 2);
        Assert.Equal(5, Smooth(1, 0, 5));
        Assert.InRange(Smooth(1, 0.04, 6), 5.001f, 5.999f);
        Assert.Equal(9, Smooth(1, 3, 9));
        Assert.Equal(7, Smooth(2, 3.01, 7));
        Assert.Equal(3, Smooth(3, 3.02, 3));
        Assert.InRange(Smooth(2, 3.04, 8), 7.001f, 7.999f);
        // What is not followed stays as it is.
        Assert.Equal(100, Smooth(0, 3.05, 100));
        smoother.Reset();
        Assert.Equal(50, Smooth(2, 3.06, 50));

        float Smooth(int track, double seconds, float value)
        {
            float[] numbers = [value];
            smoother.Smooth(track, 1, TimeSpan.FromSeconds(seconds), numbers);
            return numbers[0];
        }
    }
}
