using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Tools.Recording;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipeline <c>keyword</c>: hears a file from its beginning to its end, and the silence after it, in which the last word is recognised; or a microphone until it is stopped.</summary>
internal static class KeywordRun
{
    private const float DefaultThreshold = 0.6f;

    private const int PartsAfter = 10;

    public static void Run(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        var feed = new SoundFeed(request, "keyword", output, stop);
        using var spotter = new KeywordSpotter(model, request.Options.ScoreThreshold ?? DefaultThreshold, request.Options.Session);
        IReadOnlyList<string> labels = LabelNames.Of(model);
        int found = 0;
        bool restarted = false;
        TimeSpan origin = TimeSpan.Zero;
        double heard = feed.Hear(spotter.SampleRate, spotter.PartSamples, new TakerStage("keyword", Hear, Restart));
        for (int i = 0; i < PartsAfter && !feed.GoesOn; i++) Hear([], TimeSpan.Zero);
        DeviceEvents.Print(spotter.Session, Console.Error);
        Console.Error.WriteLine($"{heard:0.0} s heard, {found} found");

        void Restart()
        {
            spotter.Reset();
            restarted = true;
        }

        void Hear(ReadOnlySpan<float> part, TimeSpan time)
        {
            if (restarted) (origin, restarted) = (time, false);
            if (!spotter.Process(part, out Keyword keyword)) return;
            found++;
            TimeSpan at = origin + keyword.Time;
            feed.Tell(new RecordedHeard("keyword", at, at, labels[keyword.Label], keyword.Score, keyword.Label));
            output.WriteLine(request.Json
                ? ClassTexts.Json(json =>
                {
                    json.WriteNumber("time_ms", at.TotalMilliseconds);
                    json.WriteString("label", labels[keyword.Label]);
                    json.WriteNumber("score", Math.Round(keyword.Score, 4));
                })
                : $"{at.TotalSeconds,8:0.0} s  {labels[keyword.Label],-12} {keyword.Score:0.000}");
        }
    }
}
