using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Passes;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>Turns a prepared float graph into one that computes with 8-bit integers: ranges from samples, weights by channel, then pairs that the passes make integers of.</summary>
internal sealed class Quantizer
{
    private readonly Graph prepared;
    private readonly QuantizationOptions options;

    /// <summary>Prepares.</summary>
    /// <param name="prepared">The graph after <see cref="PassPipeline.BeforeQuantization"/>; it is not changed.</param>
    /// <param name="metadata">What the model says of itself.</param>
    /// <param name="options">How to quantize.</param>
    public Quantizer(Graph prepared, ModelMetadata metadata, QuantizationOptions options)
    {
        this.prepared = prepared;
        this.options = options;
        Graph reference = GraphCutter.Copy(prepared, out _);
        PassPipeline.Run(reference);
        Float = new EdgeModel(reference, metadata);
    }

    /// <summary>The float model, with all passes.</summary>
    public EdgeModel Float { get; }

    /// <summary>Calibrates and quantizes.</summary>
    public (Graph Graph, QuantizationEvidence Evidence) Run()
    {
        using SampleSet samples = options.Calibration(Float);
        var plan = new QuantizationPlan(prepared, new HashSet<Node>());
        IReadOnlyDictionary<Value, ValueStatistics> statistics = Calibration.Run(prepared, plan.Quantized, samples, (done, all) => options.Progress?.Invoke("calibrate", (double)done / all));
        Dictionary<Value, ValueRange> ranges = RangeChoice.Choose(plan, statistics, Float.Metadata);
        Graph graph = Build(plan, ranges);
        var evidence = new QuantizationEvidence
        {
            Mode = "int8",
            Tool = Converter.Version,
            Calibration = samples.Description,
            CalibrationSamples = samples.Count,
            Ranges = [.. plan.Quantized.Select(v => new RangeEvidence { Name = v.Name, Low = ranges[v].Low, High = ranges[v].High, Method = ranges[v].Method })],
        };
        return (graph, evidence);
    }

    /// <summary>The graph in integers, as planned, after all passes.</summary>
    private Graph Build(QuantizationPlan plan, IReadOnlyDictionary<Value, ValueRange> ranges)
    {
        var weights = new Dictionary<Node, QuantizedWeights>();
        foreach (Node node in plan.Integer)
            if (QuantizableNode.KindOf(node) == NodeKind.Product) weights[node] = QuantizedWeights.Of(node, InputScale(node.Inputs[0]!, ranges));
        Graph graph = new PairInserter(plan, ranges, weights).Apply(prepared);
        PassPipeline.Run(graph);
        return graph;
    }

    /// <summary>The scale of a value, which may have been moved from where it was quantized.</summary>
    private static float InputScale(Value value, IReadOnlyDictionary<Value, ValueRange> ranges)
    {
        while (!ranges.ContainsKey(value)) value = value.Producer!.Inputs[0]!;
        return ranges[value].Scale;
    }
}
