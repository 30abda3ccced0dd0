using System.Diagnostics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Realtime;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Recording;

namespace EdgeRuntime.Tools.Runs;

/// <summary>How a run in realtime goes on.</summary>
/// <param name="Tick">What a host's loop of 60 rounds a second spares in each, or null for a thread that does nothing else.</param>
/// <param name="Deadline">The age at which results are of no use any more, or null.</param>
/// <param name="Limit">Most frames that are captured.</param>
internal sealed record RealtimeOptions(TimeSpan? Tick, TimeSpan? Deadline, long Limit);

/// <summary>Sound that is listened to beside pictures.</summary>
/// <param name="Source">A file, or a microphone.</param>
/// <param name="Detector">Tells speech from everything else.</param>
internal sealed record Listening(string Source, VoiceDetector Detector);

/// <summary>Runs a pipeline over a source as if both were live: frames come at their own rate, the newest wins, and what became of each is counted.</summary>
internal sealed class RealtimeRun : IDisposable
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1.0 / 60), Look = TimeSpan.FromMilliseconds(100);

    /// <summary>By then code has been compiled and buffers have grown.</summary>
    private const int SteadyFrom = 100;

    private readonly RealtimeEngine engine = new();
    private readonly FrameCapture capture;
    private readonly SoundCapture? soundCapture;
    private readonly RealtimeOptions options;
    private long allocatedBefore;

    /// <summary>Prepares it.</summary>
    /// <param name="source">Where frames come from; the run closes it.</param>
    /// <param name="pipeline">What is done with them.</param>
    /// <param name="observer">Sees each frame and its results, on whichever thread works; the frame may be drawn on.</param>
    /// <param name="options">How.</param>
    /// <param name="listening">What is listened to meanwhile, or null.</param>
    /// <param name="recorder">Keeps what is dropped and what is heard, or null; results are the observer's.</param>
    /// <param name="told">Told of the troubles of sources that go on, by any thread, or null.</param>
    public RealtimeRun(FrameSource source, FramePipeline pipeline, FrameRun.Observer observer, RealtimeOptions options, Listening? listening = null, SessionRecorder? recorder = null, Action<SourceEvent>? told = null)
    {
        this.options = options;
        IReadOnlyList<InferenceSession> sessions = pipeline.Sessions;
        IReadOnlyList<FramePipeline> parts = pipeline.Parts;
        Parts = parts.Count == 1 ? [] : [.. parts.Select(p => new StageLatency(p.Name, new LatencyHistogram()))];
        long[] events = DeviceEvents.Counts(sessions);
        Lane = new FrameLane(pipeline.Name, new FrameLaneOptions { Deadline = options.Deadline }, pipeline)
        {
            Done = (Frame frame, in FrameReport report) =>
            {
                StageTimes times = pipeline.LastTimes;
                Preprocess.Add(times.Preprocess);
                Inference.Add(times.Inference);
                Decode.Add(times.Decode);
                for (int i = 0; i < Parts.Count; i++) Parts[i].Latency.Add(Sum(parts[i].LastTimes));
                if (pipeline.Found.Length > 0) FramesWithDetections++;
                if (Lane!.Results.Count == SteadyFrom) allocatedBefore = GC.GetTotalAllocatedBytes();
                observer(frame, new FrameResult(report.CaptureToResult, times, DeviceEvents.Since(sessions, events)), pipeline.Found);
            },
            Dropped = recorder is null ? null : recorder.Drop,
        };
        engine.Add(Lane);
        capture = new FrameCapture(source, Lane) { IsPaced = true, Limit = options.Limit, Watch = source.IsLive && told is not null ? new SourceWatch(told) : null };
        if (listening is not { Source: string sound, Detector: var detector }) return;
        // Sound comes first: it is lost for good, and takes little.
        Sound = new SoundLane(detector.Name, detector.SampleRate, detector.WindowSamples, new LaneOptions { Priority = 1 }, detector)
        {
            Done = (ReadOnlySpan<float> part, TimeSpan time, in FrameReport report) =>
            {
                WindowsWithSpeech += detector.Probability >= 0.5f ? 1 : 0;
                recorder?.Sound(part, time, report.Captured, detector.Probability);
            },
        };
        engine.Add(Sound);
        if (!SoundStream.Means(sound))
        {
            soundCapture = new SoundCapture(SoundFile.Read(sound, detector.SampleRate), Sound);
            return;
        }
        SoundStream stream = SoundStream.Open(sound, detector.SampleRate);
        stream.Told = told;
        soundCapture = new SoundCapture(stream, Sound) { Watch = told is null ? null : new SourceWatch(told) };
    }

    /// <summary>The frames' lane, with its account.</summary>
    public FrameLane Lane { get; }

    /// <summary>The sound's lane, or null.</summary>
    public SoundLane? Sound { get; }

    /// <summary>Windows of sound in which someone spoke.</summary>
    public long WindowsWithSpeech { get; private set; }

    /// <summary>Managed memory that was allocated for each frame that was captured, on all threads, after the first hundred results.</summary>
    public double? BytesPerFrame { get; private set; }

    /// <summary>Frames in which something was found.</summary>
    public long FramesWithDetections { get; private set; }

    /// <summary>How long the stages of the pipeline took.</summary>
    public LatencyHistogram Preprocess { get; } = new();

    /// <inheritdoc cref="Preprocess"/>
    public LatencyHistogram Inference { get; } = new();

    /// <inheritdoc cref="Preprocess"/>
    public LatencyHistogram Decode { get; } = new();

    /// <summary>How long each pipeline took, where there are several.</summary>
    public IReadOnlyList<StageLatency> Parts { get; }

    /// <summary>How long the rounds of the host's loop took; null where there was none.</summary>
    public LatencyHistogram? Ticks { get; private set; }

    /// <summary>Runs until the source ends or somebody asks to stop.</summary>
    /// <exception cref="EdgeException">The source or the pipeline failed; what came before is counted.</exception>
    public void Run(CancellationToken stop)
    {
        if (options.Tick is null) engine.Start();
        capture.Start();
        soundCapture?.Start();
        try
        {
            if (options.Tick is { } budget) Loop(budget, stop);
            else
                while (!engine.Wait(Look) && !stop.IsCancellationRequested && !IsOver)
                {
                }
        }
        finally
        {
            if (Lane.Results.Count > SteadyFrom) BytesPerFrame = (double)(GC.GetTotalAllocatedBytes() - allocatedBefore) / (Lane.Results.Count - SteadyFrom);
            Dispose();
        }
        if ((capture.Failure ?? soundCapture?.Failure) is { } failure && !stop.IsCancellationRequested) throw failure;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        engine.Stop();
        capture.Dispose();
        soundCapture?.Dispose();
    }

    /// <summary>True when the pictures have come to their end; sound may go on for ever.</summary>
    private bool IsOver => capture.HasEnded && Lane.Counts.UnderWay == 0;

    private static TimeSpan Sum(StageTimes times) => times.Preprocess + times.Inference + times.Decode;

    /// <summary>What a game does: a round at fixed times, of which inference may take a part.</summary>
    private void Loop(TimeSpan budget, CancellationToken stop)
    {
        Ticks = new LatencyHistogram();
        long next = Stopwatch.GetTimestamp();
        while (!IsOver && !stop.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            engine.Tick(budget);
            Ticks.Add(Stopwatch.GetElapsedTime(start));
            next += (long)(Round.TotalSeconds * Stopwatch.Frequency);
            TimeSpan left = TimeSpan.FromSeconds((double)(next - Stopwatch.GetTimestamp()) / Stopwatch.Frequency);
            if (left > TimeSpan.Zero) Thread.Sleep(left);
        }
    }
}
