using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Realtime;

/// <summary>Is told of every part of sound that was listened to, on the thread that works. Of a short last part, or one before a loss, the rest is silence.</summary>
public delegate void SoundHandler(ReadOnlySpan<float> part, TimeSpan time, in FrameReport report);

/// <summary>
/// A lane of sound: the capturing thread writes samples, in blocks of any length, and the stages listen to parts of one length. Its account is of samples. A part's capture time is that of its last
/// sample, so that latency does not count how long the part is.
/// </summary>
public sealed class SoundLane : Lane
{
    private readonly ISoundStage[] stages;
    private readonly SampleRing<float> ring;
    private readonly float[] part;
    private readonly double[] nanoseconds;
    private long origin = long.MinValue, position, expected, failOvers;
    private int samples, stage;
    private TimeSpan begun;

    /// <summary>Makes a lane.</summary>
    /// <param name="name">What it is called in reports.</param>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="partSamples">Samples of a part.</param>
    /// <param name="options">Order and deadline, and with <see cref="SoundLaneOptions"/> how much sound may wait, or null for no order and eight seconds.</param>
    /// <param name="stages">What listens to each part, in order.</param>
    public SoundLane(string name, int sampleRate, int partSamples, LaneOptions? options = null, params ISoundStage[] stages) : base(name, options ?? new LaneOptions(), stages.Select(s => s.Name))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(partSamples, 1);
        this.stages = stages;
        SampleRate = sampleRate;
        part = new float[partSamples];
        nanoseconds = new double[stages.Length];
        TimeSpan waiting = (options as SoundLaneOptions ?? new SoundLaneOptions()).Buffer;
        ring = new SampleRing<float>((int)Math.Clamp(waiting.TotalSeconds * sampleRate, 4.0 * partSamples, MostWaiting));
    }

    private const int MostWaiting = 1 << 26;

    /// <summary>Samples a second.</summary>
    public int SampleRate { get; }

    /// <summary>Samples of a part.</summary>
    public int PartSamples => part.Length;

    /// <summary>How many samples there is room for now. Of the capturing thread, who may wait for it where nothing must be lost.</summary>
    public int Room => ring.Capacity - ring.Count;

    /// <summary>Is told of every part that was listened to.</summary>
    public SoundHandler? Done { get; set; }

    /// <summary>When the first sample was recorded, on the engine's clock; null before.</summary>
    internal TimeSpan? Origin => Volatile.Read(ref origin) is var ticks && ticks == long.MinValue ? null : TimeSpan.FromTicks(ticks);

    internal override TimeSpan? Next => samples > 0 ? CaptureTime(position + samples)
        : ring.Has(part.Length) || (IsClosed && ring.Count > 0) ? CaptureTime(ring.Position + part.Length) : null;

    /// <summary>Takes samples, between -1 and 1; what there is no room for is lost, and counted. Never waits. Of the capturing thread.</summary>
    /// <param name="added">The samples.</param>
    /// <param name="captured">When the last of them was recorded, on the engine's clock; null for now. Samples after the first block are timed by their number.</param>
    public void Write(ReadOnlySpan<float> added, TimeSpan? captured = null)
    {
        if (added.IsEmpty) return;
        TimeSpan time = captured ?? Now;
        if (origin == long.MinValue) Volatile.Write(ref origin, (time - Length(added.Length)).Ticks);
        try
        {
            if (!Enter(added.Length, time)) return;
            int kept = ring.Write(added);
            if (kept < added.Length) End(FrameOutcome.Overrun, added.Length - kept);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Some samples were never recorded, since the source was lost for a while: time goes on behind them, and stages are told of the loss. They are in no account. Of the capturing thread.</summary>
    /// <param name="count">How many.</param>
    public void Skip(long count)
    {
        if (origin != long.MinValue) ring.Skip(count);
    }

    internal override bool Advance(in TimeBudget budget)
    {
        TimeSpan now = Now;
        if (samples == 0 && !Begin(now)) return false;
        TimeSpan captured = CaptureTime(position + samples);
        try
        {
            for (; stage < stages.Length; stage++)
            {
                if (IsLate(captured, now)) break;
                long start = budget.Timestamp;
                bool done = stages[stage].Advance(part, Length(position), budget);
                nanoseconds[stage] += budget.Nanoseconds(start, budget.Timestamp);
                if (!done) return false;
                now = Now;
            }
            if (IsLate(captured, now))
            {
                Return(FrameOutcome.TimedOut);
                return true;
            }
            FrameOutcome outcome = FailOvers() > failOvers ? FrameOutcome.FailedOver : FrameOutcome.Result;
            for (int i = 0; i < stages.Length; i++) Stages[i].Latency.Add(TimeSpan.FromTicks((long)(nanoseconds[i] / TimeSpan.NanosecondsPerTick)));
            CaptureToResult.Add(now - captured);
            Results.Add(now);
            Done?.Invoke(part, Length(position), new FrameReport(outcome, captured, now - captured, begun - captured));
            Return(outcome);
            return true;
        }
        catch when (samples > 0)
        {
            Return(FrameOutcome.Failed);
            throw;
        }
    }

    private protected override void EndAll()
    {
        if (samples > 0) Return(FrameOutcome.Stopped);
        for (int got; (got = ring.ReadRest(part, out _)) > 0;) End(FrameOutcome.Stopped, got);
    }

    private bool Begin(TimeSpan now)
    {
        samples = IsClosed ? ring.ReadRest(part, out position) : ring.Read(part, out position);
        if (samples == 0) return false;
        if (position != expected)
            foreach (ISoundStage one in stages) one.Reset();
        expected = position + samples;
        (begun, stage, failOvers) = (now, 0, FailOvers());
        Array.Clear(nanoseconds);
        Waited.Add(now - CaptureTime(expected));
        return true;
    }

    private void Return(FrameOutcome outcome)
    {
        if (stage < stages.Length) stages[stage].Abandon();
        End(outcome, samples);
        samples = 0;
    }

    private TimeSpan CaptureTime(long sample) => TimeSpan.FromTicks(Volatile.Read(ref origin)) + Length(sample);

    private TimeSpan Length(long count) => TimeSpan.FromTicks((long)((double)count / SampleRate * TimeSpan.TicksPerSecond));

    private long FailOvers()
    {
        long sum = 0;
        foreach (ISoundStage one in stages) sum += one.FailOvers;
        return sum;
    }
}
