using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Inspection;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>inspect</c>: what is in a model.</summary>
internal static partial class InspectCommand
{
    /// <summary>Widths of the numbers in the layer table with the gaps between columns, and of all of it where the output is no terminal.</summary>
    private const int NumberWidth = 33, BackendWidth = 6, DefaultWidth = 100, LeastWidth = 72, MostWidth = 160;

    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = ModelLoader.Description };
        Option<string[]> inputs = InputShapes.Option();
        var text = new Option<bool>("--text") { Description = "Print the graph, one node a line with all attributes." };
        var verbose = new Option<bool>("--verbose") { Description = "Of a model that was quantized, also list the ranges and the noise of each layer." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("inspect", "Shows a model: metadata, inputs, outputs, what quantizing it cost, and each layer with shape, size, cost and kernel.") { model, inputs, text, verbose, json };
        var backend = new BackendOptions(command);
        command.SetAction(parsed =>
        {
            using LoadedModel loaded = ModelLoader.Load(parsed.GetValue(model)!, InputShapes.Parse(parsed.GetValue(inputs)));
            if (parsed.GetValue(text))
            {
                Console.Out.Write(GraphText.Dump(loaded.Model.Graph));
                return ExitCode.Done;
            }
            ModelReport report = ModelReport.Of(loaded.Model, loaded.Path, backend.Parse(parsed));
            if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(report, InspectJson.Default.ModelReport));
            else if (backend.AsksForPlacement(parsed)) Console.Out.Write(report.Placement is { } placement ? PlacementText.Of(placement, Width) : $"{report.Name}: no plan yet: shapes are open; give them with --input.\n");
            else Print(report, parsed.GetValue(verbose));
            return ExitCode.Done;
        });
        return command;
    }

    private static int Width => Console.IsOutputRedirected ? DefaultWidth : Math.Clamp(Terminal.Out.Profile.Width, LeastWidth, MostWidth);

    private static void Print(ModelReport report, bool verbose)
    {
        ModelMetadata m = report.Metadata;
        Field("model", report.Name);
        Field("file", $"{report.Path}, {report.Bytes / 1e3:N0} kB");
        Field("task", m.Task);
        Field("licence", m.License);
        Field("source", m.Source);
        Field("sha256", m.SourceSha256);
        Field("converter", m.Converter);
        if (m.Image is { } image) Field("picture", $"input '{image.Input}', {image.Channels.ToString().ToUpperInvariant()}, {image.Fit.ToString().ToLowerInvariant()}, value = pixel * {image.Scale[0]:G4} + {image.Offset[0]:G4}");
        if (m.Decoder is { } decoder) Field("decoder", decoder.Kind);
        foreach (PortReport port in report.Inputs) Field("input", $"{port.Name}  {port.Type}[{port.Shape}]");
        foreach (PortReport port in report.Outputs) Field("output", $"{port.Name}  {port.Type}[{port.Shape}]");
        string types = report.WeightTypes.Count < 2 ? "" : $": {string.Join(", ", report.WeightTypes.Where(t => t.Value >= 50).Select(t => $"{t.Value / 1e3:N1} kB {t.Key}"))}";
        Field("weights", $"{Quantity.Of(report.Parameters, "parameter")}, {report.WeightBytes / 1e3:N0} kB{types}");
        if (report.Mflop is { } mflop) Field("cost", $"{mflop:N1} MFLOP, {report.ArenaBytes / 1e3:N0} kB of working memory");

        if (m.Quantization is { } evidence)
            foreach ((string name, string line) in EvidenceText.Lines(evidence, verbose)) Console.Out.WriteLine($"{name,-10} {line}".TrimEnd());

        string prefix = ShortText.CommonPrefix([.. report.Layers.Where(l => l.Parameters > 0 && l.Name.Contains('/')).Select(l => l.Name)]);
        if (prefix.Length > 0) Field("names", $"begin with {prefix}");
        Console.Out.WriteLine();
        PrintLayers(report, prefix, Width);
        if (report.Placement is not { } placement) return;
        Console.Out.WriteLine();
        Console.Out.Write(PlacementText.Of(placement, Width));
    }

    private static void PrintLayers(ModelReport report, string prefix, int width)
    {
        // Names and operators get most of what the numbers leave.
        int texts = width - NumberWidth, name = texts * 30 / 100, op = texts * 28 / 100, shape = Math.Max(15, texts * 22 / 100), kernel = texts - name - op - shape;
        Row("#", "layer", "operator", "output", "params", "MFLOP", "on", "kernel");
        foreach (LayerReport layer in report.Layers)
        {
            Row($"{layer.Index}", ShortText.Fit(ShortText.Without(prefix, layer.Name), name), ShortText.Cut(layer.Summary, op), ShortText.Fit(ShapeOf(layer.Output), shape),
                layer.Parameters == 0 ? "" : $"{layer.Parameters:N0}", layer.Mflop is { } f && f > 0 ? $"{f:N2}" : "", layer.Backend ?? "", ShortText.Cut(layer.Kernel ?? "", kernel));
        }

        void Row(string index, string layer, string what, string output, string parameters, string mflop, string backend, string by) =>
            Console.Out.WriteLine($"{index,3} {layer.PadRight(name)} {what.PadRight(op)} {output.PadRight(shape)} {parameters,9} {mflop,8} {backend,-BackendWidth} {by}".TrimEnd());
    }

    /// <summary>The shape alone where the type is the usual one; of integers not what they stand for, which takes more room than there is.</summary>
    private static string ShapeOf(string type)
    {
        int open = type.IndexOf('['), close = type.IndexOf(']');
        if (open < 0 || close < open) return type;
        string shape = type[(open + 1)..close];
        return type.StartsWith("f32[", StringComparison.Ordinal) ? shape : $"{type[..open]} {shape}";
    }

    private static void Field(string name, string value)
    {
        if (value.Length > 0) Console.Out.WriteLine($"{name,-10} {value}");
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
    [JsonSerializable(typeof(ModelReport))]
    private sealed partial class InspectJson : JsonSerializerContext;
}
