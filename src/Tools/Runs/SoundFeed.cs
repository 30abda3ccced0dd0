using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Tools.Recording;

namespace EdgeRuntime.Tools.Runs;

/// <summary>Takes the samples of a part, and when the first of them was recorded.</summary>
internal delegate void SoundTaker(ReadOnlySpan<float> part, TimeSpan time);

/// <summary>The sound of a pipeline: a file from its beginning to its end, a microphone until it is stopped, or a recording; and what is kept of it.</summary>
internal sealed class SoundFeed
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly PromptRequest request;
    private readonly TextWriter? json;
    private readonly CancellationToken stop;
    private SessionRecorder? recorder;
    private SoundLane? lane;

    /// <summary>Looks at what a pipeline that hears was given as its source.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="pipeline">The pipeline's name, for messages.</param>
    /// <param name="output">Where troubles are told as JSON, if that is asked for.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="EdgeException">Nothing was given, or a text besides.</exception>
    public SoundFeed(PromptRequest request, string pipeline, TextWriter output, CancellationToken stop)
    {
        if (request.Prompt is not null) throw new EdgeException(ErrorCode.BadUsage, $"'{pipeline}' hears a sound; it has no use for --prompt.", "Give --source FILE.");
        Source = request.Source ?? throw new EdgeException(ErrorCode.BadUsage, $"'{pipeline}' needs --source.", "Give a sound (a WAV file, or with FFmpeg one of any format), microphone, pulse:NAME or the address of a stream.");
        (this.request, json, this.stop) = (request, request.Json ? output : null, stop);
    }

    /// <summary>A file, a microphone or a stream.</summary>
    public string Source { get; }

    /// <summary>True for sound that goes on, and true for a recording of it.</summary>
    public bool GoesOn => SoundStream.Means(Source);

    /// <summary>Keeps what was heard, or compares it with what was kept. On the thread that hears.</summary>
    public void Tell(RecordedHeard heard)
    {
        recorder?.Heard(heard);
        request.Replay?.Tell(heard);
    }

    /// <summary>How long ago sound was recorded that a microphone gave; null for files.</summary>
    /// <param name="time">The sound's time, counted from the first sample.</param>
    public TimeSpan? Since(TimeSpan time) => lane?.Origin is { } origin ? lane.Now - origin - time : null;

    /// <summary>
    /// Gives the sound to someone, part by part: a file as fast as he hears it, with a last part that may be shorter. A microphone is recorded on a thread of its own into a lane's ring, so that nothing is
    /// lost while words are written down, until it is stopped; its account and its troubles go to standard error.
    /// </summary>
    /// <param name="sampleRate">Samples a second that are wanted.</param>
    /// <param name="samples">Samples of a part.</param>
    /// <param name="stage">Who hears.</param>
    /// <param name="probability">What the model gave for the last part, which is kept with it.</param>
    /// <returns>How many seconds there were.</returns>
    /// <exception cref="EdgeException">The sound cannot be read.</exception>
    public double Hear(int sampleRate, int samples, ISoundStage stage, Func<float>? probability = null)
    {
        probability ??= () => 0;
        if (request.Replay is { } replay) return replay.Feed(sampleRate, samples, stage, probability, stop);
        // Before there is anything to hear: that it cannot be written shows at once.
        recorder = request.Record?.Invoke();
        return GoesOn ? Listen(sampleRate, samples, stage, probability) : Play(sampleRate, samples, stage, probability);
    }

    private double Play(int sampleRate, int samples, ISoundStage stage, Func<float> probability)
    {
        float[] sound = SoundFile.Read(Source, sampleRate);
        int heard = 0;
        while (heard < sound.Length && !stop.IsCancellationRequested)
        {
            ReadOnlySpan<float> part = sound.AsSpan(heard, Math.Min(samples, sound.Length - heard));
            TimeSpan time = TimeSpan.FromSeconds((double)heard / sampleRate);
            stage.Advance(part, time, TimeBudget.Unlimited);
            recorder?.Sound(part, time, time, probability());
            heard += part.Length;
        }
        return (double)heard / sampleRate;
    }

    private double Listen(int sampleRate, int samples, ISoundStage stage, Func<float> probability)
    {
        var report = new SourceReport(Source, json is null ? null : line => json.WriteLine(line));
        using var engine = new RealtimeEngine();
        lane = new SoundLane(stage.Name, sampleRate, samples, null, stage)
        {
            Done = recorder is null ? null : (ReadOnlySpan<float> part, TimeSpan time, in FrameReport done) => recorder.Sound(part, time, done.Captured, probability()),
        };
        engine.Add(lane);
        SoundStream stream = SoundStream.Open(Source, sampleRate);
        stream.Told = report.Tell;
        using var capture = new SoundCapture(stream, lane) { Watch = new SourceWatch(report.Tell) };
        try
        {
            engine.Start();
            capture.Start();
            while (!engine.Wait(Look) && !stop.IsCancellationRequested)
            {
            }
            // What was recorded is still heard.
            capture.Dispose();
            while (!engine.Wait(Look))
            {
            }
            if (capture.Failure is { } failure && !stop.IsCancellationRequested) throw failure;
        }
        finally
        {
            engine.Stop();
            FrameCounts counts = lane.Counts;
            recorder?.SoundLost = counts.Captured - counts.Results;
            Console.Error.WriteLine($"sound    {counts} samples{(stream.Missing > 0 ? $"; {stream.Missing} missing while the source was lost" : "")}");
        }
        return (double)lane.Counts.Captured / sampleRate;
    }
}

/// <summary>Something that only takes parts, as a stage.</summary>
/// <param name="name">What it is called.</param>
/// <param name="take">Takes a part.</param>
/// <param name="reset">Forgets what was before a loss, or null.</param>
internal sealed class TakerStage(string name, SoundTaker take, Action? reset = null) : ISoundStage
{
    public string Name => name;

    public bool Advance(ReadOnlySpan<float> part, TimeSpan time, in TimeBudget budget)
    {
        take(part, time);
        return true;
    }

    void ISoundStage.Reset() => reset?.Invoke();
}
