using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Inspection;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>inspect</c>: what is in a model.</summary>
internal static partial class InspectCommand
{
    /// <summary>Widths of the layer table; 107 columns together.</summary>
    private const int NameWidth = 21, OperatorWidth = 23, ShapeWidth = 14, BackendWidth = 6, KernelWidth = 17;

    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = ModelLoader.Description };
        Option<string[]> inputs = InputShapes.Option();
        var text = new Option<bool>("--text") { Description = "Print the graph, one node a line with all attributes." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("inspect", "Shows a model: metadata, inputs, outputs, and each layer with shape, size, cost and kernel.") { model, inputs, text, json };
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
            else Print(report);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(ModelReport report)
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
        Field("weights", $"{report.Parameters:N0} parameters, {report.WeightBytes / 1e3:N0} kB");
        if (report.Mflop is { } mflop) Field("cost", $"{mflop:N1} MFLOP, {report.ArenaBytes / 1e3:N0} kB of working memory");

        string prefix = ShortText.CommonPrefix([.. report.Layers.Select(l => l.Name).Where(n => n.Contains('/'))]);
        if (prefix.Length > 0) Field("names", $"begin with {prefix}");
        Console.Out.WriteLine();
        Row("#", "layer", "operator", "output", "params", "MFLOP", "on", "kernel");
        foreach (LayerReport layer in report.Layers)
        {
            Row($"{layer.Index}", ShortText.Fit(ShortText.Without(prefix, layer.Name), NameWidth), ShortText.Cut(layer.Summary, OperatorWidth), ShortText.Fit(ShapeOf(layer.Output), ShapeWidth),
                layer.Parameters == 0 ? "" : $"{layer.Parameters:N0}", layer.Mflop is { } f && f > 0 ? $"{f:N2}" : "", layer.Backend ?? "", ShortText.Cut(layer.Kernel ?? "", KernelWidth));
        }
        if (report.Placement is not { } placement) return;
        Console.Out.WriteLine();
        Console.Out.Write(PlacementText.Of(placement));
    }

    /// <summary>The shape alone where the type is the usual one.</summary>
    private static string ShapeOf(string type) => type.StartsWith("f32[", StringComparison.Ordinal) && type.EndsWith(']') ? type[4..^1] : type;

    private static void Field(string name, string value)
    {
        if (value.Length > 0) Console.Out.WriteLine($"{name,-10} {value}");
    }

    private static void Row(string index, string name, string op, string shape, string parameters, string mflop, string backend, string kernel) =>
        Console.Out.WriteLine($"{index,3} {name,-NameWidth} {op,-OperatorWidth} {shape,-ShapeWidth} {parameters,9} {mflop,8} {backend,-BackendWidth} {kernel}".TrimEnd());

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
    [JsonSerializable(typeof(ModelReport))]
    private sealed partial class InspectJson : JsonSerializerContext;
}
