using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime;
using EdgeRuntime.Realtime.Sounds;

namespace EdgeRuntime.Tools.Runs;

/// <summary>Takes the samples of a part.</summary>
internal delegate void SoundTaker(ReadOnlySpan<float> part);

/// <summary>The sound of a pipeline: a file from its beginning to its end, or a microphone until it is stopped.</summary>
internal static class SoundFeed
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>What a pipeline that hears was given as its source.</summary>
    /// <exception cref="EdgeException">Nothing, or a text besides.</exception>
    public static string Source(PromptRequest request, string pipeline)
    {
        if (request.Prompt is not null) throw new EdgeException(ErrorCode.BadUsage, $"'{pipeline}' hears a sound; it has no use for --prompt.", "Give --source FILE.");
        return request.Source ?? throw new EdgeException(ErrorCode.BadUsage, $"'{pipeline}' needs --source.", "Give a sound (a WAV file, or with FFmpeg one of any format), microphone, pulse:NAME or the address of a stream.");
    }

    /// <summary>
    /// Gives the sound to someone, part by part: a file as fast as he hears it, with a last part that may be shorter. A microphone is recorded on a thread of its own into a lane's ring, so that nothing is
    /// lost while words are written down, until it is stopped; its account and its troubles go to standard error.
    /// </summary>
    /// <param name="source">A file, a microphone or a stream.</param>
    /// <param name="sampleRate">Samples a second that are wanted.</param>
    /// <param name="samples">Samples of a part.</param>
    /// <param name="stage">Who hears.</param>
    /// <param name="json">Where troubles are told as JSON, or null for people.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>How many seconds there were.</returns>
    /// <exception cref="EdgeException">The sound cannot be read.</exception>
    public static double Hear(string source, int sampleRate, int samples, ISoundStage stage, TextWriter? json, CancellationToken stop)
    {
        if (SoundStream.Means(source)) return Record(source, sampleRate, samples, stage, json, stop);
        float[] sound = SoundFile.Read(source, sampleRate);
        int heard = 0;
        for (; heard < sound.Length && !stop.IsCancellationRequested; heard = Math.Min(heard + samples, sound.Length))
        {
            int count = Math.Min(samples, sound.Length - heard);
            stage.Advance(sound.AsSpan(heard, count), TimeSpan.FromSeconds((double)heard / sampleRate), TimeBudget.Unlimited);
        }
        return (double)heard / sampleRate;
    }

    private static double Record(string source, int sampleRate, int samples, ISoundStage stage, TextWriter? json, CancellationToken stop)
    {
        var report = new SourceReport(source, json is null ? null : line => json.WriteLine(line));
        using var engine = new RealtimeEngine();
        var lane = new SoundLane(stage.Name, sampleRate, samples, null, stage);
        engine.Add(lane);
        SoundStream stream = SoundStream.Open(source, sampleRate);
        stream.Told = report.Tell;
        using var capture = new SoundCapture(stream, lane) { Watch = new SourceWatch(report.Tell) };
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
        FrameCounts counts = lane.Counts;
        Console.Error.WriteLine($"{counts.Captured:N0} samples recorded, {counts.Captured - counts.Overrun:N0} heard, {counts.Overrun:N0} lost, {stream.Missing:N0} missing while the source was lost");
        return (double)counts.Captured / sampleRate;
    }
}

/// <summary>Something that only takes parts, as a stage.</summary>
internal sealed class TakerStage(string name, SoundTaker take) : ISoundStage
{
    public string Name => name;

    public bool Advance(ReadOnlySpan<float> part, TimeSpan time, in TimeBudget budget)
    {
        take(part);
        return true;
    }
}
