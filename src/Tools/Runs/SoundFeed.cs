using EdgeRuntime.Diagnostics;
using EdgeRuntime.Realtime.Sounds;

namespace EdgeRuntime.Tools.Runs;

/// <summary>Takes the samples of a part.</summary>
internal delegate void SoundTaker(ReadOnlySpan<float> part);

/// <summary>The sound of a pipeline: a file from its beginning to its end, or a microphone until it is stopped.</summary>
internal static class SoundFeed
{
    /// <summary>What a pipeline that hears was given as its source.</summary>
    /// <exception cref="EdgeException">Nothing, or a text besides.</exception>
    public static string Source(PromptRequest request, string pipeline)
    {
        if (request.Prompt is not null) throw new EdgeException(ErrorCode.BadUsage, $"'{pipeline}' hears a sound; it has no use for --prompt.", "Give --source FILE.");
        return request.Source ?? throw new EdgeException(ErrorCode.BadUsage, $"'{pipeline}' needs --source.", "Give a sound (a WAV file, or with FFmpeg one of any format), or microphone.");
    }

    /// <summary>Gives the sound to someone, part by part; the last part may be shorter.</summary>
    /// <param name="source">A file, or a microphone.</param>
    /// <param name="sampleRate">Samples a second that are wanted.</param>
    /// <param name="samples">Samples of a part.</param>
    /// <param name="take">Told each part.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>How many seconds there were.</returns>
    /// <exception cref="EdgeException">The sound cannot be read.</exception>
    public static double Hear(string source, int sampleRate, int samples, SoundTaker take, CancellationToken stop)
    {
        long heard = 0;
        if (SoundStream.Means(source))
        {
            using SoundStream sound = SoundStream.Open(source, sampleRate);
            using CancellationTokenRegistration registration = stop.Register(sound.Stop);
            var part = new float[samples];
            for (int got = samples; got == samples && !stop.IsCancellationRequested; heard += got)
            {
                got = sound.Read(part);
                if (got > 0) take(part.AsSpan(0, got));
            }
        }
        else
        {
            float[] sound = SoundFile.Read(source, sampleRate);
            for (; heard < sound.Length && !stop.IsCancellationRequested; heard = Math.Min(heard + samples, sound.Length))
                take(sound.AsSpan((int)heard, (int)Math.Min(samples, sound.Length - heard)));
        }
        return (double)heard / sampleRate;
    }
}
