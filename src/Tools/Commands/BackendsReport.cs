using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Verification;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>What <c>verify --backends</c> prints of one model: a line for each layer with a column for each backend, the outputs of the whole, and the first layer that differs.</summary>
internal static partial class BackendsReport
{
    /// <summary>Compares, prints, and saves the culprit; the exit code.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="saved">Outputs that it must have, or null.</param>
    /// <param name="backends">The backends, the reference first.</param>
    /// <param name="caseFolder">Where the culprit is written as a case, or null.</param>
    /// <param name="json">Whether to print JSON.</param>
    /// <param name="stop">Ends it.</param>
    public static int Run(string name, Graphs.Graph model, Tensor[] inputs, Tensor[]? saved, IReadOnlyList<ComparedBackend> backends, string? caseFolder, bool json, CancellationToken stop)
    {
        BackendVerdict verdict = new BackendComparison(model, inputs, backends, saved).Run(null, stop);
        string? path = verdict.Culprit is not null && caseFolder is not null ? BackendCase.Save(caseFolder, verdict.Culprit) : null;
        Report report = Summarize(name, verdict, backends, path);
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(report, BackendsJson.Default.Report));
        else Print(report);
        if (path is not null) Console.Error.WriteLine($"saved as {path}; `edgert verify {path} --backends {string.Join(',', backends.Select(b => b.Name))}` runs it");
        else if (verdict.Culprit is not null) Console.Error.WriteLine("--save-case DIR writes this layer as a test case of its own, with the inputs that show the difference");
        return report.Passed ? ExitCode.Done : ExitCode.FailedCheck;
    }

    private static Report Summarize(string name, BackendVerdict verdict, IReadOnlyList<ComparedBackend> backends, string? path)
    {
        Layer[] layers =
        [
            .. verdict.Layers.Select(l => new Layer(l.Node.Outputs[0].Name, l.Node.Operator.Name, l.Node.Outputs[0].Type.ToString(), l.IsExact ? "bytes" : "tolerance",
                [.. l.Backends.Select(b => new Cell(b.Backend, b.Refusal, b.Kernel, b.Different, b.MaxAbsolute))])),
        ];
        Backend[] whole =
        [
            .. verdict.Whole.Select((w, i) => new Backend(w.Backend, backends[i].Backend.Traits.Device, w.Steps, i == 0 ? 0 : layers.Count(l => l.Backends[i - 1].Different > 0), w.Same, w.MaxRelative, w.Wrong, w.Events)),
        ];
        Bad? bad = verdict.Culprit is { } c
            ? new Bad(c.Layer.Outputs[0].Name, c.Layer.Operator.Name, c.Backend, (c.ReferenceIsRight, c.BackendIsRight) switch { (true, _) => c.Backend, (_, true) => backends[0].Name, _ => "both" }, path) : null;
        return new Report(name, backends[0].Name, verdict.Layers.Count(l => !l.IsExact), verdict.Passed, bad, whole, layers);
    }

    private static void Print(Report report)
    {
        string prefix = ShortText.CommonPrefix([.. report.Layers.Select(l => l.Name).Where(n => n.Contains('/'))]);
        if (prefix.Length > 0) Console.Out.WriteLine($"names begin with {prefix}");
        int[] widths = [.. report.Backends.Skip(1).Select(b => Math.Max(10, b.Name.Length))];
        Console.Out.WriteLine($"{"value",-38} {"operator",-12} {"compared",-9} {string.Join(' ', report.Backends.Skip(1).Select((b, i) => b.Name.PadRight(widths[i])))}");
        foreach (Layer layer in report.Layers)
            Console.Out.WriteLine($"{ShortText.Fit(ShortText.Without(prefix, layer.Name), 38),-38} {ShortText.Cut(layer.Operator, 12),-12} {layer.Compared,-9} {string.Join(' ', layer.Backends.Select((c, i) => Word(c).PadRight(widths[i])))}".TrimEnd());
        Console.Out.WriteLine();
        Console.Out.WriteLine($"{"backend",-22} {"device",-36} {"steps",-9} outputs");
        foreach (Backend b in report.Backends)
        {
            Console.Out.WriteLine($"{ShortText.Cut(b.Name, 22),-22} {ShortText.Cut(b.Device, 36),-36} {$"{b.Steps}/{report.Layers.Length}",-9} {(b.Name == report.Reference ? "the reference" : b.Same ? "the same bytes" : b.Wrong is not null ? $"DIFFER: {b.Wrong}" : $"max rel {b.MaxRel:0.0e+00}")}");
            foreach (string trouble in b.Events) Console.Out.WriteLine($"  {trouble}");
        }
        foreach (IGrouping<string, string> refused in report.Layers.SelectMany(l => l.Backends.Where(c => c.Refusal is not null).Select(c => (l.Operator, Text: $"{c.Backend}: {c.Refusal}"))).GroupBy(r => r.Text, r => r.Operator))
            Console.Out.WriteLine($"not taken ({refused.Count()}: {string.Join(", ", refused.Distinct())}) by {refused.Key}");
        int exact = report.Layers.Length - report.FloatLayers;
        Console.Out.WriteLine($"{report.Model}: {exact} layers compared byte for byte, {report.FloatLayers} of floats within their operators' tolerances, inputs of each from {report.Reference}");
        if (report.Passed) Terminal.Out.MarkupLine("[green]passed[/]");
        else if (report.Culprit is { } bad) Terminal.Out.MarkupLineInterpolated($"[red]failed[/]: the first layer that differs is '{bad.Layer}' ({bad.Operator}), on {bad.Backend}; by definition {(bad.Wrong == "both" ? "both are wrong" : $"{bad.Wrong} is wrong")}");
        else Terminal.Out.MarkupLineInterpolated($"[red]failed[/]: no layer differs by itself, but the whole model does");
    }

    private static string Word(Cell cell) => cell.Refusal is not null ? "-" : cell.Different > 0 ? $"≠ {cell.Different}" : cell.MaxAbs > 0 ? $"{cell.MaxAbs:0.0e+00}" : "=";

    /// <summary>What --json prints.</summary>
    internal sealed record Report(string Model, string Reference, int FloatLayers, bool Passed, Bad? Culprit, Backend[] Backends, Layer[] Layers);

    /// <summary>The first layer that differs, on which backend, who is wrong by the operator's definition, and where it was saved.</summary>
    internal sealed record Bad(string Layer, string Operator, string Backend, string Wrong, string? Saved);

    /// <summary>A backend: the steps that it took of the whole model, how many layers differ on it, and whether the outputs of the whole do.</summary>
    internal sealed record Backend(string Name, string Device, int Steps, int DifferentLayers, bool Same, double MaxRel, string? Wrong, IReadOnlyList<string> Events);

    /// <summary>A layer, compared by bytes or within its operator's tolerance.</summary>
    internal sealed record Layer(string Name, string Operator, string Type, string Compared, Cell[] Backends);

    /// <summary>A layer on a backend: why it was refused, or how many elements differ and the largest difference.</summary>
    internal sealed record Cell(string Backend, string? Refusal, string Kernel, long Different, double MaxAbs);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    [JsonSerializable(typeof(Report))]
    private sealed partial class BackendsJson : JsonSerializerContext;
}
