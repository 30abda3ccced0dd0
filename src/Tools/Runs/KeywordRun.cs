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
        string source = SoundFeed.Source(request, "keyword");
        using var spotter = new KeywordSpotter(model, request.Options.ScoreThreshold ?? DefaultThreshold, request.Options.Session);
        IReadOnlyList<string> labels = LabelNames.Of(model);
        int found = 0;
        double heard = SoundFeed.Hear(source, spotter.SampleRate, spotter.PartSamples, new TakerStage("keyword", Hear), request.Json ? output : null, stop);
        for (int i = 0; i < PartsAfter && !SoundStream.Means(source); i++) Hear([]);
        DeviceEvents.Print(spotter.Session, Console.Error);
        Console.Error.WriteLine($"{heard:0.0} s heard, {found} found");

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
