using EdgeRuntime.Diagnostics;
using EdgeRuntime.Realtime.Sounds;

namespace EdgeRuntime.Realtime;

/// <summary>A thread that writes sound to a lane, of a microphone as it comes or of a file at its own rate; the lane is closed when the sound ends.</summary>
public sealed class SoundCapture : IDisposable
{
    private const int BlocksOfSecond = 100;

    private readonly SoundStream? stream;
    private readonly ReadOnlyMemory<float> sound;
    private readonly SoundLane lane;
    private readonly ManualResetEvent stop = new(false);
    private Thread? thread;

    /// <summary>Prepares to capture sound that goes on.</summary>
    /// <param name="stream">Where it comes from. It belongs to the capture from now on, which closes it.</param>
    /// <param name="lane">Where it goes.</param>
    public SoundCapture(SoundStream stream, SoundLane lane)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(lane);
        (this.stream, this.lane) = (stream, lane);
    }

    /// <summary>Prepares to give sound as if a microphone recorded it now.</summary>
    /// <param name="sound">The samples, at the lane's rate.</param>
    /// <param name="lane">Where it goes.</param>
    public SoundCapture(ReadOnlyMemory<float> sound, SoundLane lane)
    {
        ArgumentNullException.ThrowIfNull(lane);
        (this.sound, this.lane) = (sound, lane);
    }

    /// <summary>What went wrong with the source, or null.</summary>
    public EdgeException? Failure { get; private set; }

    /// <summary>Listens to all sound that goes on, or null.</summary>
    public SourceWatch? Watch { get; init; }

    /// <summary>Begins to capture.</summary>
    public void Start()
    {
        if (thread is not null) throw new InvalidOperationException("It was started already.");
        thread = new Thread(Run) { IsBackground = true, Name = $"EdgeRuntime capture of {lane.Name}", Priority = ThreadPriority.AboveNormal };
        thread.Start();
    }

    /// <summary>Stops capturing and closes the source.</summary>
    public void Dispose()
    {
        stop.Set();
        stream?.Stop();
        thread?.Join();
        stream?.Dispose();
    }

    private void Run()
    {
        try
        {
            if (stream is null) Play();
            else Record(stream);
        }
        catch (EdgeException e)
        {
            // Closed in the middle of a read, a source complains; that is of no interest to anyone.
            if (!stop.WaitOne(0)) Failure = e;
        }
        finally
        {
            lane.Close();
        }
    }

    private void Record(SoundStream from)
    {
        var block = new float[Math.Max(1, lane.SampleRate / BlocksOfSecond)];
        long missing = 0;
        for (int got = block.Length; got == block.Length && !stop.WaitOne(0) && !lane.IsStopped;)
        {
            got = from.Read(block);
            // The rest of a block that was cut counts as silence, so there may be fewer missing than before.
            long gap = from.Missing - missing;
            if (gap > 0)
            {
                lane.Skip(gap);
                missing = from.Missing;
            }
            Watch?.Hear(block.AsSpan(0, got), lane.Now);
            lane.Write(block.AsSpan(0, got));
        }
    }

    private void Play()
    {
        int block = Math.Max(1, lane.SampleRate / BlocksOfSecond);
        TimeSpan start = lane.Now;
        for (int at = 0; at < sound.Length && !lane.IsStopped; at += block)
        {
            ReadOnlySpan<float> next = sound.Span.Slice(at, Math.Min(block, sound.Length - at));
            TimeSpan due = start + TimeSpan.FromSeconds((double)(at + next.Length) / lane.SampleRate), now = lane.Now;
            // Rounded up: a wait counts whole milliseconds, and sound must not come before its time.
            if (stop.WaitOne(due > now ? (int)Math.Ceiling((due - now).TotalMilliseconds) : 0)) return;
            lane.Write(next, due > now ? due : null);
        }
    }
}
