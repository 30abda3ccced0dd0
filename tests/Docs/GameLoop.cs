using System.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;

namespace EdgeRuntime.Tests.Docs;

/// <summary>The loop of docs/game-loop.md, so that it is compiled and run; <see cref="GameLoopTests"/> checks that the two are the same.</summary>
internal static class GameLoop
{
    public static string Run(string modelPath, FrameSource camera, TimeSpan length)
    {
        TimeSpan budget = TimeSpan.FromMilliseconds(4), round = TimeSpan.FromSeconds(1.0 / 60);
        using EdgeModel model = EdgeReader.Read(modelPath);
        using var detector = new FaceDetector(model);

        // A lane: camera, mailbox of one place, stages, and what is told of results.
        using var engine = new RealtimeEngine();
        var lane = new FrameLane("faces", new FrameLaneOptions { Deadline = TimeSpan.FromMilliseconds(500) }, detector);
        var player = new Player();
        lane.Done = (Frame frame, in FrameReport report) => player.LookAt(detector.Found, frame.Width, report.CaptureToResult);
        engine.Add(lane);
        using var capture = new FrameCapture(camera, lane) { IsPaced = true };
        capture.Start();

        // The game: simulate, let inference have its share of the round, draw.
        var ticks = new LatencyHistogram();
        long begin = Stopwatch.GetTimestamp();
        for (int frame = 1; Stopwatch.GetElapsedTime(begin) < length && !lane.IsComplete; frame++)
        {
            player.Simulate(round);

            long start = Stopwatch.GetTimestamp();
            engine.Tick(budget);
            ticks.Add(Stopwatch.GetElapsedTime(start));

            player.Draw();
            TimeSpan left = frame * round - Stopwatch.GetElapsedTime(begin);
            if (left > TimeSpan.Zero) Thread.Sleep(left);
        }

        capture.Dispose();
        engine.Stop();
        return $"{lane.Counts}; tick p50 {ticks.Percentile(0.5).TotalMilliseconds:0.0} ms, p99 {ticks.Percentile(0.99).TotalMilliseconds:0.0} ms; "
            + $"capture to result p99 {lane.CaptureToResult.Percentile(0.99).TotalMilliseconds:0} ms; seen {player.Seen} times";
    }

    /// <summary>What the camera moves: it turns to where the nearest face is.</summary>
    private sealed class Player
    {
        private float target, heading;

        public int Seen { get; private set; }

        public void LookAt(ReadOnlySpan<Detection> faces, int width, TimeSpan age)
        {
            if (faces.Length == 0 || age > TimeSpan.FromSeconds(1)) return;
            target = (faces[0].X + faces[0].Width / 2) / width - 0.5f;
            Seen++;
        }

        public void Simulate(TimeSpan step) => heading += (target - heading) * (float)Math.Min(1, 5 * step.TotalSeconds);

        public void Draw() => Debug.Assert(float.IsFinite(heading), "There is something to draw.");
    }
}
