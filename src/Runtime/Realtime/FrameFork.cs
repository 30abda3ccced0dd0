using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Realtime;

/// <summary>
/// Hands the frames of one source to several lanes, each of which goes at its own speed. A picture is written once, and its buffer is free again when the last lane is done with it: stages and handlers
/// must not write to it.
/// </summary>
public sealed class FrameFork
{
    private readonly FrameLane[] lanes;
    private readonly CapturedFrame[] frames;
    private int at;

    /// <summary>Prepares it.</summary>
    /// <param name="lanes">Where frames go, in this order: a lane that waits for room makes those after it wait.</param>
    public FrameFork(params FrameLane[] lanes)
    {
        ArgumentNullException.ThrowIfNull(lanes);
        ArgumentOutOfRangeException.ThrowIfZero(lanes.Length, nameof(lanes));
        this.lanes = [.. lanes];
        // One that is written, besides all that lanes may hold: so there is always one that is free.
        frames = new CapturedFrame[1 + lanes.Sum(l => l.MostHeld)];
        for (int i = 0; i < frames.Length; i++) frames[i] = new CapturedFrame();
    }

    /// <summary>The frame to be filled next. Of the capturing thread.</summary>
    public Frame Incoming => frames[at].Frame;

    /// <summary>Hands <see cref="Incoming"/> over, which is another frame then. Waits for none but lanes of <see cref="QueuePolicy.EveryFrame"/>. Of the capturing thread.</summary>
    /// <param name="captured">When it was captured, on the engine's clock; null for now.</param>
    public void Post(TimeSpan? captured = null)
    {
        CapturedFrame frame = frames[at];
        frame.Time = captured ?? lanes[0].Now;
        frame.Hold(lanes.Length);
        foreach (FrameLane lane in lanes) lane.Take(frame);
        while (!frames[at].IsFree) at = (at + 1) % frames.Length;
    }
}
