using System.Globalization;
using System.Text.Json;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Reports;
using Spectre.Console;

namespace EdgeRuntime.Tools.Runs;

/// <summary>What is said of a run in realtime when it has ended.</summary>
internal static class RealtimeSummary
{
    private static readonly double[] Parts = [0.5, 0.95, 0.99];

    /// <summary>A tick may be so much longer than what it was given.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(1);

    /// <summary>Latency of each stage and of the whole way, from histograms.</summary>
    public static Table Latency(RealtimeRun run)
    {
        Table table = new Table().Border(TableBorder.Horizontal).AddColumn("latency in ms");
        foreach (string column in (string[])["p50", "p95", "p99", "max"]) table.AddColumn(new TableColumn(column).RightAligned());
        foreach (PictureLane one in run.Lanes)
        {
            string of = run.Lanes.Count == 1 ? "" : $"{one.Pipeline.Name}: ";
            Add(of + "waited", one.Lane.Waited, bold: false);
            Add(of + "preprocess", one.Preprocess, bold: false);
            Add(of + "inference", one.Inference, bold: false);
            Add(of + "decode", one.Decode, bold: false);
            Add(of + "capture to result", one.Lane.CaptureToResult, bold: true);
        }
        if (run.Sound is { } sound) Add($"{sound.Name}: capture to result", sound.CaptureToResult, bold: true);
        if (run.Ticks is { } ticks) Add("tick of the host's loop", ticks, bold: false);
        if (run.OwnTicks is { } own) Add("tick, without waiting for a processor", own, bold: false);
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
        foreach (PictureLane one in run.Lanes)
        {
            FrameLane lane = one.Lane;
            string of = run.Lanes.Count == 1 ? "" : $"{one.Pipeline.Name}: ";
            yield return $"frames   {of}{lane.Counts}; found in {one.FramesWithDetections} of {Quantity.Of(lane.CaptureToResult.Count, "result")}";
            yield return $"rate     {of}{Rate(lane.Captures)} captured, {Rate(lane.Results)} results";
        }
        if (run.Sound is { } sound) yield return $"sound    {sound.Name}: {sound.Counts} samples";
        if (run.Listening?.Summary is { } speech) yield return $"speech   {speech}";
        if (run.BytesPerFrame is { } bytes)
            yield return string.Create(CultureInfo.InvariantCulture, $"garbage  {bytes:0.#} bytes a frame after warm-up; {run.Allocated.Bytes:N0} bytes in all, in {run.Allocated.Spans} of {Quantity.Of(run.Allocated.All, "span")} of 100 frames");
        yield return $"memory   {Text(run.MemoryBefore)} at the beginning{(run.MemorySteady is { } steady ? $", {Text(steady)} after warm-up" : "")}, {Text(run.MemoryAfter)} at the end; "
            + $"{Quantity.Of(run.MemoryAfter.Collections - (run.MemorySteady ?? run.MemoryBefore).Collections, "collection")} of garbage";
        if (run.Ticks is { } ticks && budget is { } length)
        {
            TimeSpan bound = length + Tolerance;
            string own = run.OwnTicks is { } works ? $"; {Percent(works, bound)} without the time for which the machine ran others" : "";
            yield return $"ticks    {Quantity.Of(ticks.Count, "tick")}, {Percent(ticks, bound)} within {bound.TotalMilliseconds:0.#} ms{own}";
        }
    }

    /// <summary>The same as an object of JSON.</summary>
    public static void Write(Stream stream, RealtimeRun run, TimeSpan? budget)
    {
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject("summary");
            if (run.Lanes.Count == 1) Write(json, run.Lanes[0]);
            else
            {
                json.WriteStartArray("pipelines");
                foreach (PictureLane lane in run.Lanes)
                {
                    json.WriteStartObject();
                    json.WriteString("pipeline", lane.Pipeline.Name);
                    Write(json, lane);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }
            if (run.BytesPerFrame is { } bytes) json.WriteNumber("allocated_bytes_per_frame", Math.Round(bytes, 1));
            if (run.BytesPerFrame is not null) json.WriteNumber("allocated_bytes", run.Allocated.Bytes);
            json.WriteStartObject("memory");
            Write(json, "begin", run.MemoryBefore);
            if (run.MemorySteady is { } steady) Write(json, "steady", steady);
            Write(json, "end", run.MemoryAfter);
            json.WriteEndObject();
            if (run.Sound is { } sound)
            {
                json.WriteStartObject("sound");
                Write(json, sound.Counts);
                json.WriteNumber("windows", sound.CaptureToResult.Count);
                if (run.Listening?.WindowsWithSpeech is { } windows) json.WriteNumber("windows_with_speech", windows);
                Write(json, "latency_ms", sound.CaptureToResult);
                json.WriteEndObject();
            }
            if (run.Ticks is { } ticks && budget is { } length)
            {
                json.WriteStartObject("ticks");
                json.WriteNumber("count", ticks.Count);
                json.WriteNumber("within", Math.Round(ticks.PartWithin(length + Tolerance), 5));
                if (run.OwnTicks is { } own) json.WriteNumber("within_by_own_time", Math.Round(own.PartWithin(length + Tolerance), 5));
                Write(json, "latency_ms", ticks);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
    }

    private static void Write(Utf8JsonWriter json, PictureLane one)
    {
        FrameLane lane = one.Lane;
        Write(json, lane.Counts);
        json.WriteNumber("captured_per_second", Math.Round(lane.Captures.PerSecond, 3));
        json.WriteNumber("results_per_second", Math.Round(lane.Results.PerSecond, 3));
        json.WriteNumber("capture_jitter_ms", Milliseconds(lane.Captures.Jitter));
        json.WriteNumber("result_jitter_ms", Milliseconds(lane.Results.Jitter));
        json.WriteStartObject("latency_ms");
        Write(json, "waited", lane.Waited);
        Write(json, "preprocess", one.Preprocess);
        Write(json, "inference", one.Inference);
        Write(json, "decode", one.Decode);
        Write(json, "capture_to_result", lane.CaptureToResult);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, MemoryUse use)
    {
        json.WriteStartObject(name);
        json.WriteNumber("resident_bytes", use.Resident);
        json.WriteNumber("managed_bytes", use.Managed);
        json.WriteNumber("collections", use.Collections);
        json.WriteEndObject();
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

    private static string Text(MemoryUse use) => string.Create(CultureInfo.InvariantCulture, $"{use.Resident / 1e6:0} MB ({use.Managed / 1e6:0.0} managed)");

    private static string Percent(LatencyHistogram of, TimeSpan bound) => string.Create(CultureInfo.InvariantCulture, $"{100 * of.PartWithin(bound):0.00} %");

    private static string Rate(Pace pace) => $"{pace.PerSecond:0.0}/s (jitter {pace.Jitter.TotalMilliseconds:0.00} ms)";

    private static string Text(TimeSpan time) => LatencySummary.Text(time.TotalMilliseconds);

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}
