using System.Diagnostics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Realtime;

/// <summary>Opens a source, and tells of the program that does it as soon as it runs, so that it can be ended while it opens.</summary>
internal delegate FfmpegSource LiveOpener(Action<FfmpegProcess> started);

/// <summary>
/// A camera or a stream that is opened anew when it ends, fails or gives nothing: after 1, 2, 4 … 30 seconds, until it is there again or somebody closes it. Frames are counted on, and times are those
/// of one clock. A stream that says how long it is ends there.
/// </summary>
internal sealed class LiveSource : FrameSource
{
    /// <summary>After so long without a frame this is told; after so long it is given up and opened anew.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2), Endurance = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    private readonly LiveOpener open;
    private readonly ManualResetEvent stop = new(false);
    private readonly Lock guard = new();
    private readonly Backoff backoff = new();
    private readonly Timer? watch;
    private FfmpegProcess? child;
    private FfmpegSource? source;
    private volatile bool disposed;
    private bool atEnd;
    private long count;
    private long readingSince;
    private TimeSpan lastFrame, lostSince;
    private int width, height;

    public LiveSource(string name, LiveOpener open, CancellationToken stop = default)
    {
        (Name, this.open) = (name, open);
        // A stream that nobody sends yet holds this up for a while.
        using (stop.Register(Dispose))
        {
            try
            {
                source = open(Started);
            }
            catch (EdgeException) when (disposed)
            {
                throw new OperationCanceledException(stop);
            }
        }
        (width, height, lastFrame) = (source.Width, source.Height, Now);
        watch = new Timer(_ => Check(), null, Endurance / 4, Endurance / 4);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override bool IsLive => true;

    /// <inheritdoc/>
    public override int Width => width;

    /// <inheritdoc/>
    public override int Height => height;

    private static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    /// <inheritdoc/>
    public override string Describe() => source?.Describe() ?? Name;

    /// <inheritdoc/>
    public override bool Read(Frame frame)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        while (!atEnd && (source is not null || Reopen()))
        {
            string why;
            try
            {
                if (!Await(source!)) why = $"no frame came within {Endurance.TotalSeconds:0} seconds";
                else if (ReadFrom(source!, frame))
                {
                    Take(frame);
                    return true;
                }
                else if (disposed || source!.IsWhole)
                {
                    atEnd = true;
                    return false;
                }
                else why = "it ended";
            }
            catch (EdgeException e) when (!disposed)
            {
                why = e.Problem;
            }
            catch (Exception e) when (disposed && e is EdgeException or ObjectDisposedException or IOException)
            {
                return false;
            }
            Lose(why);
        }
        return false;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (guard)
        {
            disposed = true;
            stop.Set();
            child?.Kill();
            source?.Dispose();
            watch?.Dispose();
        }
    }

    private void Started(FfmpegProcess program)
    {
        lock (guard)
        {
            child = program;
            if (disposed) program.Kill();
        }
    }

    private void Take(Frame frame)
    {
        backoff.Reset();
        (frame.Index, lastFrame) = (count++, frame.Time);
        if ((frame.Width, frame.Height) == (width, height)) return;
        Told?.Invoke(new SourceEvent(SourceTrouble.Resized, Begins: true, frame.Time, TimeSpan.Zero, $"{width} x {height} before, {frame.Width} x {frame.Height} now"));
        (width, height) = (frame.Width, frame.Height);
    }

    private bool ReadFrom(FfmpegSource from, Frame frame)
    {
        Volatile.Write(ref readingSince, Stopwatch.GetTimestamp());
        try
        {
            return from.Read(frame);
        }
        finally
        {
            Volatile.Write(ref readingSince, 0);
        }
    }

    /// <summary>Ends a program that has announced a frame and does not give it: a read that waits cannot.</summary>
    private void Check()
    {
        long since = Volatile.Read(ref readingSince);
        if (since == 0 || Stopwatch.GetElapsedTime(since) < Endurance) return;
        lock (guard) child?.Kill();
    }

    /// <summary>Waits until there is a frame or an end; false when there was none for too long.</summary>
    private bool Await(FfmpegSource from)
    {
        if (from.Wait(Patience) || disposed) return true;
        TimeSpan since = Now - Patience;
        Told?.Invoke(new SourceEvent(SourceTrouble.Stalled, Begins: true, Now, Patience));
        bool came = from.Wait(Endurance - Patience) || disposed;
        Told?.Invoke(new SourceEvent(SourceTrouble.Stalled, Begins: false, Now, Now - since, came ? "" : "given up"));
        return came;
    }

    private void Lose(string why)
    {
        lock (guard)
        {
            source!.Dispose();
            (source, child) = (null, null);
        }
        // A stream that gives nothing when it is opened anew is still the same loss.
        if (backoff.Tries > 0) return;
        lostSince = lastFrame;
        // Ctrl-C in a terminal ends FFmpeg too, before anybody has closed the source.
        if (stop.WaitOne(Moment)) return;
        Told?.Invoke(new SourceEvent(SourceTrouble.Lost, Begins: true, Now, Now - lostSince, why));
    }

    /// <summary>Tries again and again; false when somebody closed it meanwhile.</summary>
    private bool Reopen()
    {
        while (!stop.WaitOne(backoff.Next()))
        {
            try
            {
                FfmpegSource opened = open(Started);
                lock (guard)
                {
                    source = opened;
                    if (!disposed)
                    {
                        Told?.Invoke(new SourceEvent(SourceTrouble.Lost, Begins: false, Now, Now - lostSince, $"{backoff.Tries} {(backoff.Tries == 1 ? "try" : "tries")}"));
                        return true;
                    }
                    source.Dispose();
                    return false;
                }
            }
            catch (EdgeException)
            {
                // Not there yet, which has been told.
                if (disposed) return false;
            }
        }
        return false;
    }
}
