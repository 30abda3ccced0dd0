using System.Reflection;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Passes;
using EdgeRuntime.Tools.Quantizing;
using EdgeRuntime.Tools.Reports;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Conversion;

/// <summary>What to do when converting.</summary>
internal sealed record ConversionOptions
{
    /// <summary>How weights are kept.</summary>
    public WeightPrecision Precision { get; init; }

    /// <summary>Shapes to fix, by input name.</summary>
    public IReadOnlyDictionary<string, Shape> InputShapes { get; init; } = new Dictionary<string, Shape>();

    /// <summary>How to quantize; null to leave the arithmetic as it is.</summary>
    public QuantizationOptions? Quantization { get; init; }

    /// <summary>Reports on a model that was quantized, and why it is not shipped where it is not; null for no report.</summary>
    public Action<QuantizedModel, string?>? Report { get; init; }

    /// <summary>Name of the model, or null for the zoo's or the file's.</summary>
    public string? Name { get; init; }

    /// <summary>The model of the zoo whose facts hold for this one too; null for what the zoo says of this very file, if anything.</summary>
    public ZooModel? Like { get; init; }

    /// <summary>Sees the graph after import and after each pass that changed it.</summary>
    public Action<string, Graph>? Dump { get; init; }
}

/// <summary>A converted model, and how it came about.</summary>
/// <param name="Model">The model.</param>
/// <param name="Passes">What each pass did.</param>
/// <param name="OperatorsBefore">Number of nodes after import, by operator.</param>
/// <param name="HalfWeights">How many constants are kept as f16.</param>
/// <param name="ByteWeights">How many constants are kept as the source's 8-bit integers.</param>
internal sealed record ConversionResult(EdgeModel Model, IReadOnlyList<PassReport> Passes, IReadOnlyDictionary<string, int> OperatorsBefore, int HalfWeights, int ByteWeights)
{
    /// <summary>How it was quantized; null where it was not.</summary>
    public QuantizedModel? Quantized { get; init; }

    /// <summary>What was asked for and not done, and why; null where all was.</summary>
    public string? Note { get; init; }
}

/// <summary>A source model to ours: import, passes, precision of weights, metadata.</summary>
internal static class Converter
{
    /// <summary>Name and version of this program, as files say it.</summary>
    public static string Version { get; } = $"edgert {typeof(Converter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}";

    private const long LargeSource = 8 << 20;

    /// <summary>Converts a file.</summary>
    /// <exception cref="EdgeException">It is no model, or cannot be imported.</exception>
    public static ConversionResult Convert(string path, ConversionOptions? options = null) => Convert(SourceReader.Read(path), options);

    /// <summary>Converts a model that was read.</summary>
    /// <exception cref="EdgeException">It cannot be imported.</exception>
    public static ConversionResult Convert(ISourceModel source, ConversionOptions? options = null)
    {
        options ??= new ConversionOptions();
        EdgeModel imported = source.Import(Shapes(source, options));
        Graph graph = imported.Graph;
        Dictionary<string, int> before = CountOperators(graph);
        LayoutName.NameAround(graph, source.ValueNames.Contains);
        (IReadOnlyList<WeightStep> steps, bool isHalf, long sourceBytes) = (source.WeightSteps, source.HasHalfWeights, source.ByteCount);
        options.Dump?.Invoke("import", graph);
        // Where the caller does not need the source any more, its weights make room for what passes compute.
        if (sourceBytes > LargeSource) GC.Collect();
        ModelMetadata metadata = Describe(imported.Metadata, graph, options);
        IReadOnlyList<PassReport> passes;
        QuantizedModel? quantized = null;
        string? note = null;
        if (options.Quantization is { } quantization)
        {
            quantization.Progress?.Invoke("convert", 0);
            passes = PassPipeline.Run(graph, PassPipeline.BeforeQuantization, options.Dump);
            int integers = IntegerModel.CountProducts(graph);
            if (integers > 0)
            {
                PassPipeline.Run(graph, options.Dump);
                note = $"the model came quantized: {Quantity.Of(integers, "product")} of integers stay exactly as they are, and --quantize {quantization.Mode.NameOf()} does nothing";
            }
            else
            {
                quantized = new Quantizer(graph, metadata, quantization).Run();
                (graph, metadata) = (quantized.Graph, metadata with { Quantization = quantized.Evidence });
                options.Dump?.Invoke("quantize", graph);
            }
        }
        else
        {
            passes = PassPipeline.Run(graph, options.Dump);
        }
        if (SharedConstants.Apply(graph) > 0) options.Dump?.Invoke("share constants", graph);
        int bytes = ByteWeights.Apply(graph, steps);
        if (bytes > 0) options.Dump?.Invoke("weights as 8-bit integers", graph);
        int halves = options.Precision == WeightPrecision.Fp16 || isHalf ? HalfWeights.Apply(graph, exact: options.Precision == WeightPrecision.None) : 0;
        if (halves > 0) options.Dump?.Invoke("weights as f16", graph);
        return new ConversionResult(new EdgeModel(graph, metadata, imported), passes, before, halves, bytes) { Quantized = quantized, Note = note };
    }

    /// <summary>Only the passes, for what was imported already.</summary>
    public static EdgeModel Optimize(EdgeModel model)
    {
        PassPipeline.Run(model.Graph);
        return model;
    }

    /// <summary>Number of nodes by operator.</summary>
    public static Dictionary<string, int> CountOperators(Graph graph) =>
        graph.Nodes.GroupBy(n => n.Operator.Name).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count());

    /// <summary>The shapes to fix: the user's, and for a model of the zoo those that it is used with.</summary>
    private static IReadOnlyDictionary<string, Shape> Shapes(ISourceModel source, ConversionOptions options)
    {
        if ((options.Like ?? ModelZoo.Default.FindBySha256(source.Sha256))?.Shapes is not { } usual) return options.InputShapes;
        Dictionary<string, Shape> shapes = usual.ToDictionary(s => s.Key, s => new Shape(s.Value));
        foreach ((string input, Shape shape) in options.InputShapes) shapes[input] = shape;
        return shapes;
    }

    private static ModelMetadata Describe(ModelMetadata imported, Graph graph, ConversionOptions options)
    {
        ModelMetadata metadata = imported;
        if (options.Like is { } like)
            metadata = LikenessCheck.Take(imported, like, graph);
        else if (ModelZoo.Default.FindBySha256(imported.SourceSha256) is { } known)
            metadata = known.Metadata() with { SourceProperties = imported.SourceProperties };
        return metadata with { Converter = Version, Name = options.Name ?? metadata.Name };
    }
}
