using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>
/// Runs in the trace-event format that chrome://tracing and ui.perfetto.dev open: a process for each backend and number of threads, with a track for runs, one for steps on the CPU and on a device, and one for each worker.
/// Complete events ("X") have their begin and duration in microseconds.
/// </summary>
internal static class TraceFile
{
    private const int RunTrack = 1, StepTrack = 2, DeviceTrack = 3, FirstWorker = 4;

    /// <summary>Writes the file, whole or not at all.</summary>
    public static void Write(string path, IReadOnlyList<RunTrace> traces) => AtomicFile.Write(path, stream => Write(stream, traces));

    internal static void Write(Stream stream, IReadOnlyList<RunTrace> traces)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.Default });
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ns");
        json.WriteStartArray("traceEvents");
        for (int i = 0; i < traces.Count; i++) Process(json, i + 1, traces[i]);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Process(Utf8JsonWriter json, int process, RunTrace trace)
    {
        Named(json, process, 0, "process_name", trace.Title);
        Track(json, process, RunTrack, "runs");
        if (trace.Steps.Any(s => s.Backend == "cpu")) Track(json, process, StepTrack, "steps on the CPU");
        if (trace.Steps.Any(s => s.Backend != "cpu")) Track(json, process, DeviceTrack, $"steps on {trace.Steps.First(s => s.Backend != "cpu").Backend}, one behind the other");
        for (int worker = 0; worker < trace.Workers && trace.Pieces.Count > 0; worker++) Track(json, process, FirstWorker + worker, worker == 0 ? "worker 0, the caller" : FormattableString.Invariant($"worker {worker}"));

        for (int i = 0; i < trace.Runs.Count; i++)
        {
            Begin(json, "X", process, RunTrack, FormattableString.Invariant($"run {i + 1}"), "run", trace.Runs[i]);
            json.WriteEndObject();
        }
        foreach (RunTrace.StepSpan step in trace.Steps)
        {
            double nanoseconds = Math.Max(1, step.Time.End - step.Time.Start);
            Begin(json, "X", process, step.Backend == "cpu" ? StepTrack : DeviceTrack, step.Name, step.Operator, step.Time);
            json.WriteStartObject("args");
            json.WriteNumber("run", step.Run + 1);
            json.WriteString("operator", step.Operator);
            json.WriteString("backend", step.Backend);
            json.WriteString("kernel", step.Kernel);
            json.WriteNumber("operations", step.Cost.Operations);
            json.WriteNumber("bytes", step.Cost.Bytes);
            json.WriteNumber("gflops", Math.Round(step.Cost.Operations / nanoseconds, 3));
            json.WriteNumber("gbps", Math.Round(step.Cost.Bytes / nanoseconds, 3));
            json.WriteEndObject();
            json.WriteEndObject();
            Rate(json, process, step.Time.Start, step.Cost.Operations / nanoseconds);
        }
        foreach (RunTrace.Span run in trace.Runs) Rate(json, process, run.End, 0);
        foreach (RunTrace.PieceSpan piece in trace.Pieces)
        {
            Begin(json, "X", process, FirstWorker + piece.Worker, piece.Name, "tiles", piece.Time);
            json.WriteStartObject("args");
            json.WriteNumber("first_tile", piece.First);
            json.WriteNumber("tiles", piece.Last - piece.First);
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }

    /// <summary>A point of the curve of operations a second.</summary>
    private static void Rate(Utf8JsonWriter json, int process, long at, double rate)
    {
        Begin(json, "C", process, RunTrack, "GFLOP/s", "rate", new RunTrace.Span(at, at));
        json.WriteStartObject("args");
        json.WriteNumber("GFLOP/s", Math.Round(rate, 3));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter json, string phase, int process, int track, string name, string category, RunTrace.Span time)
    {
        json.WriteStartObject();
        json.WriteString("name", HtmlPage.Plain(name));
        json.WriteString("cat", category);
        json.WriteString("ph", phase);
        json.WriteNumber("pid", process);
        json.WriteNumber("tid", track);
        json.WriteNumber("ts", time.Start / 1e3);
        if (phase == "X") json.WriteNumber("dur", (time.End - time.Start) / 1e3);
    }

    private static void Track(Utf8JsonWriter json, int process, int track, string name)
    {
        Named(json, process, track, "thread_name", name);
        json.WriteStartObject();
        json.WriteString("name", "thread_sort_index");
        json.WriteString("ph", "M");
        json.WriteNumber("pid", process);
        json.WriteNumber("tid", track);
        json.WriteStartObject("args");
        json.WriteNumber("sort_index", track);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Named(Utf8JsonWriter json, int process, int track, string what, string name)
    {
        json.WriteStartObject();
        json.WriteString("name", what);
        json.WriteString("ph", "M");
        json.WriteNumber("pid", process);
        json.WriteNumber("tid", track);
        json.WriteStartObject("args");
        json.WriteString("name", HtmlPage.Plain(name));
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
