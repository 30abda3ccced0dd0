using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Sounds;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipeline <c>keyword</c>: hears a file from its beginning to its end, and the silence after it, in which the last word is recognised; or a microphone until it is stopped.</summary>
internal static class KeywordRun
{
    private const float DefaultThreshold = 0.6f;

    private const int PartsAfter = 10;

    public static void Run(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        if (request.Prompt is not null) throw new EdgeException(ErrorCode.BadUsage, "'keyword' hears a sound; it has no use for --prompt.", "Give --source FILE.");
        string source = request.Source ?? throw new EdgeException(ErrorCode.BadUsage, "'keyword' needs --source.", "Give a sound (a WAV file, or with FFmpeg one of any format), or microphone.");
        using var spotter = new KeywordSpotter(model, request.Options.ScoreThreshold ?? DefaultThreshold, request.Options.Session);
        IReadOnlyList<string> labels = LabelNames.Of(model);
        int found = 0;
        double heard = SoundStream.Means(source) ? HearStream() : HearFile();
        Console.Error.WriteLine($"{heard:0.0} s heard, {found} found");

        double HearFile()
        {
            float[] sound = SoundFile.Read(source, spotter.SampleRate);
            int parts = (sound.Length + spotter.PartSamples - 1) / spotter.PartSamples;
            for (int i = 0; i < parts + PartsAfter && !stop.IsCancellationRequested; i++)
            {
                int start = Math.Min(i * spotter.PartSamples, sound.Length);
                Hear(sound.AsSpan(start, Math.Min(spotter.PartSamples, sound.Length - start)));
            }
            return (double)sound.Length / spotter.SampleRate;
        }

        double HearStream()
        {
            using SoundStream sound = SoundStream.Open(source, spotter.SampleRate);
            using CancellationTokenRegistration registration = stop.Register(sound.Stop);
            var part = new float[spotter.PartSamples];
            long samples = 0;
            for (int got = part.Length; got == part.Length && !stop.IsCancellationRequested; samples += got)
            {
                got = sound.Read(part);
                Hear(part.AsSpan(0, got));
            }
            return (double)samples / spotter.SampleRate;
        }

        void Hear(ReadOnlySpan<float> part)
        {
            if (!spotter.Process(part, out Keyword keyword)) return;
            found++;
            output.WriteLine(request.Json
                ? ClassTexts.Json(json =>
                {
                    json.WriteNumber("time_ms", keyword.Time.TotalMilliseconds);
                    json.WriteString("label", labels[keyword.Label]);
                    json.WriteNumber("score", Math.Round(keyword.Score, 4));
                })
                : $"{keyword.Time.TotalSeconds,8:0.0} s  {labels[keyword.Label],-12} {keyword.Score:0.000}");
        }
    }
}
