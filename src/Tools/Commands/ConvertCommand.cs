using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Passes;
using EdgeRuntime.Tools.Quantizing;
using EdgeRuntime.Tools.Reports;
using EdgeRuntime.Tools.Verification;
using EdgeRuntime.Tools.Zoo;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>convert</c>: an ONNX or TensorFlow.js model becomes an .edge file.</summary>
internal static partial class ConvertCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("model") { Description = "The ONNX model, the model.json of a TensorFlow.js graph model or its folder, or a name of the zoo." };
        var output = new Option<string?>("--output", "-o") { Description = "The .edge file to write; beside the source by default, NAME.edge here for a name of the zoo." };
        var quantization = new QuantizationArguments();
        Option<string[]> inputs = InputShapes.Option();
        var name = new Option<string?>("--name") { Description = "Name of the model; the zoo's or the file's by default." };
        var like = new Option<string?>("--like") { Description = "A model of the zoo that takes and gives the same: what it says of pictures, outputs and labels is said of this one." };
        var verbose = new Option<bool>("--verbose") { Description = "Print the graph after import and after each pass that changed it, to standard error." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("convert", "Converts an ONNX or TensorFlow.js model to an .edge file.") { source, output, inputs, name, like, verbose, json };
        quantization.AddTo(command);
        command.SetAction(parsed =>
        {
            string given = parsed.GetValue(source)!, path = Locate(given);
            if (ModelLoader.IsEdgeFile(path)) throw new EdgeException(ErrorCode.BadUsage, $"'{path}' is an .edge file, which is converted already.", "Give the model it was made from.");
            var options = new ConversionOptions
            {
                InputShapes = InputShapes.Parse(parsed.GetValue(inputs)),
                Name = parsed.GetValue(name),
                Like = parsed.GetValue(like) is { } other ? ModelZoo.Default.Get(other) : null,
                Dump = parsed.GetValue(verbose) ? (pass, graph) => Console.Error.WriteLine($"-- {pass}: {graph.Nodes.Count} nodes\n{GraphText.Dump(graph)}") : null,
            };
            return Run(path, parsed.GetValue(output) ?? (File.Exists(given) ? Path.ChangeExtension(path, ".edge") : $"{given}.edge"), quantization.Apply(options, parsed), quantization.NameIn(parsed), parsed.GetValue(json));
        });
        return command;
    }

    /// <summary>The source model; of the zoo's it is what they were made of, not the converted file that the project ships.</summary>
    private static string Locate(string given) => !Path.Exists(given) && ModelZoo.Default.Find(given) is { } known && ModelCache.Default.Find(known) is null
        ? ModelCache.Default.Pull(known, stage => Console.Error.WriteLine($"{known.Name}: {stage}"))
        : ModelLoader.Locate(given);

    /// <summary>Converts a file, writes the result and prints what was done. A model that would lose more than it may is not written.</summary>
    /// <returns>The exit code.</returns>
    internal static int Run(string path, string target, ConversionOptions options, string precision, bool json)
    {
        if (Path.GetFullPath(target) == Path.GetFullPath(path))
            throw new EdgeException(ErrorCode.BadUsage, $"'{target}' is the source itself.", "Give another name with -o.");
        long start = Stopwatch.GetTimestamp();
        ISourceModel source = SourceReader.Read(path);
        long sourceBytes = source.ByteCount;
        ConversionResult result;
        try
        {
            result = ConversionProgress.Run(path, options, o => Converter.Convert(source, o));
        }
        catch (QuantizationRefusal refusal)
        {
            options.Report?.Invoke(refusal.Quantized, refusal.Message);
            QuantizationSummary.PrintRefusal(refusal, json);
            return ExitCode.FailedCheck;
        }
        using EdgeModel model = result.Model;
        EdgeWriter.Write(target, model);
        if (result.Quantized is { } quantized) options.Report?.Invoke(quantized, null);

        string[] untuned = Untuned(model.Graph), open = [.. model.Graph.Inputs.Where(i => !i.Type.Shape.IsStatic).Select(i => $"{i.Name} {i.Type.Format(model.Graph.Symbols)}")];
        var summary = new Summary(model.Metadata.Name, path, target, model.Metadata.Task, precision, sourceBytes,
            new FileInfo(target).Length, result.OperatorsBefore, Converter.CountOperators(model.Graph), result.HalfWeights, result.ByteWeights,
            [.. result.Passes.Where(p => p.Edits > 0)], untuned, open)
        {
            Seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 2),
            FloatBytes = result.Quantized is { } q ? EdgeWriter.ToArray(q.Float).LongLength : null,
            Quantization = result.Quantized?.Evidence,
            Note = result.Note ?? Slower(result.Quantized),
        };
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(summary, ConvertJson.Default.Summary));
        else Print(summary, options.Like?.Name);
        return ExitCode.Done;
    }

    /// <summary>What to say of a mixture of integers and floats that takes longer here than floats alone; null of others.</summary>
    private static string? Slower(QuantizedModel? quantized)
    {
        if (quantized is not { Assignment.Chosen.InFloats.Count: > 0, Graph.IsStatic: true, Space: Int8Candidates }) return null;
        Tensor[] inputs = RandomInput.For(quantized.Graph, seed: 1);
        double[] times = LatencyProbe.Minima([quantized.Float.Graph, quantized.Graph], inputs, CancellationToken.None);
        foreach (Tensor input in inputs) input.Dispose();
        return times[1] <= times[0] ? null : FormattableString.Invariant($"on this machine it takes {times[1]:0.00} ms where the float model takes {times[0]:0.00} ms: layers in floats between integers cost more than integers gain");
    }

    /// <summary>Names of the steps that would run by the slow definition of their operator.</summary>
    private static string[] Untuned(Graph graph)
    {
        if (!graph.IsStatic) return [];
        using var backend = new CpuBackend(threads: 1);
        using ICompiledPlan plan = backend.Compile(Planner.Plan(graph.Nodes.Any(n => n.Inputs.All(v => v?.Constant is not null))
            ? GraphBinding.Bind(graph, [.. graph.Inputs.Select(i => i.Type.Shape)]) : graph));
        return [.. plan.Plan.Steps.Zip(plan.Kernels).Where(s => s.Second == "evaluate").Select(s => $"{s.First.Operator.Name} '{s.First.Name}'")];
    }

    private static void Print(Summary summary, string? like)
    {
        Table passes = new Table().Border(TableBorder.Horizontal).AddColumn("pass").AddColumn(new TableColumn("edits").RightAligned()).AddColumn(new TableColumn("nodes removed").RightAligned());
        foreach (PassReport pass in summary.Passes) passes.AddRow(pass.Pass, $"{pass.Edits}", $"{pass.NodesRemoved}");
        Terminal.Out.Write(passes);
        Console.Out.WriteLine($"operators  {summary.OperatorsBefore.Values.Sum()} -> {summary.Operators.Values.Sum()}");
        Console.Out.WriteLine($"  before   {Counts(summary.OperatorsBefore)}");
        Console.Out.WriteLine($"  after    {Counts(summary.Operators)}");
        if (summary.HalfWeights > 0) Console.Out.WriteLine($"weights    {summary.HalfWeights} tensors as fp16");
        if (summary.ByteWeights > 0) Console.Out.WriteLine($"weights    {summary.ByteWeights} tensors as 8-bit integers");
        Console.Out.WriteLine($"size       {summary.SourceBytes / 1e3:N0} kB -> {summary.Bytes / 1e3:N0} kB");
        if (summary.Quantization is { } evidence) QuantizationSummary.Print(evidence, summary.FloatBytes!.Value, summary.Bytes);
        if (summary.Note is { } note) Console.Out.WriteLine($"note       {note}");
        if (like is not null) Console.Out.WriteLine($"taken as   one like {like} of the zoo, for {summary.Task}");
        else if (summary.Task.Length > 0) Console.Out.WriteLine($"known as   {summary.Name} of the zoo, for {summary.Task}");
        if (summary.UntunedSteps.Length > 0)
        {
            var operators = summary.UntunedSteps.GroupBy(s => s[..s.IndexOf(' ')]).OrderByDescending(g => g.Count()).ToDictionary(g => g.Key, g => g.Count());
            Console.Out.WriteLine($"slow       {Quantity.Of(summary.UntunedSteps.Length, "step")} without a tuned kernel: {Counts(operators)} (`edgert inspect` shows which)");
        }
        if (summary.OpenInputs.Length > 0)
            Console.Out.WriteLine($"open       {string.Join(", ", summary.OpenInputs)}\n           kernels are chosen when these sizes are known; --input NAME=SHAPE fixes them now");
        Console.Out.WriteLine($"written    {summary.Output} in {summary.Seconds:0.0} s");
    }

    private static string Counts(IReadOnlyDictionary<string, int> operators)
    {
        IEnumerable<string> most = operators.Take(8).Select(o => $"{o.Value} {o.Key}");
        return string.Join(", ", operators.Count > 8 ? most.Append($"{operators.Skip(8).Sum(o => o.Value)} others") : most);
    }

    /// <summary>What --json prints.</summary>
    internal sealed record Summary(string Name, string Source, string Output, string Task, string Precision, long SourceBytes, long Bytes,
        IReadOnlyDictionary<string, int> OperatorsBefore, IReadOnlyDictionary<string, int> Operators, int HalfWeights, int ByteWeights, PassReport[] Passes, string[] UntunedSteps, string[] OpenInputs)
    {
        /// <summary>How long it all took.</summary>
        public double Seconds { get; init; }

        /// <summary>Size of the float model's file, where this one was quantized.</summary>
        public long? FloatBytes { get; init; }

        /// <summary>What quantizing did and cost; null where nothing was quantized.</summary>
        public QuantizationEvidence? Quantization { get; init; }

        /// <summary>What was asked for and not done.</summary>
        public string? Note { get; init; }
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(Summary))]
    private sealed partial class ConvertJson : JsonSerializerContext;
}
