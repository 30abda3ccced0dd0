using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Tracking;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines.Tracking;

/// <summary>Things whose way is known, seen as a detector sees them.</summary>
public class ObjectTrackerTests
{
    private const int Frames = 120;

    [Fact]
    public void Things_that_move_keep_their_numbers()
    {
        var tracker = new ObjectTracker();
        var random = new Random(1);
        var numbers = new Dictionary<int, HashSet<int>>();
        for (int f = 0; f < Frames; f++)
        {
            // Three walk beside each other, one comes the other way behind them.
            Detection[] found = [.. Enumerable.Range(0, 4).Select(i => Box(i < 3 ? 50 + 2 * f : 500 - 3 * f, 100 + 150 * i + Noise(random), i + 1))];
            random.Shuffle(found);
            foreach (Detection seen in tracker.Process(found, Time(f)))
                if (seen.Track > 0) Of(numbers, seen.PointCount).Add(seen.Track);
        }
        Assert.Equal(4, numbers.Count);
        Assert.All(numbers.Values, n => Assert.Single(n));
        Assert.Equal(4, tracker.Tracks);
    }

    [Fact]
    public void What_is_hidden_for_a_while_comes_back_with_its_number_and_after_long_with_another()
    {
        var tracker = new ObjectTracker(new TrackerOptions { Memory = TimeSpan.FromSeconds(1) });
        var numbers = new List<int>();
        for (int f = 0; f < 200; f++)
        {
            bool hidden = f is >= 30 and < 50 or >= 100 and < 150;
            foreach (Detection seen in tracker.Process(hidden ? [] : [Box(50 + 2 * f, 100, 1)], Time(f)))
                if (seen.Track > 0 && (numbers.Count == 0 || numbers[^1] != seen.Track)) numbers.Add(seen.Track);
        }
        Assert.Equal([1, 2], numbers);
    }

    [Fact]
    public void What_can_hardly_be_seen_goes_on_but_does_not_begin()
    {
        var tracker = new ObjectTracker();
        Assert.True(tracker.Process([Box(0, 0, 1, 0.3f)], Time(0)).IsEmpty);
        tracker.Process([Box(100, 100, 1)], Time(1));
        tracker.Process([Box(100, 100, 1)], Time(2));
        Assert.Equal(1, tracker.Process([Box(101, 100, 1, 0.3f), Box(300, 300, 2, 0.3f)], Time(3)).ToArray().Single().Track);
    }

    [Fact]
    public void A_single_sight_has_no_number()
    {
        var tracker = new ObjectTracker();
        tracker.Process([Box(100, 100, 1)], Time(0));
        Assert.Equal(0, tracker.Process([Box(100, 100, 1), Box(400, 400, 2)], Time(1)).ToArray().Single(d => d.PointCount == 2).Track);
        Assert.True(tracker.Process([], Time(2)).IsEmpty);
        Assert.Equal(1, tracker.Tracks);
    }

    [Fact]
    public void What_is_taken_for_another_kind_now_and_then_stays_what_it_is_and_is_no_second_thing()
    {
        var tracker = new ObjectTracker();
        for (int f = 0; f < 60; f++)
        {
            Detection person = Box(100 + 2 * f, 100, 1), bird = person with { Label = 14, Score = 0.8f };
            Detection[] found = (f % 4) switch { 3 => [bird], 2 => [person, bird], _ => [person] };
            Detection seen = Assert.Single(tracker.Process(found, Time(f)).ToArray());
            Assert.Equal((1, 0), (seen.Track, seen.Label));
        }
        for (int f = 60; f < 90; f++) tracker.Process([Box(100 + 2 * f, 100, 1) with { Label = 14 }], Time(f));
        Assert.Equal((1, 14), (tracker.Found[0].Track, tracker.Found[0].Label));
    }

    [Fact]
    public void Dropped_frames_do_not_matter_to_what_moves_evenly()
    {
        var tracker = new ObjectTracker();
        for (int f = 0; f < 200; f += f < 30 ? 1 : 7)
            foreach (Detection seen in tracker.Process([Box(50 + 6 * f, 100, 1)], Time(f))) Assert.True(seen.Track is 1);
    }

    [Fact]
    public void Smoothing_takes_the_trembling_and_follows_what_moves()
    {
        var tracker = new ObjectTracker(new TrackerOptions { Smooths = true });
        var random = new Random(3);
        double rough = 0, smooth = 0, lag = 0;
        float lastRough = 0, lastSmooth = 0;
        for (int f = 0; f < 300; f++)
        {
            float place = f < 150 ? 100 : 100 + 8 * (f - 150), seen = place + Noise(random);
            float x = tracker.Process([Box(seen, 100, 1)], Time(f))[0].X;
            if (f is > 20 and < 150)
            {
                rough += Math.Abs(seen - lastRough);
                smooth += Math.Abs(x - lastSmooth);
            }
            if (f > 200) lag = Math.Max(lag, Math.Abs(x - place));
            (lastRough, lastSmooth) = (seen, x);
        }
        Assert.True(smooth < rough / 3, $"{smooth:0} of {rough:0}");
        Assert.True(lag < 30, $"{lag:0} pixels behind");
    }

    [Fact]
    public void Any_number_of_boxes_of_any_kind_is_taken_and_nothing_is_allocated()
    {
        var tracker = new ObjectTracker();
        var random = new Random(5);
        Detection[] found = [.. Enumerable.Range(0, 400).Select(i => Box(random.Next(2000), random.Next(2000), 1, random.NextSingle()))];
        found[3].Width = 0;
        found[4].X = float.NaN;
        found[5].Height = float.PositiveInfinity;
        int frame = 0;
        Assert.Equal(0, Allocations.Least(() => tracker.Process(found, Time(frame++))));
        tracker.Reset();
        Assert.Equal(0, tracker.Tracks);
    }

    private static HashSet<int> Of(Dictionary<int, HashSet<int>> numbers, int thing) => numbers.TryGetValue(thing, out HashSet<int>? known) ? known : numbers[thing] = [];

    private static float Noise(Random random) => 4 * random.NextSingle() - 2;

    private static TimeSpan Time(int frame) => TimeSpan.FromSeconds(frame / 30.0);

    /// <summary>A box; which thing it is stands where trackers do not look.</summary>
    private static Detection Box(float x, float y, int thing, float score = 0.9f) => new() { X = x, Y = y, Width = 40, Height = 100, Score = score, PointCount = thing };
}
