using System.Diagnostics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Tools.Media;
using EdgeRuntime.Tools.Recording;

namespace EdgeRuntime.Tools.Runs;

/// <summary>What was heard, one line each, for people or as JSON; what was said also as captions in a file. On a terminal words that may still change are overwritten.</summary>
internal sealed class SpeechLines(TextWriter output, bool json, string? save) : IDisposable
{
    private static readonly bool Overwrites = !Console.IsOutputRedirected;

    private readonly CaptionSink? captions = save is null ? null : new CaptionSink(save);
    private readonly Stopwatch since = Stopwatch.StartNew();
    private readonly List<TimeSpan> firstWords = [];
    private bool waitsForWords;
    private int stretches, words;
    private TimeSpan speech;

    /// <summary>What wake words are called.</summary>
    public IReadOnlyList<string> WakeWords { get; init; } = [];

    /// <summary>What is added to a stretch before speech begins.</summary>
    public TimeSpan Padding { get; set; }

    /// <summary>Whether words that may still change are seen by anyone.</summary>
    public static bool ShowsPartials(bool json) => json || Overwrites;

    /// <summary>Writes what was heard, and lets the feed keep it.</summary>
    public void Tell(SpeechEvent heard, SoundFeed? feed)
    {
        feed?.Tell(new RecordedHeard(heard.Kind.ToString(), heard.Start, heard.End, heard.Text, heard.Score, heard.Label));
        Write(heard, feed?.Since(heard.End));
    }

    /// <summary>Writes what was heard.</summary>
    /// <param name="heard">What it is.</param>
    /// <param name="late">How long ago the last of it was recorded; null for files.</param>
    private void Write(SpeechEvent heard, TimeSpan? late)
    {
        if (heard.Kind == SpeechEventKind.Started) waitsForWords = true;
        if (heard.Text.Length > 0 && waitsForWords)
        {
            waitsForWords = false;
            if (late is { } behind) firstWords.Add(heard.End - heard.Start - Padding + behind);
        }
        if (heard.Kind == SpeechEventKind.WakeWord) words++;
        if (heard.Kind == SpeechEventKind.Final)
        {
            stretches++;
            speech += heard.End - heard.Start;
            if (heard.Text.Length > 0) captions?.Write(heard.Start, heard.End, heard.Text);
        }
        if (json) WriteJson(heard, late);
        else WriteText(heard);
    }

    /// <summary>The totals, and the captions' file. Of a run that failed it is no further failure when that cannot be written.</summary>
    /// <param name="seconds">How much was heard.</param>
    /// <param name="failure">Why the run failed, or null.</param>
    /// <param name="isLive">True where sound came at its own rate, so that nothing can be said of how fast it was.</param>
    public void Finish(double seconds, Exception? failure = null, bool isLive = false)
    {
        double took = since.Elapsed.TotalSeconds;
        string heard = WakeWords.Count > 0 ? $"{words} wake {(words == 1 ? "word" : "words")}, " : "";
        Console.Error.WriteLine($"{seconds:0.0} s heard, {heard}{speech.TotalSeconds:0.0} s of speech in {stretches} {(stretches == 1 ? "stretch" : "stretches")}{(isLive ? "" : $", {seconds / Math.Max(took, 1e-9):0.0} times as fast as it sounds")}");
        if (firstWords.Count > 0)
        {
            firstWords.Sort();
            Console.Error.WriteLine($"first words {firstWords[firstWords.Count / 2].TotalMilliseconds:0} ms after speech began (median), at most {firstWords[^1].TotalMilliseconds:0} ms");
        }
        try
        {
            if (captions?.Complete() is { } path) Console.Error.WriteLine($"saved {path}");
        }
        catch (EdgeException e) when (failure is not null)
        {
            Console.Error.WriteLine(e.Problem == (failure as EdgeException)?.Problem ? "The unfinished captions were removed." : $"The unfinished captions were removed: {e.Problem}");
        }
    }

    public void Dispose() => captions?.Dispose();

    private void WriteText(SpeechEvent heard)
    {
        string start = Overwrites ? "\r\u001b[K" : "", text = heard.Kind switch
        {
            SpeechEventKind.Partial => heard.Text + " …",
            SpeechEventKind.Final => heard.Text,
            SpeechEventKind.WakeWord => $"[{Word(heard)} {heard.Score:0.00}]",
            _ => "",
        };
        if (heard.Kind is SpeechEventKind.Started or SpeechEventKind.Cancelled || heard.Kind == SpeechEventKind.Partial && !Overwrites) return;
        string line = $"{start}{heard.Start.TotalSeconds,8:0.00} – {heard.End.TotalSeconds,7:0.00} s  {text}".TrimEnd();
        if (heard.Kind == SpeechEventKind.Partial) output.Write(line);
        else output.WriteLine(line);
    }

    private void WriteJson(SpeechEvent heard, TimeSpan? late) => output.WriteLine(ClassTexts.Json(json =>
    {
        json.WriteString("event", heard.Kind == SpeechEventKind.WakeWord ? "wake_word" : heard.Kind.ToString().ToLowerInvariant());
        json.WriteNumber("start_ms", Math.Round(heard.Start.TotalMilliseconds, 1));
        json.WriteNumber("end_ms", Math.Round(heard.End.TotalMilliseconds, 1));
        if (late is { } behind) json.WriteNumber("late_ms", Math.Round(behind.TotalMilliseconds, 1));
        if (heard.Text.Length > 0) json.WriteString("text", heard.Text);
        if (heard.Kind != SpeechEventKind.WakeWord) return;
        json.WriteString("label", Word(heard));
        json.WriteNumber("score", Math.Round(heard.Score, 4));
    }));

    private string Word(in SpeechEvent heard) => heard.Label < WakeWords.Count ? WakeWords[heard.Label] : $"{heard.Label}";
}
