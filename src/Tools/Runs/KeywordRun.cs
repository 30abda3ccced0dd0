using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Sounds;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipeline <c>keyword</c>: hears a sound from its beginning to its end, and the silence after it, in which the last word is recognised.</summary>
internal static class KeywordRun
{
    private const float DefaultThreshold = 0.6f;

    private const int PartsAfter = 10;

    public static void Run(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        if (request.Prompt is not null) throw new EdgeException(ErrorCode.BadUsage, "'keyword' hears a sound; it has no use for --prompt.", "Give --source FILE.");
        string source = request.Source ?? throw new EdgeException(ErrorCode.BadUsage, "'keyword' needs --source.", "Give a sound: a WAV file, or with FFmpeg of any format.");
        using var spotter = new KeywordSpotter(model, request.Options.ScoreThreshold ?? DefaultThreshold, request.Options.Session);
        IReadOnlyList<string> labels = LabelNames.Of(model);
        float[] sound = SoundFile.Read(source, spotter.SampleRate);
        int parts = (sound.Length + spotter.PartSamples - 1) / spotter.PartSamples, found = 0;
        for (int i = 0; i < parts + PartsAfter && !stop.IsCancellationRequested; i++)
        {
            int start = Math.Min(i * spotter.PartSamples, sound.Length);
            if (!spotter.Process(sound.AsSpan(start, Math.Min(spotter.PartSamples, sound.Length - start)), out Keyword keyword)) continue;
            found++;
            string label = labels[keyword.Label];
            output.WriteLine(request.Json
                ? ClassTexts.Json(json =>
                {
                    json.WriteNumber("time_ms", keyword.Time.TotalMilliseconds);
                    json.WriteString("label", label);
                    json.WriteNumber("score", Math.Round(keyword.Score, 4));
                })
                : $"{keyword.Time.TotalSeconds,8:0.0} s  {label,-12} {keyword.Score:0.000}");
        }
        Console.Error.WriteLine($"{(double)sound.Length / spotter.SampleRate:0.0} s heard, {found} found");
    }
}
