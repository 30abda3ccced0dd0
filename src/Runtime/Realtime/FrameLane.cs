using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Realtime;

/// <summary>A lane of pictures: <see cref="Incoming"/> is filled and posted by the capturing thread, the stages are gone through by the working one.</summary>
public sealed class FrameLane : Lane
{
    private readonly IFrameStage[] stages;
    private readonly QueuePolicy policy;
    private readonly Mailbox<Captured>? newest;
    private readonly HandOver<Captured>? queue;
    private readonly HandOver<Captured> free;
    private readonly AutoResetEvent room = new(false);
    private Captured incoming;
    private Captured? current;
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
        if (policy == QueuePolicy.NewestWins) newest = new Mailbox<Captured>();
        else queue = new HandOver<Captured>(waiting);
        nanoseconds = new double[stages.Length];
        // One that is written and one that is worked on, besides those that wait; so there is always one to be written.
        free = new HandOver<Captured>(waiting + 2);
        for (int i = 0; i <= waiting; i++) free.TryPut(new Captured());
        incoming = new Captured();
    }

    /// <summary>Is told of every frame whose results are there.</summary>
    public FrameHandler? Done { get; set; }

    /// <summary>Is told of every frame that was captured and ended without results; when all is stopped, on the thread that stops.</summary>
    internal FrameDropHandler? Dropped { get; set; }

    /// <summary>The frame to be filled next. Of the capturing thread.</summary>
    public Frame Incoming => incoming.Frame;

    internal override TimeSpan? Next => (current ?? (newest is null ? queue!.Peek() : newest.Peek()))?.Time;

    /// <summary>Hands <see cref="Incoming"/> over, which is another frame then. Never waits, except for <see cref="QueuePolicy.EveryFrame"/>. Of the capturing thread.</summary>
    /// <param name="captured">When it was captured, on the engine's clock; null for now.</param>
    public void Post(TimeSpan? captured = null)
    {
        incoming.Time = captured ?? Now;
        try
        {
            if (!Enter(1, incoming.Time))
            {
                Dropped?.Invoke(incoming.Frame, incoming.Time, FrameOutcome.Stopped);
                return;
            }
            if (newest is not null)
            {
                Captured? replaced = newest.Post(incoming);
                if (replaced is not null) Drop(replaced, FrameOutcome.Replaced);
                incoming = replaced ?? free.Take()!;
                return;
            }
            while (!queue!.TryPut(incoming))
            {
                if (policy == QueuePolicy.Bounded || IsStopped)
                {
                    Drop(incoming, IsStopped ? FrameOutcome.Stopped : FrameOutcome.Overrun);
                    return;
                }
                room.WaitOne();
            }
            incoming = free.Take()!;
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
        Captured frame = current!;
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
        while (Take() is { } waiting)
        {
            Drop(waiting, FrameOutcome.Stopped);
            free.TryPut(waiting);
        }
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

    private Captured? Take()
    {
        Captured? taken = newest is null ? queue!.Take() : newest.Take();
        if (policy == QueuePolicy.EveryFrame) room.Set();
        return taken;
    }

    private void Return(FrameOutcome outcome)
    {
        // Counted first: who sees the buffer come back sees the frame ended.
        Captured frame = current!;
        if (outcome is FrameOutcome.Result or FrameOutcome.FailedOver) End(outcome);
        else Drop(frame, outcome);
        current = null;
        free.TryPut(frame);
    }

    private void Drop(Captured frame, FrameOutcome outcome)
    {
        End(outcome);
        Dropped?.Invoke(frame.Frame, frame.Time, outcome);
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

    /// <summary>A frame with its buffer, which goes round and round.</summary>
    private sealed class Captured
    {
        public Frame Frame { get; } = new();

        public TimeSpan Time { get; set; }
    }
}
