using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Benchmark;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>bench</c>: how fast a model runs, as a whole, layer by layer, beside ONNX Runtime and beside an older run; docs/benchmarks.md says how each figure is measured.</summary>
internal static class BenchCommand
{
    private const string OnnxRuntime = "onnxruntime", MlPerf = "MLPerf single stream";

    private const int UsualRuns = 200, MostRuns = 1_000_000;

    private static readonly TimeSpan LongestComparison = TimeSpan.FromSeconds(20);

    public static Command Create()
    {
        var model = new Argument<string[]>("model") { Description = $"{ModelLoader.Description} With --suite: names of its models, where not all are wanted.", Arity = ArgumentArity.ZeroOrMore };
        Option<string[]> inputs = InputShapes.Option();
        var runs = new Option<int>("--runs") { Description = "Counted runs.", DefaultValueFactory = _ => UsualRuns };
        var mlperf = new Option<bool>("--mlperf") { Description = "MLPerf's single stream: at least 1,024 runs and 60 seconds; the 90th percentile is the result." };
        var perLayer = new Option<bool>("--per-layer") { Description = "Time each layer too." };
        var compare = new Option<string[]>("--compare") { Description = "onnxruntime, to take turns with on the same input; or a file that bench --json wrote: what differs by more than 5 % and three times the noise is flagged." };
        var onnx = new Option<string?>("--onnx") { Description = "The ONNX model that an .edge file was made from, for the peer; found by checksum if it is in the zoo." };
        var noStart = new Option<bool>("--no-start") { Description = "Leave out what takes processes of their own: cold starts and the peak of memory." };
        var json = new Option<bool>("--json") { Description = "Print JSON: one object for each backend and number of threads, one a line." };
        var command = new Command("bench", "Measures a model: latency, load time, memory, layers, and the ratio to ONNX Runtime or an older run.")
        {
            model, inputs, runs, mlperf, perLayer, compare, onnx, noStart, json,
        };
        var backends = new BenchBackends(command);
        var kernels = new KernelBenchOptions(command);
        var files = new BenchFiles(command);
        var suite = new SuiteOptions(command);
        command.SetAction((parsed, stop) =>
        {
            int count = parsed.GetValue(runs);
            if (count is < 1 or > MostRuns) throw new EdgeException(ErrorCode.BadUsage, $"--runs {count} is not within 1…{MostRuns:N0}.");
            IReadOnlyList<(string Name, SessionOptions Options)> places = backends.Parse(parsed);
            string[] given = parsed.GetValue(model)!;
            if (suite.IsGiven(parsed) && Array.Find<Option>([inputs, mlperf, perLayer, compare, onnx], o => parsed.GetResult(o) is { Implicit: false }) is { } stray)
                throw new EdgeException(ErrorCode.BadUsage, $"{stray.Name} is of no use with --suite.", "Leave it out, or measure one model with it.");
            if (suite.IsGiven(parsed) && backends.IsAll(parsed)) return Task.Run(() => suite.Compare(parsed, given, backends.Comparing(parsed), parsed.GetResult(runs) is { Implicit: false } ? count : null, parsed.GetValue(json), stop), stop);
            if (suite.IsGiven(parsed)) return Task.Run(() => suite.Run(parsed, given, backends.SuiteThreads(parsed), places[0].Options.Tuning, parsed.GetResult(runs) is { Implicit: false } ? count : null, !parsed.GetValue(noStart), parsed.GetValue(json), files, stop), stop);
            if (given.Length > 1) throw new EdgeException(ErrorCode.BadUsage, $"{given.Length} models are given.", "Give one, or --suite.");
            string? name = given.FirstOrDefault();
            if (kernels.AreGiven(parsed)) return Task.FromResult(kernels.Run(parsed, name, parsed.GetValue(inputs), places[0].Options, parsed.GetValue(json), stop));
            if (name is null) throw new EdgeException(ErrorCode.BadUsage, "bench needs a model.", "`edgert bench MODEL`, --suite for all, or --kernel for a step without a model.");
            (bool beside, OldRun? old) = Comparisons(parsed.GetValue(compare) ?? []);
            long start = Stopwatch.GetTimestamp();
            using LoadedModel loaded = ModelLoader.Load(name, InputShapes.Parse(parsed.GetValue(inputs)), stop: stop);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            OnnxModel? source = beside ? loaded.Onnx ?? SourceModel.Find(loaded, parsed.GetValue(onnx)) : null;
            bool isFile = loaded.Conversion is null && parsed.GetValue(inputs) is not { Length: > 0 };
            using var subject = new BenchSubject(loaded.Model, source, isFile ? loaded.Path : null);
            bool layers = parsed.GetValue(perLayer) || files.HasPage(parsed);
            var settings = new BenchSettings
            {
                Limits = parsed.GetValue(mlperf) ? TurnLimits.SingleStream : new TurnLimits(count),
                Rule = parsed.GetValue(mlperf) ? MlPerf : null,
                Peer = beside ? ReferenceRuntime.LoadWithProgress(stop) : null,
                PerLayer = layers, Peaks = layers ? MachinePeaks.Measure : null, Start = !parsed.GetValue(noStart), Loaded = time, Stop = stop,
            };
            (List<BenchReport> reports, List<SessionOptions> used) = Measure(subject, places, settings, old, backends.IsAll(parsed), parsed.GetValue(json));
            files.Write(parsed, reports, loaded.Model.Graph, used);
            if (backends.IsAll(parsed) && !parsed.GetValue(json))
            {
                Console.Out.WriteLine();
                var limits = new TurnLimits(count, AtMost: LongestComparison);
                PlacementRow row = BenchProgress.Run(subject.Name, progress => PlacementBench.Measure(subject, subject.Precision, backends.Comparing(parsed), limits, stop));
                foreach (string line in PlacementTables.Of([row])) Console.Out.WriteLine(line);
            }
            return Task.FromResult(reports.Any(r => r.OutputsMatch == false || r.Comparison is { IsSlower: true }) ? ExitCode.FailedCheck : ExitCode.Done);
        });
        return command;
    }

    /// <summary>Measures in each place and prints each report when it is there. With all backends, those that this machine has not are named.</summary>
    private static (List<BenchReport> Reports, List<SessionOptions> Used) Measure(BenchSubject subject, IReadOnlyList<(string Name, SessionOptions Options)> places, BenchSettings settings, OldRun? old, bool all, bool json)
    {
        var reports = new List<BenchReport>();
        var used = new List<SessionOptions>();
        foreach ((string name, SessionOptions options) in places)
        {
            BenchReport report;
            try
            {
                report = BenchProgress.Run(subject.Name, progress => ModelBenchmark.Measure(subject, options, settings with { Progress = progress }));
            }
            catch (EdgeException e) when (all && ExitCode.Of(e.Code) == ExitCode.DeviceTrouble)
            {
                Console.Error.WriteLine($"{name}: not measured: {e.Problem}");
                continue;
            }
            if (old is not null)
            {
                RunComparison? comparison = old.Compare(report);
                string[] notes = comparison is null ? [.. report.Notes, $"'{old.File}' has nothing of this model on {report.Backend} with {Quantity.Of(report.Threads, "thread")} in {report.Precision}"] : report.Notes;
                report = report with { Comparison = comparison, Notes = notes };
            }
            Print(report, isFirst: reports.Count == 0, json);
            reports.Add(report);
            used.Add(options);
        }
        if (!json)
            foreach (string line in Speedups(reports)) Console.Out.WriteLine(line);
        return (reports, used);
    }

    private static void Print(BenchReport report, bool isFirst, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(report, BenchJson.Default.BenchReport));
            return;
        }
        if (!isFirst) Console.Out.WriteLine();
        foreach (string line in BenchTables.Of(report, Terminal.Out.Profile.Width)) Console.Out.WriteLine(line);
    }

    /// <summary>How much faster more threads are, where several numbers were measured.</summary>
    private static IEnumerable<string> Speedups(List<BenchReport> reports)
    {
        BenchReport[] cpu = [.. reports.Where(r => r.Backend == "cpu")];
        if (cpu.Length < 2) yield break;
        yield return "";
        foreach (BenchReport other in cpu[1..])
        {
            string peers = other.Peers.Length > 0 ? $"; {other.Peers[0].Name} {cpu[0].Peers[0].MedianMs / other.Peers[0].MedianMs:0.00}" : "";
            yield return $"{Quantity.Of(other.Threads, "thread")}: {cpu[0].MedianMs / other.MedianMs:0.00} times as fast as {cpu[0].Threads}{peers}";
        }
    }

    /// <summary>What to compare with: the peer, an older run, or both.</summary>
    private static (bool Beside, OldRun? Old) Comparisons(string[] given)
    {
        bool beside = false;
        OldRun? old = null;
        foreach (string what in given)
        {
            if (what == OnnxRuntime) beside = true;
            else if (!File.Exists(what)) throw new EdgeException(ErrorCode.BadUsage, $"'{what}' is not a value of --compare: it takes {OnnxRuntime}, or a file that `edgert bench --json` wrote.");
            else if (old is not null) throw new EdgeException(ErrorCode.BadUsage, $"--compare names two older runs, '{old.File}' and '{what}'.", "Give one.");
            else old = OldRun.Read(what);
        }
        return (beside, old);
    }
}
