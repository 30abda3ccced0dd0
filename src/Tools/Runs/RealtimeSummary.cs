using System.Text.Json;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Reports;
using Spectre.Console;

namespace EdgeRuntime.Tools.Runs;

/// <summary>What is said of a run in realtime when it has ended.</summary>
internal static class RealtimeSummary
{
    private static readonly double[] Parts = [0.5, 0.95, 0.99];

    /// <summary>Latency of each stage and of the whole way, from histograms.</summary>
    public static Table Latency(RealtimeRun run)
    {
        Table table = new Table().Border(TableBorder.Horizontal).AddColumn("latency in ms");
        foreach (string column in (string[])["p50", "p95", "p99", "max"]) table.AddColumn(new TableColumn(column).RightAligned());
        Add("waited", run.Lane.Waited, bold: false);
        Add("preprocess", run.Preprocess, bold: false);
        Add("inference", run.Inference, bold: false);
        Add("decode", run.Decode, bold: false);
        foreach (StageLatency part in run.Parts) Add(part.Name, part.Latency, bold: false);
        Add("capture to result", run.Lane.CaptureToResult, bold: true);
        if (run.Ticks is { } ticks) Add("tick of the host's loop", ticks, bold: false);
        return table;

        void Add(string name, LatencyHistogram histogram, bool bold)
        {
            string[] cells = [name, .. Parts.Select(p => Text(histogram.Percentile(p))), Text(histogram.Max)];
            table.AddRow(bold ? Array.ConvertAll(cells, c => $"[bold]{c}[/]") : cells);
        }
    }

    /// <summary>The account and the rates, a line each.</summary>
    public static IEnumerable<string> Lines(RealtimeRun run, TimeSpan? budget)
    {
        yield return $"frames   {run.Lane.Counts}";
        yield return $"rate     {Rate(run.Lane.Captures)} captured, {Rate(run.Lane.Results)} results";
        if (run.Sound is { } sound)
        {
            yield return $"sound    {sound.Counts} samples; capture to result p50 {Text(sound.CaptureToResult.Percentile(0.5))}, p99 {Text(sound.CaptureToResult.Percentile(0.99))}, max {Text(sound.CaptureToResult.Max)} ms";
            yield return $"speech   in {run.WindowsWithSpeech} of {Quantity.Of(sound.CaptureToResult.Count, "window")}";
        }
        if (run.BytesPerFrame is { } bytes) yield return $"garbage  {bytes:0.0} bytes a frame";
        if (run.Ticks is { } ticks && budget is { } length)
            yield return $"ticks    {Quantity.Of(ticks.Count, "tick")}, {100 * ticks.PartWithin(length + TimeSpan.FromMilliseconds(1)):0.00} % within {length.TotalMilliseconds + 1:0.#} ms";
    }

    /// <summary>The same as an object of JSON.</summary>
    public static void Write(Stream stream, RealtimeRun run)
    {
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject("summary");
            Write(json, run.Lane.Counts);
            if (run.BytesPerFrame is { } bytes) json.WriteNumber("allocated_bytes_per_frame", Math.Round(bytes, 1));
            if (run.Sound is { } sound)
            {
                json.WriteStartObject("sound");
                Write(json, sound.Counts);
                json.WriteNumber("windows", sound.CaptureToResult.Count);
                json.WriteNumber("windows_with_speech", run.WindowsWithSpeech);
                Write(json, "latency_ms", sound.CaptureToResult);
                json.WriteEndObject();
            }
            json.WriteNumber("captured_per_second", Math.Round(run.Lane.Captures.PerSecond, 3));
            json.WriteNumber("results_per_second", Math.Round(run.Lane.Results.PerSecond, 3));
            json.WriteNumber("capture_jitter_ms", Milliseconds(run.Lane.Captures.Jitter));
            json.WriteNumber("result_jitter_ms", Milliseconds(run.Lane.Results.Jitter));
            json.WriteStartObject("latency_ms");
            Write(json, "waited", run.Lane.Waited);
            Write(json, "preprocess", run.Preprocess);
            Write(json, "inference", run.Inference);
            Write(json, "decode", run.Decode);
            foreach (StageLatency part in run.Parts) Write(json, part.Name, part.Latency);
            Write(json, "capture_to_result", run.Lane.CaptureToResult);
            if (run.Ticks is { } ticks) Write(json, "tick", ticks);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
    }

    private static void Write(Utf8JsonWriter json, FrameCounts counts)
    {
        json.WriteNumber("captured", counts.Captured);
        json.WriteNumber("results", counts.Results);
        json.WriteNumber("failed_over", counts.FailedOver);
        json.WriteNumber("timed_out", counts.TimedOut);
        json.WriteStartObject("dropped");
        json.WriteNumber("replaced", counts.Replaced);
        json.WriteNumber("overrun", counts.Overrun);
        json.WriteNumber("failed", counts.Failed);
        json.WriteNumber("stopped", counts.Stopped);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, LatencyHistogram histogram)
    {
        json.WriteStartObject(name);
        json.WriteNumber("p50", Milliseconds(histogram.Percentile(0.5)));
        json.WriteNumber("p95", Milliseconds(histogram.Percentile(0.95)));
        json.WriteNumber("p99", Milliseconds(histogram.Percentile(0.99)));
        json.WriteNumber("max", Milliseconds(histogram.Max));
        json.WriteEndObject();
    }

    private static string Rate(Pace pace) => $"{pace.PerSecond:0.0}/s (jitter {pace.Jitter.TotalMilliseconds:0.00} ms)";

    private static string Text(TimeSpan time) => LatencySummary.Text(time.TotalMilliseconds);

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}
