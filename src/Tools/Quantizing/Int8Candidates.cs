using EdgeRuntime.Graphs;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Passes;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>Candidates that compute with 8-bit integers, with the ranges that calibration found.</summary>
internal sealed class Int8Candidates : CandidateSpace
{
    private readonly Graph prepared;
    private readonly IReadOnlyDictionary<Value, ValueRange> ranges;
    private readonly IReadOnlySet<Node> refused;

    /// <summary>Weights do not depend on what else is quantized.</summary>
    private readonly Dictionary<Node, QuantizedWeights> weights = [];

    /// <summary>Prepares.</summary>
    /// <param name="prepared">The graph after <see cref="PassPipeline.BeforeQuantization"/>.</param>
    /// <param name="ranges">A range for each value that the plan without layers in floats quantizes.</param>
    /// <param name="refused">Nodes that have to stay in floats whatever is asked for.</param>
    public Int8Candidates(Graph prepared, IReadOnlyDictionary<Value, ValueRange> ranges, IReadOnlySet<Node> refused)
    {
        (this.prepared, this.ranges, this.refused) = (prepared, ranges, refused);
        Layers = Layer.Of(prepared, new QuantizationPlan(prepared, refused));
    }

    public override Graph Reference => prepared;

    public override IReadOnlyList<Layer> Layers { get; }

    /// <summary>The range of a value, which may have been moved from where it was calibrated.</summary>
    public ValueRange RangeOf(Value value)
    {
        ValueRange range;
        while (!ranges.TryGetValue(value, out range)) value = value.Producer!.Inputs[0]!;
        return range;
    }

    public override string PrecisionOf(Layer layer) => "int8";

    public override string WhyNot(Node product) => refused.Contains(product) ? "its values are not finite" : "integers have no such product";

    public override Graph Build(IReadOnlySet<Layer> inFloats, bool halves)
    {
        QuantizationPlan plan = PlanBeside(inFloats);
        Dictionary<Value, ValueRange> used = plan.Quantized.ToDictionary(v => v, RangeOf);
        Dictionary<Node, QuantizedWeights> products = plan.Integer.Where(n => QuantizableNode.KindOf(n) == NodeKind.Product).ToDictionary(n => n, WeightsOf);
        Graph graph = new PairInserter(plan, used, products).Apply(prepared);
        PassPipeline.Run(graph);
        SharedConstants.Apply(graph);
        HalfWeights.Apply(graph, exact: !halves);
        return graph;
    }

    /// <summary>Values that have ranges where these layers stay in floats, in the order of the graph.</summary>
    public IReadOnlyList<Value> QuantizedBeside(IReadOnlySet<Layer> inFloats) => PlanBeside(inFloats).Quantized;

    private QuantizationPlan PlanBeside(IReadOnlySet<Layer> inFloats) => new(prepared, new HashSet<Node>([.. refused, .. inFloats.SelectMany(l => l.Nodes)]));

    private QuantizedWeights WeightsOf(Node product)
    {
        if (!weights.TryGetValue(product, out QuantizedWeights? known)) weights[product] = known = QuantizedWeights.Of(product, RangeOf(product.Inputs[0]!).Scale);
        return known;
    }
}
