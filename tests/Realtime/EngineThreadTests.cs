using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Tracking;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Realtime;

/// <summary>Sources, engine and tests on threads of their own.</summary>
[Collection(nameof(Alone))]
public class EngineThreadTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(QueuePolicy.NewestWins)]
    [InlineData(QueuePolicy.Bounded)]
    [InlineData(QueuePolicy.EveryFrame)]
    public void No_frame_is_lost_torn_or_processed_twice(QueuePolicy policy)
    {
        using var engine = new RealtimeEngine();
        var stage = new Checking();
        var lane = new FrameLane("camera", new FrameLaneOptions { Policy = policy, Capacity = 3 }, stage);
        engine.Add(lane);
        using var capture = new FrameCapture(new Synthetic(20_000), lane);
        engine.Start();
        capture.Start();
        Assert.True(engine.Wait(Long));

        FrameCounts counts = lane.Counts;
        Assert.Equal((20_000, 0), (counts.Captured, counts.UnderWay));
        Assert.Equal(stage.Seen, counts.Results);
        Assert.Equal(counts.Captured, counts.Results + (policy == QueuePolicy.NewestWins ? counts.Replaced : counts.Overrun));
        if (policy == QueuePolicy.EveryFrame) Assert.Equal(20_000, counts.Results);
        Assert.Equal(0, stage.Wrong);
    }

    [Fact]
    public void Lanes_that_share_frames_lose_none_and_see_none_torn()
    {
        using var engine = new RealtimeEngine();
        Checking[] stages = [new(), new(), new()];
        FrameLane[] lanes =
        [
            new("every", new FrameLaneOptions { Policy = QueuePolicy.EveryFrame, Capacity = 2 }, stages[0]), new("newest", null, stages[1]),
            new("some", new FrameLaneOptions { Policy = QueuePolicy.Bounded, Capacity = 1 }, stages[2]),
        ];
        foreach (FrameLane lane in lanes) engine.Add(lane);
        using var capture = new FrameCapture(new Synthetic(20_000), lanes);
        engine.Start();
        capture.Start();
        Assert.True(engine.Wait(Long));
        Assert.Equal(20_000, lanes[0].Counts.Results);
        for (int i = 0; i < lanes.Length; i++)
        {
            FrameCounts counts = lanes[i].Counts;
            Assert.Equal((20_000, 0, stages[i].Seen, 0), (counts.Captured, counts.UnderWay, counts.Results, stages[i].Wrong));
        }
    }

    [Theory]
    [InlineData(QueuePolicy.NewestWins, 1)]
    [InlineData(QueuePolicy.Bounded, 2)]
    [InlineData(QueuePolicy.EveryFrame, 3)]
    public void Stopped_in_the_middle_everything_has_ended(QueuePolicy policy, int seed)
    {
        var random = new Random(seed);
        for (int attempt = 0; attempt < 30; attempt++)
        {
            using var engine = new RealtimeEngine();
            var lane = new FrameLane("camera", new FrameLaneOptions { Policy = policy, Capacity = 2 }, new Checking());
            var sound = new SoundLane("microphone", 16000, 100, new LaneOptions { Priority = 1 });
            engine.Add(lane);
            engine.Add(sound);
            using var capture = new FrameCapture(new Synthetic(long.MaxValue), lane);
            bool ended = false;
            var microphone = new Thread(() =>
            {
                var block = new float[160];
                while (!Volatile.Read(ref ended)) sound.Write(block);
            });
            engine.Start();
            capture.Start();
            microphone.Start();
            Thread.SpinWait(random.Next(200_000));
            engine.Stop();
            Assert.Equal(0, lane.Counts.UnderWay);
            capture.Dispose();
            Volatile.Write(ref ended, true);
            microphone.Join();
            Assert.Equal((0, 0), (lane.Counts.UnderWay, sound.Counts.UnderWay));
        }
    }

    [Fact]
    public void What_fails_on_the_engines_thread_is_thrown_to_whoever_waits()
    {
        using var engine = new RealtimeEngine();
        var lane = new FrameLane("camera") { Done = static (Frame _, in FrameReport _) => throw new InvalidOperationException("broken") };
        engine.Add(lane);
        engine.Start();
        RealtimeEngineTests.Post(lane, 0);
        Assert.Equal("broken", Assert.Throws<InvalidOperationException>(() => engine.Wait(Long)).Message);
        engine.Stop();
        Assert.Equal((1, 1), (lane.Counts.Captured, lane.Counts.Failed));
    }

    [Fact]
    public void Ten_thousand_frames_and_their_sound_leave_no_garbage_on_any_thread()
    {
        using EdgeModel model = EdgeReader.Read(Repository.File("models", "digits.edge"));
        using var classifier = new ImageClassifier(model, new SessionOptions { Threads = 2 });
        using var engine = new RealtimeEngine();
        long results = 0;
        var lane = new FrameLane("camera", new FrameLaneOptions { Policy = QueuePolicy.EveryFrame }, classifier) { Done = (Frame _, in FrameReport _) => results++ };
        var sound = new SoundLane("microphone", 16000, 160, new LaneOptions { Priority = 1 }, new Hearing());
        engine.Add(lane);
        engine.Add(sound);
        engine.Start();
        var source = new Synthetic(long.MaxValue);
        var block = new float[160];
        void Run(int frames)
        {
            for (int i = 0; i < frames; i++)
            {
                source.Read(lane.Incoming);
                lane.Post();
                sound.Write(block);
            }
        }
        Run(500);
        Assert.Equal(0, Allocations.LeastOfAllThreads(() => Run(10_000)));
        lane.Close();
        sound.Close();
        Assert.True(engine.Wait(Long));
        Assert.Equal(lane.Counts.Captured, results);
        Assert.Equal(sound.Counts.Captured, sound.Counts.Results + sound.Counts.Overrun);
    }

    /// <summary>Two pipelines of pictures and one of sound with their sources, as a whole program has them; counted is what all threads allocate.</summary>
    [Fact]
    public void Pipelines_that_run_together_leave_no_garbage_on_any_thread()
    {
        using EdgeModel faces = EdgeReader.Read(Repository.File("models", "blazeface-front.edge")), digits = EdgeReader.Read(Repository.File("models", "digits.edge"));
        using var detector = new FaceDetector(faces, new FaceDetectorOptions { Threads = 2 });
        using var classifier = new ImageClassifier(digits, new SessionOptions { Threads = 2 });
        var tracker = new Following(detector);
        using var engine = new RealtimeEngine();
        FrameLane[] lanes =
        [
            new("faces", new FrameLaneOptions { Deadline = TimeSpan.FromMilliseconds(50), KeepsLate = true }, detector, tracker),
            new("digits", new FrameLaneOptions { Policy = QueuePolicy.EveryFrame, Deadline = TimeSpan.FromMilliseconds(200), KeepsLate = true }, classifier),
        ];
        long results = 0;
        foreach (FrameLane lane in lanes)
        {
            lane.Done = (Frame _, in FrameReport _) => Interlocked.Increment(ref results);
            engine.Add(lane);
        }
        var sound = new SoundLane("microphone", 16000, 512, new LaneOptions { Priority = 1 }, new Hearing());
        engine.Add(sound);
        using var meter = new EngineMeter(engine);
        using var capture = new FrameCapture(new Synthetic(long.MaxValue), lanes);
        using var microphone = new SoundCapture(new float[16000 * 60], sound);
        engine.Start();
        capture.Start();
        microphone.Start();
        void Wait(long more)
        {
            for (long until = Interlocked.Read(ref results) + more; Interlocked.Read(ref results) < until;) Thread.Sleep(1);
        }
        Wait(1000);
        Assert.Equal(0, Allocations.LeastOfAllThreads(() => Wait(2000)));
        engine.Stop();
        capture.Dispose();
        microphone.Dispose();
        Assert.All(engine.Lanes, l => Assert.Equal(0, l.Counts.UnderWay));
        Assert.All(lanes, l => Assert.True(l.Counts.Results > 100, l.Counts.ToString()));
        Assert.Equal(0, sound.Counts.Overrun);
    }

    /// <summary>Follows what another stage found.</summary>
    private sealed class Following(FaceDetector finds) : IFrameStage
    {
        private readonly ObjectTracker tracker = new();

        public string Name => "follow";

        public bool Advance(Frame frame, in TimeBudget budget)
        {
            tracker.Process(finds.Found, frame.Time);
            return true;
        }
    }

    /// <summary>Frames whose pixels all say which one it is.</summary>
    private sealed class Synthetic(long frames) : FrameSource
    {
        private long count;
        private volatile bool closed;

        public override string Name => "synthetic";

        public override string Describe() => Name;

        public override bool Read(Frame frame)
        {
            if (closed || count == frames) return false;
            frame.Resize(28, 28, PixelFormat.Rgb24);
            frame.Pixels.Fill((byte)count);
            frame.Index = count++;
            return true;
        }

        public override void Dispose() => closed = true;
    }

    private sealed class Checking : IFrameStage
    {
        private long last = -1;

        public string Name => "check";

        public long Seen { get; private set; }

        public long Wrong { get; private set; }

        public bool Advance(Frame frame, in TimeBudget budget)
        {
            if (frame.Pixels.ContainsAnyExcept((byte)frame.Index) || frame.Index <= last) Wrong++;
            last = frame.Index;
            Seen++;
            return true;
        }
    }

    private sealed class Hearing : ISoundStage
    {
        public string Name => "hear";

        public bool Advance(ReadOnlySpan<float> part, TimeSpan time, in TimeBudget budget) => true;
    }
}
