using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Verification;
using EdgeRuntime.Tools.Zoo;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>verify</c>: a model layer by layer against ONNX Runtime.</summary>
internal static partial class VerifyCommand
{
    /// <summary>Numbers rounded to fp16 (11 bits) cannot be as near as float kernels are.</summary>
    private const double HalfTolerance = 5e-2;

    public static Command Create()
    {
        var model = new Argument<string[]>("model") { Description = $"{ModelLoader.Description} With --all: folders of ONNX models; names of the zoo, where not all of it is wanted.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "Instead of a model: every ONNX model of the zoo and of the folders given, whole, on several inputs and shapes." };
        var steps = new Option<int>("--steps") { Description = "With --all: steps of models that carry state.", DefaultValueFactory = _ => 50 };
        var onnx = new Option<string?>("--onnx") { Description = "The ONNX model that an .edge file was made from; found by checksum if it is in the zoo." };
        var tests = new Option<string?>("--onnx-tests") { Description = "Instead of a model: a folder with cases in the form of ONNX's backend tests." };
        Option<string[]> inputs = InputShapes.Option();
        var image = new Option<string?>("--image") { Description = "A picture to use as input instead of random numbers; the model file must say how pictures become inputs." };
        var tolerance = new Option<double?>("--tolerance") { Description = $"Largest relative difference of floats, |a-b| / max(|b|, rms(b), 1e-3); {TensorDifference.FloatTolerance} by default, {HalfTolerance} for fp16." };
        var seed = new Option<int>("--seed") { Description = "Seed of the random input.", DefaultValueFactory = _ => 1 };
        var backends = new Option<string?>("--backends")
        {
            Description = "Instead of ONNX Runtime, compare backends with each other: names with commas, such as cpu,cpu:avx2,vulkan:llvmpipe,opencl, the first being the reference; all that are here where none is named. Also takes cases that --save-case has written.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var saveCase = new Option<string?>("--save-case") { Description = "A folder: the first bad layer is written into it as a test case of its own, for --onnx-tests or --backends." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("verify", "Compares a model with ONNX Runtime, layer by layer on the same input.")
        {
            model, all, steps, onnx, tests, inputs, image, tolerance, seed, backends, saveCase, json,
        };
        var backend = new BackendOptions(command);
        command.SetAction((parsed, stop) =>
        {
            SessionOptions options = backend.Parse(parsed);
            if (parsed.GetValue(tests) is { } folder) return Task.FromResult(OnnxTestsReport.Run(folder, options, parsed.GetValue(json), stop));
            string[] given = parsed.GetValue(model)!;
            if (parsed.GetValue(all) && parsed.GetResult(backends) is not null)
                return Task.Run(() => WithBackends(parsed.GetValue(backends), opened => IntegersReport.Run(given, opened, parsed.GetValue(json), stop)), stop);
            if (parsed.GetValue(all)) return Task.Run(() => VerifyAllReport.Run(given, parsed.GetValue(steps), parsed.GetValue(saveCase), options, parsed.GetValue(json), stop), stop);
            string name = given.Length switch
            {
                1 => given[0],
                0 => throw new EdgeException(ErrorCode.BadUsage, "Neither a model nor --all nor --onnx-tests is given.", "`edgert verify --help` lists what there is."),
                _ => throw new EdgeException(ErrorCode.BadUsage, $"{given.Length} models are given.", "Give one, or --all with folders."),
            };
            if (parsed.GetResult(backends) is not null)
                return Task.FromResult(WithBackends(parsed.GetValue(backends), opened => CompareBackends(name, opened, InputShapes.Parse(parsed.GetValue(inputs)), parsed.GetValue(seed), parsed.GetValue(image), parsed.GetValue(saveCase), parsed.GetValue(json), stop)));
            using var opened = new OpenBackend(options);
            using LoadedModel loaded = ModelLoader.Load(name, InputShapes.Parse(parsed.GetValue(inputs)));
            OnnxModel source = loaded.Onnx ?? SourceModel.Find(loaded, parsed.GetValue(onnx));
            IReferenceRuntime reference = ReferenceRuntime.LoadWithProgress(stop);
            Graph graph = loaded.Model.Graph;
            double limit = parsed.GetValue(tolerance) ?? (options.Precision != GpuPrecision.Float32 || graph.Constants.Any(c => c.Type.DataType == DataType.F16) ? HalfTolerance : TensorDifference.FloatTolerance);
            Tensor[] values = RandomInput.For(graph, parsed.GetValue(seed), ModelZoo.Default.FindBySha256(source.Sha256)?.Trial?.Cases.FirstOrDefault());
            if (parsed.GetValue(image) is { } picture) PictureInput.Fill(loaded.Model, values, picture);
            (source, IReadOnlyList<LayerResult> layers) = OpenedBranches.Compare(graph, source, reference, values, limit, opened.Options);
            Report report = Summarize(loaded.Model.Metadata.Name, opened, reference, limit, graph, layers);
            if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(report, VerifyJson.Default.Report));
            else Print(report);
            if (layers.FirstOrDefault(l => !l.Passed) is { } bad)
            {
                if (parsed.GetValue(saveCase) is { } cases)
                {
                    string saved = new LayerCase(source, reference, layers.Select(l => l.Name).ToHashSet()).Save(cases, bad.Name, [.. graph.Inputs.Select((v, i) => (v.Name, values[i].View))]);
                    Console.Error.WriteLine($"saved as {saved}; `edgert verify --onnx-tests {cases}` runs it");
                }
                else Console.Error.WriteLine("--save-case DIR writes this layer as a test case of its own, with the inputs that show the difference");
            }
            return Task.FromResult(report.Passed ? ExitCode.Done : ExitCode.FailedCheck);
        });
        return command;
    }

    private static int CompareBackends(string name, IReadOnlyList<ComparedBackend> backends, IReadOnlyDictionary<string, Shape> shapes, int seed, string? image, string? caseFolder, bool json, CancellationToken stop)
    {
        if (BackendCase.IsCase(name))
        {
            using BackendCase given = BackendCase.Open(name);
            return BackendsReport.Run(given.Model.Metadata.Name, given.Model.Graph, given.Inputs, given.Outputs, backends, caseFolder, json, stop);
        }
        using LoadedModel loaded = ModelLoader.Load(name, shapes);
        string sha = loaded.Source?.Sha256 ?? loaded.Model.Metadata.SourceSha256;
        Tensor[] values = RandomInput.For(loaded.Model.Graph, seed, sha.Length > 0 ? ModelZoo.Default.FindBySha256(sha)?.Trial?.Cases.FirstOrDefault() : null);
        if (image is not null) PictureInput.Fill(loaded.Model, values, image);
        return BackendsReport.Run(loaded.Model.Metadata.Name, loaded.Model.Graph, values, null, backends, caseFolder, json, stop);
    }

    /// <summary>Opens the backends that are named, or all.</summary>
    private static int WithBackends(string? names, Func<IReadOnlyList<ComparedBackend>, int> run)
    {
        IReadOnlyList<ComparedBackend> opened = ComparedBackend.Open(names?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [], problem => Console.Error.WriteLine($"left out: {problem}"));
        try
        {
            return opened.Count >= 2 ? run(opened) : throw new EdgeException(ErrorCode.BadUsage, $"There is only {opened[0].Name} to compare.", "Name at least two backends.");
        }
        finally
        {
            foreach (ComparedBackend backend in opened) backend.Dispose();
        }
    }

    private static Report Summarize(string model, OpenBackend opened, IReferenceRuntime reference, double tolerance, Graph graph, IReadOnlyList<LayerResult> layers)
    {
        if (layers.Count == 0) throw new EdgeException(ErrorCode.BadUsage, $"'{model}' and its source have no value in common.", "Give the model it was made from with --onnx.");
        HashSet<string> compared = [.. layers.Select(l => l.Name)];
        string? missing = graph.Outputs.FirstOrDefault(o => !compared.Contains(o.Name) && o.Value.Producer is not null)?.Name;
        LayerResult? bad = layers.FirstOrDefault(l => !l.Passed);
        return new Report(model, opened.Name, opened.Device, opened.Precision, $"{reference.Name} {reference.Version}", tolerance, layers.Max(l => l.Difference.MaxAbsolute), layers.Max(l => l.Difference.MaxRelative),
            bad is null && missing is null, bad?.Name ?? missing, layers.Count,
            [.. layers.Select(l => new Layer(l.Name, l.Operator, l.Backend, l.Kernel, l.Type, l.Difference.MaxAbsolute, l.Difference.MaxRelative,
                l.Alone?.Difference.MaxRelative, l.Alone?.Cause.ToString().ToLowerInvariant(), l.Passed))]);
    }

    private static void Print(Report report)
    {
        string prefix = ShortText.CommonPrefix([.. report.Layers.Select(l => l.Name).Where(n => n.Contains('/'))]);
        if (prefix.Length > 0) Console.Out.WriteLine($"names begin with {prefix}");
        Console.Out.WriteLine($"{"value",-38} {"operator",-10} {"on",-6} {"kernel",-20} {"max abs",9} {"max rel",9}");
        foreach (Layer layer in report.Layers)
        {
            Console.Out.WriteLine($"{ShortText.Fit(ShortText.Without(prefix, layer.Name), 38),-38} {ShortText.Cut(layer.Operator, 10),-10} {layer.Backend,-6} {ShortText.Cut(layer.Kernel, 20),-20} " +
                $"{layer.MaxAbs,9:0.0e+00} {layer.MaxRel,9:0.0e+00}{Judgement(layer)}");
        }
        foreach ((string cause, string meaning) in Meanings)
        {
            int count = report.Layers.Count(l => l.Cause == cause);
            if (count > 0) Console.Out.WriteLine($"{cause}: {count} {meaning}");
        }
        Console.Out.WriteLine($"{report.Model} on {report.Backend} against {report.Reference}: {report.Compared} values compared, max abs {report.MaxAbs:0.0e+00}, max rel {report.MaxRel:0.0e+00}, tolerance {report.Tolerance:0.0e+00}");
        if (report.Passed) Terminal.Out.MarkupLine("[green]passed[/]");
        else Terminal.Out.MarkupLineInterpolated($"[red]failed[/]: the first bad layer is '{report.FirstBadLayer}'");
    }

    /// <summary>What the causes of allowed differences mean, for people.</summary>
    private static readonly (string Cause, string Meaning)[] Meanings =
    [
        (nameof(DifferenceCause.Accumulation).ToLowerInvariant(), "values differ from the model's inputs on, but not when their layer is computed from the reference's values"),
        (nameof(DifferenceCause.Reference).ToLowerInvariant(), "values differ because the reference is farther from the operators' definitions than ours"),
    ];

    private static string Judgement(Layer layer) =>
        layer.Cause is null ? "" : $"  alone {layer.MaxRelAlone:0.0e+00}, {(layer.Passed ? layer.Cause : "FAILED")}";

    /// <summary>What --json prints.</summary>
    internal sealed record Report(string Model, string Backend, string Device, string Precision, string Reference, double Tolerance, double MaxAbs, double MaxRel, bool Passed, string? FirstBadLayer, int Compared, Layer[] Layers);

    /// <summary>One compared value. Where it differs: how far it does when its layer is computed from the reference's values, and why.</summary>
    internal sealed record Layer(string Name, string Operator, string Backend, string Kernel, string Type, double MaxAbs, double MaxRel, double? MaxRelAlone, string? Cause, bool Passed);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    [JsonSerializable(typeof(Report))]
    private sealed partial class VerifyJson : JsonSerializerContext;
}
