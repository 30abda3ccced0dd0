using System.Diagnostics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Tools.Media;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipeline <c>enhance</c>: a sound without its noise, into a WAV file.</summary>
internal static class EnhanceRun
{
    public static void Run(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        var feed = new SoundFeed(request, "enhance", output, stop);
        string save = request.Save ?? throw new EdgeException(ErrorCode.BadUsage, "'enhance' needs --save.", "Give a file for the sound without noise, such as --save clean.wav.");
        EdgeModel? next = SpeechModels.Second(model.Metadata.Name) is { } second ? request.Load(second) : null;
        using var enhancer = new SpeechEnhancer(model, next, request.Options.Session);
        float[] part = new float[enhancer.HopSamples], clean = new float[enhancer.HopSamples];
        long skipped = 0, start = Stopwatch.GetTimestamp();
        double seconds = 0;
        WavWriter.Write(save, enhancer.SampleRate, write =>
        {
            seconds = feed.Hear(enhancer.SampleRate, enhancer.HopSamples, new TakerStage("enhance", (part, _) => Process(part)));
            // What is still on its way.
            for (int behind = enhancer.Delay; behind > 0; behind -= enhancer.HopSamples) Process([]);

            void Process(ReadOnlySpan<float> given)
            {
                given.CopyTo(part);
                part.AsSpan(given.Length).Clear();
                enhancer.Process(part, clean);
                int late = (int)Math.Min(clean.Length, enhancer.Delay - skipped);
                skipped += late;
                write(clean.AsSpan(late));
            }
        });
        double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (request.Json)
            output.WriteLine(ClassTexts.Json(json =>
            {
                json.WriteString("saved", save);
                json.WriteNumber("seconds", Math.Round(seconds, 3));
                json.WriteNumber("times_realtime", Math.Round(seconds / took, 1));
            }));
        else output.WriteLine($"{save}: {seconds:0.0} s, {seconds / took:0.0} times as fast as it sounds");
    }
}
