using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>bench</c>: how fast a model runs, as a whole, layer by layer, and beside ONNX Runtime.</summary>
internal static partial class BenchCommand
{
    private const string OnnxRuntime = "onnxruntime";

    public static Command Create()
    {
        var model = new Argument<string?>("model") { Description = ModelLoader.Description, Arity = ArgumentArity.ZeroOrOne };
        Option<string[]> inputs = InputShapes.Option();
        var runs = new Option<int>("--runs") { Description = "Counted runs.", DefaultValueFactory = _ => 200 };
        var perLayer = new Option<bool>("--per-layer") { Description = "Time each layer too." };
        var compare = new Option<string?>("--compare") { Description = "A peer to take turns with on the same input: onnxruntime." };
        compare.AcceptOnlyFromAmong(OnnxRuntime);
        var onnx = new Option<string?>("--onnx") { Description = "The ONNX model that an .edge file was made from, for the peer; found by checksum if it is in the zoo." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("bench", "Measures a model: latency, load time, memory, layers, and the ratio to ONNX Runtime.") { model, inputs, runs, perLayer, compare, onnx, json };
        var backend = new BackendOptions(command);
        var kernels = new KernelBenchOptions(command);
        var files = new BenchFiles(command);
        command.SetAction((parsed, stop) =>
        {
            int count = parsed.GetValue(runs);
            SessionOptions options = backend.Parse(parsed);
            if (count is < 1 or > 1_000_000) throw new EdgeException(ErrorCode.BadUsage, $"--runs {count} is not within 1…1,000,000.");
            if (kernels.AreGiven(parsed)) return Task.FromResult(kernels.Run(parsed, parsed.GetValue(model), parsed.GetValue(inputs), options, parsed.GetValue(json), stop));
            string name = parsed.GetValue(model) ?? throw new EdgeException(ErrorCode.BadUsage, "bench needs a model.", "`edgert bench MODEL`, or --kernel for a step without a model.");
            long start = Stopwatch.GetTimestamp();
            using LoadedModel loaded = ModelLoader.Load(name, InputShapes.Parse(parsed.GetValue(inputs)), stop: stop);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            OnnxModel? source = parsed.GetValue(compare) is null ? null : loaded.Onnx ?? SourceModel.Find(loaded, parsed.GetValue(onnx));
            (IReferenceRuntime, OnnxModel)? peer = source is null ? null : (ReferenceRuntime.LoadWithProgress(stop), source);
            BenchReport report = ModelBenchmark.Measure(loaded.Model.Graph, loaded.Model.Metadata.Name, options with { Threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads }, count, time, peer, parsed.GetValue(perLayer) || files.HasPage(parsed));
            files.Write(parsed, [report], loaded.Model.Graph, [options]);
            if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(report, BenchJson.Default.BenchReport));
            else Print(report);
            return Task.FromResult(report.OutputsMatch == false ? ExitCode.FailedCheck : ExitCode.Done);
        });
        return command;
    }

    private static void Print(BenchReport report)
    {
        Console.Out.WriteLine($"{report.Model} {report.Precision} on {report.Backend} ({report.Device}), {report.Threads} thread{(report.Threads == 1 ? "" : "s")}, {report.Runs} runs");
        Console.Out.WriteLine($"latency   median {Text(report.MedianMs)} ms  min {Text(report.MinMs)}  p90 {Text(report.P90Ms)}  p95 {Text(report.P95Ms)}  p99 {Text(report.P99Ms)}");
        Console.Out.WriteLine($"start     loaded in {Text(report.LoadMs)} ms, first run {Text(report.FirstMs)} ms");
        Console.Out.WriteLine($"memory    peak {report.PeakMemoryBytes / 1e6:N0} MB, {report.AllocatedBytes:N0} bytes of garbage in {report.Runs} runs");
        foreach (PeerReport peer in report.Peers)
        {
            Console.Out.WriteLine($"{peer.Name} {peer.Version}, in turn: median {Text(peer.MedianMs)} ms  min {Text(peer.MinMs)}; outputs {(report.OutputsMatch == true ? "match" : "DIFFER")}");
            Console.Out.WriteLine($"ratio     {report.Ratio:0.00} (ours / {peer.Name}, medians)");
        }
        if (report.Layers.Length == 0) return;

        string prefix = ShortText.CommonPrefix([.. report.Layers.Select(l => l.Name).Where(n => n.Contains('/'))]);
        Console.Out.WriteLine();
        if (prefix.Length > 0) Console.Out.WriteLine($"names begin with {prefix}");
        Console.Out.WriteLine($"{"#",3} {"layer",-34} {"operator",-10} {"on",-6} {"kernel",-20} {"us",8} {"%",5} {"GFLOP/s",8} {"GB/s",6}");
        for (int i = 0; i < report.Layers.Length; i++)
        {
            LayerTime layer = report.Layers[i];
            Console.Out.WriteLine($"{i,3} {ShortText.Fit(ShortText.Without(prefix, layer.Name), 34),-34} {ShortText.Cut(layer.Operator, 10),-10} {layer.Backend,-6} {ShortText.Cut(layer.Kernel, 20),-20} "
                + $"{layer.Us,8:0.0} {layer.Share * 100,5:0.0} {layer.Gflops,8:0.0} {layer.Gbps,6:0.0}");
        }
    }

    private static string Text(double ms) => LatencySummary.Text(ms);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    [JsonSerializable(typeof(BenchReport))]
    private sealed partial class BenchJson : JsonSerializerContext;
}
