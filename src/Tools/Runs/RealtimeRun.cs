using System.Diagnostics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Realtime;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Tools.Recording;

namespace EdgeRuntime.Tools.Runs;

/// <summary>How a run in realtime goes on.</summary>
/// <param name="Tick">What a host's loop of 60 rounds a second spares in each, or null for a thread that does nothing else.</param>
/// <param name="Deadlines">The age at which results are of no use any more: none, one for all pipelines, or one for each.</param>
/// <param name="Limit">Most frames that are captured.</param>
internal sealed record RealtimeOptions(TimeSpan? Tick, IReadOnlyList<TimeSpan> Deadlines, long Limit);

/// <summary>
/// Runs pipelines over a source as if all were live: frames come at their own rate, the newest wins, and what became of each is counted. Each pipeline has a lane of its own, so that a slow one does not
/// delay a fast one.
/// </summary>
internal sealed class RealtimeRun : IDisposable
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1.0 / 60), Look = TimeSpan.FromMilliseconds(100);

    /// <summary>By then code has been compiled and buffers have grown.</summary>
    private const int SteadyFrom = 100;

    /// <summary>Frames over which garbage is counted at once. What no frame causes, such as what the system does once, falls into few of these spans.</summary>
    private const int Span = 100;

    /// <summary>Results of the first pipeline are wanted at this age, those of each further one at so many times the age; no later ones are refused.</summary>
    private static readonly TimeSpan FirstWanted = TimeSpan.FromMilliseconds(50);

    private const int LaterWanted = 4;

    private readonly RealtimeEngine engine = new();
    private readonly FrameCapture capture;
    private readonly SoundCapture? soundCapture;
    private readonly RealtimeOptions options;
    private readonly PictureLane.Observer observer;
    private long steadyAllocated, spanAllocated, spanCaptured;
    private int spans, emptySpans;
    private bool isSteady;

    /// <summary>Prepares it.</summary>
    /// <param name="source">Where frames come from; the run closes it.</param>
    /// <param name="pipelines">What is done with them.</param>
    /// <param name="observer">Sees each frame and its results, on whichever thread works; the frame may be drawn on where there is one pipeline.</param>
    /// <param name="options">How.</param>
    /// <param name="listening">What is listened to meanwhile, or null.</param>
    /// <param name="recorder">Keeps what is dropped, or null; results are the observer's.</param>
    /// <param name="told">Told of the troubles of sources that go on, by any thread, or null.</param>
    public RealtimeRun(FrameSource source, IReadOnlyList<FramePipeline> pipelines, PictureLane.Observer observer, RealtimeOptions options, Listening? listening = null, SessionRecorder? recorder = null, Action<SourceEvent>? told = null)
    {
        (this.options, this.observer, Listening) = (options, observer, listening);
        var lanes = new PictureLane[pipelines.Count];
        for (int i = 0; i < lanes.Length; i++)
        {
            int index = i;
            lanes[i] = new PictureLane(pipelines[i], i, Options(i, lanes.Length), Done);
            if (recorder is not null) lanes[i].Lane.Dropped = (frame, captured, reason) => recorder.Drop(index, frame, captured, reason);
            engine.Add(lanes[i].Lane);
        }
        Lanes = lanes;
        capture = new FrameCapture(source, [.. lanes.Select(l => l.Lane)]) { IsPaced = true, Limit = options.Limit, Watch = source.IsLive && told is not null ? new SourceWatch(told) : null };
        if (listening is null) return;
        Sound = new SoundLane(listening.Stage.Name, listening.SampleRate, listening.PartSamples, listening.Options, listening.Stage) { Done = listening.Done };
        engine.Add(Sound);
        if (!SoundStream.Means(listening.Source))
        {
            soundCapture = new SoundCapture(SoundFile.Read(listening.Source, listening.SampleRate), Sound);
            return;
        }
        SoundStream stream = SoundStream.Open(listening.Source, listening.SampleRate);
        stream.Told = told;
        soundCapture = new SoundCapture(stream, Sound) { Watch = told is null ? null : new SourceWatch(told) };
    }

    /// <summary>The pipelines, each with its account.</summary>
    public IReadOnlyList<PictureLane> Lanes { get; }

    /// <summary>The sound's lane, or null.</summary>
    public SoundLane? Sound { get; }

    /// <summary>What is listened to, or null.</summary>
    public Listening? Listening { get; }

    /// <summary>Managed memory that all threads allocate for a frame, after the first hundred results of each pipeline: 0 where nothing was in most spans of frames, else the mean.</summary>
    public double? BytesPerFrame => spans == 0 ? null : 2 * emptySpans > spans ? 0 : (double)(spanAllocated - steadyAllocated) / (spans * Span);

    /// <summary>What was allocated since then, all together, and in how many of how many spans of a hundred frames.</summary>
    public (long Bytes, int Spans, int All) Allocated => (spanAllocated - steadyAllocated, spans - emptySpans, spans);

    /// <summary>Memory when frames began to come, after the first hundred results, and at the end.</summary>
    public MemoryUse MemoryBefore { get; private set; }

    /// <inheritdoc cref="MemoryBefore"/>
    public MemoryUse? MemorySteady { get; private set; }

    /// <inheritdoc cref="MemoryBefore"/>
    public MemoryUse MemoryAfter { get; private set; }

    /// <summary>How long the rounds of the host's loop took; null where there was none.</summary>
    public LatencyHistogram? Ticks { get; private set; }

    /// <summary>As <see cref="Ticks"/>, without the time for which the machine let the loop wait and ran others; null where the system does not tell.</summary>
    public LatencyHistogram? OwnTicks { get; private set; }

    /// <summary>Runs until the source ends or somebody asks to stop.</summary>
    /// <exception cref="EdgeException">The source or a pipeline failed; what came before is counted.</exception>
    public void Run(CancellationToken stop)
    {
        MemoryBefore = MemoryUse.Now();
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
            Dispose();
            MemoryAfter = MemoryUse.Now();
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
    private bool IsOver
    {
        get
        {
            if (!capture.HasEnded) return false;
            foreach (PictureLane lane in Lanes)
                if (lane.Lane.Counts.UnderWay > 0) return false;
            return true;
        }
    }

    private FrameLaneOptions Options(int index, int count)
    {
        if (options.Deadlines.Count > 0) return new FrameLaneOptions { Deadline = options.Deadlines[Math.Min(index, options.Deadlines.Count - 1)] };
        return count == 1 && Listening is null ? new FrameLaneOptions() : new FrameLaneOptions { Deadline = FirstWanted * Math.Pow(LaterWanted, index), KeepsLate = true };
    }

    private void Done(PictureLane lane, Pipelines.Frame frame, in FrameResult result)
    {
        if (!isSteady) Settle();
        else if (Lanes[0].Lane.Counts.Captured - spanCaptured >= Span) CountSpan();
        observer(lane, frame, result);
    }

    /// <summary>Counts from when all pipelines have had their first results.</summary>
    private void Settle()
    {
        foreach (PictureLane lane in Lanes)
            if (lane.Lane.Results.Count < SteadyFrom) return;
        MemorySteady = MemoryUse.Now();
        (isSteady, spanCaptured) = (true, Lanes[0].Lane.Counts.Captured);
        steadyAllocated = spanAllocated = GC.GetTotalAllocatedBytes(precise: true);
    }

    private void CountSpan()
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        spans++;
        if (allocated == spanAllocated) emptySpans++;
        (spanAllocated, spanCaptured) = (allocated, spanCaptured + Span);
    }

    /// <summary>What a game does: a round at fixed times, of which inference may take a part.</summary>
    private void Loop(TimeSpan budget, CancellationToken stop)
    {
        using RunDelay? delay = RunDelay.Open();
        Ticks = new LatencyHistogram();
        OwnTicks = delay is null ? null : new LatencyHistogram();
        long next = Stopwatch.GetTimestamp();
        while (!IsOver && !stop.IsCancellationRequested)
        {
            TimeSpan waited = delay?.Total() ?? default;
            long start = Stopwatch.GetTimestamp();
            engine.Tick(budget);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            Ticks.Add(took);
            OwnTicks?.Add(took - (delay!.Total() - waited));
            next += (long)(Round.TotalSeconds * Stopwatch.Frequency);
            TimeSpan left = TimeSpan.FromSeconds((double)(next - Stopwatch.GetTimestamp()) / Stopwatch.Frequency);
            if (left > TimeSpan.Zero) Thread.Sleep(left);
        }
    }
}
