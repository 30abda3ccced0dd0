using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tests.Realtime;
using EdgeRuntime.Tools.Runs;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>What `edgert run` does with several pipelines at once, in this process.</summary>
[Collection(nameof(Alone))]
public class CombinedRunTests
{
    private static readonly PipelineOptions Options = new(new SessionOptions { Threads = 1, Backend = EdgeRuntime.Backends.BackendKind.Cpu }, null, Follows: true);

    [Fact]
    public void Pipelines_put_together_leave_no_garbage()
    {
        using EdgeModel model = EdgeReader.Read(Repository.File("models", "blazeface-front.edge"));
        using var combined = new CombinedPipeline([Faces(model), Faces(model)]);
        var frame = new Frame();
        frame.Resize(64, 64);
        long seen = 0;
        void Run()
        {
            for (int i = 0; i < 50; i++) seen += combined.Process(frame).Length + combined.FailOvers + combined.LastTimes.Decode.Ticks;
        }
        Run();
        Assert.Equal(0, Allocations.Least(Run));
        Assert.True(seen > 0);
    }

    [Fact]
    public void A_run_in_realtime_leaves_no_garbage_and_each_account_adds_up()
    {
        using EdgeModel model = EdgeReader.Read(Repository.File("models", "blazeface-front.edge"));
        // A collection of somebody else's garbage counts the rest of each thread's buffer: the least of some runs counts.
        double least = double.MaxValue;
        for (int attempt = 0; attempt < 5 && least > 0; attempt++)
        {
            using FramePipeline faces = Faces(model), same = Faces(model);
            faces.WarmUp();
            same.WarmUp();
            using var run = new RealtimeRun(new Paced(400), [faces, same], Look, new RealtimeOptions(null, [], long.MaxValue));
            run.Run(TestContext.Current.CancellationToken);
            Assert.Equal(2, run.Lanes.Count);
            Assert.All(run.Lanes, l => Assert.Equal((400, 0), (l.Lane.Counts.Captured, l.Lane.Counts.UnderWay)));
            if (run.BytesPerFrame is { } bytes) least = Math.Min(least, bytes);
        }
        Assert.Equal(0, least);

        static void Look(PictureLane lane, Frame frame, in FrameResult result) => Assert.True(result.CaptureToResult >= TimeSpan.Zero);
    }

    private static FramePipeline Faces(EdgeModel model) => ((FrameEntry)PipelineCatalog.Get("face-detect")).Open(model, Options);

    /// <summary>Small pictures, 200 a second.</summary>
    private sealed class Paced(long frames) : FrameSource
    {
        private long count;

        public override string Name => "paced";

        public override string Describe() => Name;

        public override bool Read(Frame frame)
        {
            if (count == frames) return false;
            frame.Resize(64, 48);
            (frame.Index, frame.Time) = (count, TimeSpan.FromMilliseconds(5 * count));
            count++;
            return true;
        }

        public override void Dispose() => count = frames;
    }
}
