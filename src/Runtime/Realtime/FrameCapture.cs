using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Realtime;

/// <summary>A thread that reads a source and posts its frames to one lane or several; they are closed when the source ends.</summary>
public sealed class FrameCapture : IDisposable
{
    private readonly FrameSource source;
    private readonly FrameLane[] lanes;
    private readonly FrameFork fork;
    private readonly ManualResetEvent stop = new(false);
    private Thread? thread;

    /// <summary>Prepares it.</summary>
    /// <param name="source">Where frames come from. It belongs to the capture from now on, which closes it.</param>
    /// <param name="lanes">Where they go. Several lanes look at the same picture, and must not write to it.</param>
    public FrameCapture(FrameSource source, params FrameLane[] lanes)
    {
        ArgumentNullException.ThrowIfNull(source);
        fork = new FrameFork(lanes);
        (this.source, this.lanes) = (source, [.. lanes]);
    }

    /// <summary>True to give the frames of a file at its own rate, as if it were live: a frame's capture time is then when it was to come, or was there, if that was later.</summary>
    public bool IsPaced { get; init; }

    /// <summary>Most frames that are captured.</summary>
    public long Limit { get; init; } = long.MaxValue;

    /// <summary>Looks at each frame, or null.</summary>
    public SourceWatch? Watch { get; init; }

    /// <summary>True when the source has ended, or was given up.</summary>
    public bool HasEnded => Array.TrueForAll(lanes, static l => l.IsClosed);

    /// <summary>What went wrong with the source, or null.</summary>
    public EdgeException? Failure { get; private set; }

    /// <summary>Begins to capture.</summary>
    public void Start()
    {
        if (thread is not null) throw new InvalidOperationException("It was started already.");
        thread = new Thread(Run) { IsBackground = true, Name = $"EdgeRuntime capture of {lanes[0].Name}", Priority = ThreadPriority.AboveNormal };
        thread.Start();
    }

    /// <summary>Stops capturing and closes the source.</summary>
    public void Dispose()
    {
        stop.Set();
        source.Dispose();
        thread?.Join();
    }

    private void Run()
    {
        try
        {
            TimeSpan? start = null;
            for (long count = 0; count < Limit && !stop.WaitOne(0) && source.Read(fork.Incoming); count++)
            {
                Frame frame = fork.Incoming;
                TimeSpan captured = source.IsLive ? frame.Time : lanes[0].Now;
                if (IsPaced && !source.IsLive)
                {
                    TimeSpan due = (start ??= captured - frame.Time) + frame.Time;
                    // Rounded up: a wait counts whole milliseconds, and a frame must not come before its time.
                    if (due > captured && stop.WaitOne((int)Math.Ceiling((due - captured).TotalMilliseconds))) break;
                    if (due > captured) captured = due;
                }
                Watch?.Look(frame, captured);
                fork.Post(captured);
                if (Array.TrueForAll(lanes, static l => l.IsStopped)) break;
            }
        }
        catch (EdgeException e)
        {
            // Closed in the middle of a read, a source complains; that is of no interest to anyone.
            if (!stop.WaitOne(0)) Failure = e;
        }
        catch (Exception e) when (stop.WaitOne(0) && e is ObjectDisposedException or IOException)
        {
            // It was closed while this thread waited for a frame.
        }
        finally
        {
            foreach (FrameLane lane in lanes) lane.Close();
        }
    }
}
