using System.Diagnostics.Metrics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using Xunit;

namespace EdgeRuntime.Tests.Realtime;

public class RealtimeEngineTests
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1), Tick = TimeSpan.FromMilliseconds(4);

    [Fact]
    public void The_newest_frame_wins_and_the_others_are_counted()
    {
        var clock = new ManualClock();
        using var engine = new RealtimeEngine(clock);
        var lane = new FrameLane("camera", null, new FrameWork(clock, Millisecond, () => 10));
        engine.Add(lane);
        var seen = new List<(long Index, TimeSpan Latency, TimeSpan Waited)>();
        lane.Done = (Frame frame, in FrameReport report) => seen.Add((frame.Index, report.CaptureToResult, report.Waited));

        for (int i = 0; i < 5; i++) Post(lane, i);
        Assert.True(engine.Tick(Tick));
        Assert.Empty(seen);
        Post(lane, 5);
        Post(lane, 6);
        for (int i = 0; i < 10; i++) engine.Tick(Tick);

        Assert.Equal([(4, TimeSpan.FromMilliseconds(10), TimeSpan.Zero), (6, TimeSpan.FromMilliseconds(16), TimeSpan.FromMilliseconds(6))], seen);
        Assert.Equal(new FrameCounts(7, 2, 0, 0, 5, 0, 0, 0), lane.Counts);
        Assert.Equal("7 captured = 2 results + 5 replaced by newer ones", lane.Counts.ToString());
        Assert.Equal(TimeSpan.FromMilliseconds(10), lane.Stages[0].Latency.Max);
    }

    [Fact]
    public void A_microphone_comes_before_a_camera_in_the_middle_of_its_frame()
    {
        var clock = new ManualClock();
        using var engine = new RealtimeEngine(clock);
        var listening = new SoundWork(clock, Millisecond);
        var order = new List<string>();
        var camera = new FrameLane("camera", null, new FrameWork(clock, Millisecond, () => 10));
        var microphone = new SoundLane("microphone", 1000, 8, new LaneOptions { Priority = 1 }, listening);
        camera.Done = (Frame _, in FrameReport _) => order.Add("picture");
        microphone.Done = (ReadOnlySpan<float> _, TimeSpan _, in FrameReport _) => order.Add("sound");
        engine.Add(camera);
        engine.Add(microphone);
        Post(camera, 0);
        for (int i = 0; i < 8; i++)
        {
            // Sound of half a part each 4 ms.
            engine.Tick(Tick);
            microphone.Write(new float[4]);
        }
        Assert.Equal(["sound", "picture", "sound"], order[..3]);
        Assert.Equal(32, microphone.Counts.Captured);
    }

    [Fact]
    public void Of_one_priority_what_is_due_first_comes_first()
    {
        var clock = new ManualClock();
        using var engine = new RealtimeEngine(clock);
        var order = new List<string>();
        foreach ((string name, int deadline) in ((string, int)[])[("late", 100), ("never", 0), ("soon", 20)])
        {
            var lane = new FrameLane(name, new FrameLaneOptions { Deadline = deadline == 0 ? null : TimeSpan.FromMilliseconds(deadline) }, new FrameWork(clock, Millisecond, () => 2));
            lane.Done = (Frame _, in FrameReport _) => order.Add(name);
            engine.Add(lane);
            Post(lane, 0);
        }
        Assert.False(engine.Tick(TimeSpan.FromSeconds(1)));
        Assert.Equal(["soon", "late", "never"], order);
    }

    [Fact]
    public void What_is_slow_does_not_delay_what_is_fast_and_has_its_turn_all_the_same()
    {
        var clock = new ManualClock();
        using var engine = new RealtimeEngine(clock);
        // A frame each 40 ms; the fast lane takes 5 ms of each and the slow one 90, so that neither keeps up with both.
        FrameLane Lane(string name, int work, int wanted) => new(name, new FrameLaneOptions { Deadline = TimeSpan.FromMilliseconds(wanted), KeepsLate = true }, new FrameWork(clock, Millisecond, () => work));
        FrameLane slow = Lane("slow", 90, 1000), fast = Lane("fast", 5, 50);
        engine.Add(slow);
        engine.Add(fast);
        var fork = new FrameFork(slow, fast);
        for (int i = 0; i < 100; i++)
        {
            Post(fork, i);
            for (TimeSpan until = engine.Now + TimeSpan.FromMilliseconds(40); engine.Now < until;)
                if (!engine.Tick(TimeSpan.FromMilliseconds(2))) clock.Advance(Millisecond);
        }
        Assert.InRange(fast.CaptureToResult.Max.TotalMilliseconds, 5, 8);
        Assert.Equal(new FrameCounts(100, 100, 0, 0, 0, 0, 0, 0), fast.Counts);
        Assert.InRange(slow.Counts.Results, 36, 40);
        engine.Stop();
        Assert.Equal(0, slow.Counts.UnderWay);
        Assert.Equal(100, slow.Counts.Results + slow.Counts.Replaced + slow.Counts.Stopped);
    }

    [Fact]
    public void Lanes_that_are_slower_than_their_source_take_turns()
    {
        var clock = new ManualClock();
        using var engine = new RealtimeEngine(clock);
        FrameLane[] lanes = [.. Enumerable.Range(0, 3).Select(i => new FrameLane($"{i}", null, new FrameWork(clock, Millisecond, () => 45)))];
        foreach (FrameLane lane in lanes) engine.Add(lane);
        var fork = new FrameFork(lanes);
        for (int i = 0; i < 100; i++)
        {
            Post(fork, i);
            for (TimeSpan until = engine.Now + TimeSpan.FromMilliseconds(40); engine.Now < until;) engine.Tick(TimeSpan.FromMilliseconds(2));
        }
        Assert.All(lanes, l => Assert.InRange(l.Counts.Results, 27, 31));
    }

    [Fact]
    public void A_picture_that_lanes_share_stays_as_it_is_until_the_last_is_done_with_it()
    {
        var clock = new ManualClock();
        using var engine = new RealtimeEngine(clock);
        var seen = new List<(string, long, int)>();
        FrameLane Lane(string name, int work, FrameLaneOptions options)
        {
            var lane = new FrameLane(name, options, new FrameWork(clock, Millisecond, () => work));
            lane.Done = (Frame frame, in FrameReport _) => seen.Add((name, frame.Index, frame.Pixels[0]));
            engine.Add(lane);
            return lane;
        }
        var fork = new FrameFork(Lane("a", 30, new FrameLaneOptions()), Lane("b", 1, new FrameLaneOptions { Policy = QueuePolicy.Bounded, Capacity = 3, Priority = 1 }));
        for (int i = 0; i < 50; i++)
        {
            Post(fork, i);
            engine.Tick(Tick);
        }
        while (engine.Tick(Tick))
        {
        }
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), seen.Where(s => s.Item1 == "b").Select(s => s.Item2));
        Assert.True(seen.Count(s => s.Item1 == "a") > 3, "The slow lane had no turn.");
        Assert.All(seen, s => Assert.Equal((int)s.Item2, s.Item3));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_too_late_has_timed_out_unless_it_is_wanted_all_the_same(bool keeps)
    {
        var clock = new ManualClock();
        using var engine = new RealtimeEngine(clock);
        var work = new FrameWork(clock, Millisecond, () => 10);
        var lane = new FrameLane("camera", new FrameLaneOptions { Deadline = TimeSpan.FromMilliseconds(5), KeepsLate = keeps }, work);
        engine.Add(lane);
        Post(lane, 0);
        engine.Tick(Tick);
        clock.Advance(TimeSpan.FromMilliseconds(3));
        while (engine.Tick(Tick))
        {
        }
        Assert.Equal(keeps ? new FrameCounts(1, 1, 0, 0, 0, 0, 0, 0) : new FrameCounts(1, 0, 0, 1, 0, 0, 0, 0), lane.Counts);
        Assert.Equal(keeps ? 0 : 1, work.Abandoned);
    }

    [Fact]
    public void A_stage_that_throws_fails_one_frame_and_one_that_failed_over_is_told()
    {
        var clock = new ManualClock();
        using var engine = new RealtimeEngine(clock);
        var work = new FrameWork(clock, Millisecond, () => 1);
        var lane = new FrameLane("camera", null, work);
        engine.Add(lane);
        work.OnPart = () => throw new InvalidOperationException("broken");
        Post(lane, 0);
        Assert.Throws<InvalidOperationException>(() => engine.Tick(Tick));
        work.OnPart = () => work.FailOvers++;
        Post(lane, 1);
        Assert.False(engine.Tick(Tick));
        Assert.Equal(new FrameCounts(2, 0, 1, 0, 0, 0, 1, 0), lane.Counts);
        Post(lane, 2);
        engine.Stop();
        Post(lane, 3);
        Assert.Equal(new FrameCounts(4, 0, 1, 0, 0, 0, 1, 2), lane.Counts);
        Assert.Throws<ObjectDisposedException>(() => engine.Tick(Tick));
    }

    [Fact]
    public void A_handler_may_stop_the_engine()
    {
        var clock = new ManualClock();
        using var engine = new RealtimeEngine(clock);
        var lane = new FrameLane("camera", new FrameLaneOptions { Policy = QueuePolicy.Bounded }, new FrameWork(clock, Millisecond, () => 1));
        lane.Done = (Frame _, in FrameReport _) => engine.Stop();
        engine.Add(lane);
        for (int i = 0; i < 3; i++) Post(lane, i);
        Assert.False(engine.Tick(Tick));
        Assert.Equal(new FrameCounts(3, 1, 0, 0, 0, 0, 0, 2), lane.Counts);
    }

    [Fact]
    public void Meters_tell_what_became_of_frames()
    {
        var clock = new ManualClock();
        using var engine = new RealtimeEngine(clock);
        var lane = new FrameLane("camera", null, new FrameWork(clock, Millisecond, () => 2));
        engine.Add(lane);
        using var meter = new EngineMeter(engine);
        for (int i = 0; i < 3; i++) Post(lane, i);
        engine.Tick(Tick);

        var told = new Dictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter == meter.Meter) own.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => told[Key(instrument, tags)] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => told[Key(instrument, tags)] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal(3, told["edgeruntime.captured camera"]);
        Assert.Equal(1, told["edgeruntime.ended camera result"]);
        Assert.Equal(2, told["edgeruntime.ended camera replaced"]);
        Assert.Equal(0.002, told["edgeruntime.latency camera 0.99"], 0.00005);

        static string Key(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string key = instrument.Name;
            foreach (KeyValuePair<string, object?> tag in tags) key += $" {tag.Value}";
            return key;
        }
    }

    [Fact]
    public void Sound_is_timed_by_its_samples_and_a_loss_is_told()
    {
        var clock = new ManualClock();
        using var engine = new RealtimeEngine(clock);
        var listening = new SoundWork(clock, TimeSpan.Zero);
        var lane = new SoundLane("microphone", 1000, 100, null, listening);
        engine.Add(lane);
        float[] second = new float[1000];
        second.AsSpan().Fill(1);
        for (int i = 0; i < 10; i++) lane.Write(second);
        while (engine.Tick(Tick))
        {
        }
        lane.Write(second);
        lane.Write(second.AsSpan(0, 50));
        lane.Close();
        while (engine.Tick(Tick))
        {
        }
        Assert.True(lane.IsComplete);
        long kept = 8192, lost = 10_000 - kept;
        Assert.Equal(new FrameCounts(11_050, kept + 1050, 0, 0, 0, lost, 0, 0), lane.Counts);
        Assert.Equal(1, listening.Resets);
        // 8.1 s, the part that ends with the loss, then what came after it.
        Assert.Equal(TimeSpan.FromSeconds(8.1), listening.Times[81]);
        Assert.Equal(TimeSpan.FromSeconds(10), listening.Times[82]);
        Assert.Equal((92, 8), (listening.Heard.Skip(8100).Take(100).Count(s => s == 1), listening.Heard.Skip(8100).Take(100).Count(s => s == 0)));
        Assert.Equal(50, listening.Heard.TakeLast(100).Count(s => s == 1));
    }

    [Fact]
    public void As_much_sound_waits_as_there_was_to_be_room_for()
    {
        var clock = new ManualClock();
        using var engine = new RealtimeEngine(clock);
        var lane = new SoundLane("microphone", 1000, 100, new SoundLaneOptions { Buffer = TimeSpan.FromSeconds(30) }, new SoundWork(clock, TimeSpan.Zero));
        engine.Add(lane);
        // Nobody listens for half a minute.
        for (int i = 0; i < 300; i++) lane.Write(new float[100]);
        while (engine.Tick(Tick))
        {
        }
        Assert.Equal(new FrameCounts(30_000, 30_000, 0, 0, 0, 0, 0, 0), lane.Counts);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SoundLaneOptions { Buffer = TimeSpan.Zero });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Whatever_happens_the_counters_add_up(int seed)
    {
        var random = new Random(seed);
        var clock = new ManualClock(TimeSpan.FromTicks(3));
        using var engine = new RealtimeEngine(clock);
        var lanes = new List<(FrameLane Lane, FrameWork Work, int Room)>();
        long results = 0, posted = 0;
        for (int i = 0; i < 3; i++)
        {
            var work = new FrameWork(clock, TimeSpan.FromMicroseconds(random.Next(50, 3000)), () => random.Next(1, 12));
            var options = new FrameLaneOptions
            {
                Policy = i == 1 ? QueuePolicy.Bounded : QueuePolicy.NewestWins,
                Capacity = 3,
                Priority = random.Next(2),
                Deadline = random.Next(3) == 0 ? null : TimeSpan.FromMilliseconds(random.Next(5, 60)),
                KeepsLate = random.Next(2) == 0,
            };
            var lane = new FrameLane($"camera {i}", options, work, new FrameWork(clock, TimeSpan.FromMicroseconds(100), () => 1));
            work.OnPart = () =>
            {
                if (random.Next(40) == 0) throw new InvalidOperationException("broken");
                if (random.Next(30) == 0) work.FailOvers++;
            };
            lane.Done = (Frame _, in FrameReport report) => results += report.Outcome is FrameOutcome.Result or FrameOutcome.FailedOver ? 1 : 0;
            engine.Add(lane);
            lanes.Add((lane, work, i == 1 ? 3 : 1));
        }
        for (int step = 0; step < 3000; step++)
        {
            (FrameLane lane, _, _) = lanes[random.Next(lanes.Count)];
            switch (random.Next(3))
            {
                case 0:
                    clock.Advance(TimeSpan.FromMicroseconds(random.Next(8000)));
                    break;
                case 1:
                    Post(lane, posted++);
                    break;
                default:
                    try
                    {
                        engine.Tick(TimeSpan.FromMilliseconds(random.Next(1, 8)));
                    }
                    catch (InvalidOperationException e) when (e.Message == "broken")
                    {
                        // Its frame is counted as failed.
                    }
                    break;
            }
            foreach ((FrameLane one, _, int room) in lanes) Assert.InRange(one.Counts.UnderWay, 0, room + 1);
            Assert.Equal(posted, lanes.Sum(l => l.Lane.Counts.Captured));
            Assert.Equal(results, lanes.Sum(l => l.Lane.Counts.Results + l.Lane.Counts.FailedOver));
        }
        engine.Stop();
        Assert.All(lanes, l => Assert.Equal((0, l.Lane.Counts.Captured), (l.Lane.Counts.UnderWay, l.Lane.Counts.Ended)));
        Assert.All(lanes, l => Assert.Equal(l.Lane.CaptureToResult.Count, l.Lane.Counts.Results + l.Lane.Counts.FailedOver));
        Assert.True(lanes.Sum(l => l.Lane.Counts.TimedOut) > 0 || lanes.All(l => l.Lane.KeepsLate || l.Lane.Deadline is null));
    }

    private static void Post(FrameFork fork, int index)
    {
        fork.Incoming.Resize(1, 1);
        fork.Incoming.Pixels.Fill((byte)index);
        fork.Incoming.Index = index;
        fork.Post();
    }

    internal static void Post(FrameLane lane, long index)
    {
        lane.Incoming.Resize(1, 1);
        lane.Incoming.Index = index;
        lane.Post();
    }
}
