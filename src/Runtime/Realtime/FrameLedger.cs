namespace EdgeRuntime.Realtime;

/// <summary>Counts frames as they come and as they end, on whichever threads. Nothing is locked or allocated.</summary>
internal sealed class FrameLedger
{
    private readonly long[] ended = new long[Enum.GetValues<FrameOutcome>().Length];
    private long captured;

    /// <summary>What has been counted. Frames that come or end meanwhile may be among those under way, never among more than one kind.</summary>
    public FrameCounts Counts
    {
        get
        {
            // What ended was captured before: reading in this order, nothing has ended that did not come.
            long results = Of(FrameOutcome.Result), failedOver = Of(FrameOutcome.FailedOver), timedOut = Of(FrameOutcome.TimedOut), replaced = Of(FrameOutcome.Replaced);
            long overrun = Of(FrameOutcome.Overrun), failed = Of(FrameOutcome.Failed), stopped = Of(FrameOutcome.Stopped);
            return new FrameCounts(Interlocked.Read(ref captured), results, failedOver, timedOut, replaced, overrun, failed, stopped);
        }
    }

    /// <summary>Frames came.</summary>
    public void Capture(long count = 1) => Interlocked.Add(ref captured, count);

    /// <summary>Frames ended.</summary>
    public void End(FrameOutcome outcome, long count = 1) => Interlocked.Add(ref ended[(int)outcome], count);

    private long Of(FrameOutcome outcome) => Interlocked.Read(ref ended[(int)outcome]);
}
