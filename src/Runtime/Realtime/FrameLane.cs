using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Realtime;

/// <summary>
/// A lane of pictures: <see cref="Incoming"/> is filled and posted by the capturing thread, the stages are gone through by the working one. A <see cref="FrameFork"/> gives the frames of one source to
/// several lanes.
/// </summary>
public sealed class FrameLane : Lane
{
    private readonly IFrameStage[] stages;
    private readonly QueuePolicy policy;
    private readonly Mailbox<CapturedFrame>? newest;
    private readonly HandOver<CapturedFrame>? queue;
    private readonly FrameFork own;
    private readonly AutoResetEvent room = new(false);
    private CapturedFrame? current;
    private TimeSpan begun;
    private readonly double[] nanoseconds;
    private long failOvers;
    private int stage;

    /// <summary>Makes a lane.</summary>
    /// <param name="name">What it is called in reports.</param>
    /// <param name="options">Order and room, or null for the newest frame always.</param>
    /// <param name="stages">What is done with each frame, in order.</param>
    public FrameLane(string name, FrameLaneOptions? options = null, params IFrameStage[] stages) : base(name, options ??= new FrameLaneOptions(), stages.Select(s => s.Name))
    {
        this.stages = stages;
        policy = options.Policy;
        int waiting = policy == QueuePolicy.NewestWins ? 1 : options.Capacity;
        if (policy == QueuePolicy.NewestWins) newest = new Mailbox<CapturedFrame>();
        else queue = new HandOver<CapturedFrame>(waiting);
        nanoseconds = new double[stages.Length];
        MostHeld = waiting + 1;
        own = new FrameFork(this);
    }

    /// <summary>Is told of every frame whose results are there.</summary>
    public FrameHandler? Done { get; set; }

    /// <summary>Is told of every frame that was captured and ended without results; when all is stopped, on the thread that stops.</summary>
    internal FrameDropHandler? Dropped { get; set; }

    /// <summary>The frame to be filled next. Of the capturing thread.</summary>
    public Frame Incoming => own.Incoming;

    /// <summary>How many frames it holds at most: those that wait, and the one that is worked on.</summary>
    internal int MostHeld { get; }

    internal override TimeSpan? Next => (current ?? (newest is null ? queue!.Peek() : newest.Peek()))?.Time;

    /// <summary>Hands <see cref="Incoming"/> over, which is another frame then. Never waits, except for <see cref="QueuePolicy.EveryFrame"/>. Of the capturing thread.</summary>
    /// <param name="captured">When it was captured, on the engine's clock; null for now.</param>
    public void Post(TimeSpan? captured = null) => own.Post(captured);

    /// <summary>Takes a frame that is held for it. Of the capturing thread.</summary>
    internal void Take(CapturedFrame frame)
    {
        try
        {
            if (!Enter(1, frame.Time))
            {
                Dropped?.Invoke(frame.Frame, frame.Time, FrameOutcome.Stopped);
                frame.Release();
                return;
            }
            if (newest is not null)
            {
                if (newest.Post(frame) is { } replaced) Drop(replaced, FrameOutcome.Replaced);
                return;
            }
            while (!queue!.TryPut(frame))
            {
                if (policy == QueuePolicy.Bounded || IsStopped)
                {
                    Drop(frame, IsStopped ? FrameOutcome.Stopped : FrameOutcome.Overrun);
                    return;
                }
                room.WaitOne();
            }
        }
        finally
        {
            Leave();
        }
    }

    internal override bool Advance(in TimeBudget budget)
    {
        TimeSpan now = Now;
        if (current is null && !Begin(now)) return false;
        CapturedFrame frame = current!;
        try
        {
            for (; stage < stages.Length; stage++)
            {
                if (IsLate(frame.Time, now)) break;
                long start = budget.Timestamp;
                bool done = stages[stage].Advance(frame.Frame, budget);
                nanoseconds[stage] += budget.Nanoseconds(start, budget.Timestamp);
                if (!done) return false;
                now = Now;
            }
            if (IsLate(frame.Time, now))
            {
                Abandon();
                Return(FrameOutcome.TimedOut);
                return true;
            }
            FrameOutcome outcome = FailOvers() > failOvers ? FrameOutcome.FailedOver : FrameOutcome.Result;
            for (int i = 0; i < stages.Length; i++) Stages[i].Latency.Add(TimeSpan.FromTicks((long)(nanoseconds[i] / TimeSpan.NanosecondsPerTick)));
            CaptureToResult.Add(now - frame.Time);
            Results.Add(now);
            Done?.Invoke(frame.Frame, new FrameReport(outcome, frame.Time, now - frame.Time, begun - frame.Time));
            Return(outcome);
            return true;
        }
        catch when (current is not null)
        {
            Abandon();
            Return(FrameOutcome.Failed);
            throw;
        }
    }

    private protected override void StopCapture() => room.Set();

    private protected override void EndAll()
    {
        if (current is not null)
        {
            Abandon();
            Return(FrameOutcome.Stopped);
        }
        while (Take() is { } waiting) Drop(waiting, FrameOutcome.Stopped);
    }

    private bool Begin(TimeSpan now)
    {
        current = Take();
        if (current is null) return false;
        (begun, stage, failOvers) = (now, 0, FailOvers());
        Array.Clear(nanoseconds);
        Waited.Add(now - current.Time);
        return true;
    }

    private CapturedFrame? Take()
    {
        CapturedFrame? taken = newest is null ? queue!.Take() : newest.Take();
        if (policy == QueuePolicy.EveryFrame) room.Set();
        return taken;
    }

    private void Return(FrameOutcome outcome)
    {
        CapturedFrame frame = current!;
        if (outcome is not (FrameOutcome.Result or FrameOutcome.FailedOver)) Drop(frame, outcome);
        else
        {
            // Counted first: who sees the buffer come back sees the frame ended.
            End(outcome);
            frame.Release();
        }
        current = null;
    }

    private void Drop(CapturedFrame frame, FrameOutcome outcome)
    {
        End(outcome);
        Dropped?.Invoke(frame.Frame, frame.Time, outcome);
        frame.Release();
    }

    private void Abandon()
    {
        if (stage < stages.Length) stages[stage].Abandon();
    }

    private long FailOvers()
    {
        long sum = 0;
        foreach (IFrameStage one in stages) sum += one.FailOvers;
        return sum;
    }
}
