using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Passes;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>Candidates that compute with 8-bit integers, with the ranges that calibration found.</summary>
internal sealed class Int8Candidates : CandidateSpace
{
    private readonly Graph prepared;
    private readonly IReadOnlyDictionary<Value, ValueRange> ranges;
    private readonly IReadOnlySet<Node> refused;
    private readonly IReadOnlyDictionary<Value, ValueStatistics> statistics;

    /// <summary>Below this part of all weights, a layer has few.</summary>
    private const int SmallShare = 50;

    /// <summary>Weights of layers in floats are bytes where these lose no more of their energy.</summary>
    private const double MostNoise = 2e-4;

    private readonly long allWeights;

    /// <summary>Weights do not depend on what else is quantized.</summary>
    private readonly Dictionary<Node, QuantizedWeights> weights = [];

    private readonly Dictionary<Node, QuantizedWeights?> floatWeights = [];

    /// <summary>Layers whose weights alone are in 8 bits, by the name of the node.</summary>
    private readonly Dictionary<string, Layer> weightLayers;

    /// <summary>Prepares.</summary>
    /// <param name="prepared">The graph after <see cref="PassPipeline.BeforeQuantization"/>.</param>
    /// <param name="ranges">A range for each value that the plan without layers in floats quantizes.</param>
    /// <param name="refused">Nodes that have to stay in floats whatever is asked for.</param>
    /// <param name="statistics">What was seen of the inputs of products.</param>
    public Int8Candidates(Graph prepared, IReadOnlyDictionary<Value, ValueRange> ranges, IReadOnlySet<Node> refused, IReadOnlyDictionary<Value, ValueStatistics> statistics)
    {
        (this.prepared, this.ranges, this.refused, this.statistics) = (prepared, ranges, refused, statistics);
        List<Layer> layers = Layer.Of(prepared, new QuantizationPlan(prepared, refused));
        // What integers have no product for computes with floats, and its weights take less room as bytes all the same.
        HashSet<Node> products = [.. layers.Select(l => l.Product)];
        weightLayers = prepared.Nodes.Where(n => n.Operator is RecurrentLayer or Gather && !products.Contains(n) && ChannelWeights.In(prepared, n).Any())
            .GroupBy(n => n.Name).Where(g => g.Count() == 1).ToDictionary(g => g.Key, g => new Layer(g.First()));
        Dictionary<Node, int> order = prepared.Nodes.Select((n, i) => (n, i)).ToDictionary(p => p.n, p => p.i);
        Layers = [.. layers.Concat(weightLayers.Values).OrderBy(l => order[l.Product])];
        allWeights = Layers.Sum(l => l.Weights);
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

    /// <summary>What calibration saw of a value; null where it did not look.</summary>
    public ValueStatistics? SeenOf(Value value) => statistics.GetValueOrDefault(value);

    /// <summary>Of these each weight matters: scores are compared with thresholds near 0, which are small beside most scores.</summary>
    public override bool IsSmallEnd(Layer layer) => !IsOfWeights(layer) && layer.Weights * SmallShare <= allWeights && (layer.Product.Inputs[0]!.Producer is null || !Leads(layer.Product));

    public override string PrecisionOf(Layer layer) => IsOfWeights(layer) ? "f32 with i8 weights" : "int8";

    public override string PrecisionInFloats(Layer layer, bool halves) => halves && KeepsBytes(layer) ? "f32 with i8 weights" : base.PrecisionInFloats(layer, halves);

    public override string WhyNot(Node product) => PowerSpectrum.Of(prepared).Contains(product) ? "a logarithm reads its small values; weights in 8 bits" : refused.Contains(product) ? "its values are not finite" : "integers have no such product";

    public override Graph Build(IReadOnlySet<Layer> inFloats, bool halves)
    {
        QuantizationPlan plan = PlanBeside(inFloats);
        Dictionary<Value, ValueRange> used = plan.Quantized.ToDictionary(v => v, RangeOf);
        Dictionary<Node, QuantizedWeights> products = plan.Integer.Where(n => QuantizableNode.KindOf(n) == NodeKind.Product).ToDictionary(n => n, WeightsOf);
        Graph graph = new PairInserter(plan, used, products).Apply(prepared);
        PassPipeline.Run(graph);
        PowerSpectrum.NarrowWeights(graph);
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (node.Operator is not (RecurrentLayer or Gather) || !weightLayers.TryGetValue(node.Name, out Layer? layer) || inFloats.Contains(layer)) continue;
            foreach (Value weight in ChannelWeights.In(graph, node).ToArray())
            {
                int axis = ChannelWeights.AxisOf(node, weight);
                (Tensor integers, Tensor scales) = ChannelWeights.Of(weight.Constant!, axis);
                graph.Apply(ChannelWeights.Replace(weight, axis, integers, scales));
            }
        }
        if (halves)
            foreach (Layer layer in Layers)
                if (inFloats.Contains(layer) && KeepsBytes(layer) && InBytes(graph, layer.Product) is { } patch) graph.Apply(patch);
        SharedConstants.Apply(graph);
        HalfWeights.Apply(graph, exact: !halves);
        return graph;
    }

    public override Graph? Alone(Layer layer)
    {
        var patch = new GraphPatch();
        return Simulate(patch, layer) is { } value ? GraphCutter.Replacing(prepared, patch.Nodes, layer.Nodes[^1].Outputs[0], value) : null;
    }

    public override Value? Simulate(GraphPatch patch, Layer layer)
    {
        if (IsOfWeights(layer)) return null;
        var rounded = new Dictionary<Value, Value>();
        foreach (Node node in layer.Nodes)
        {
            Value?[] inputs = [.. node.InputArray];
            foreach (int i in QuantizableNode.Activations(node))
                if (inputs[i] is { Constant: null } x) inputs[i] = rounded.TryGetValue(x, out Value? own) ? own : Rounded(patch, x, RangeOf(x));
            if (node == layer.Product) inputs[1] = patch.Constant($"{inputs[1]!.Name}/reals", WeightsOf(node).Reals(QuantizableNode.ChannelAxis(node)));
            Value[] results = patch.Add($"{node.Name}/simulated", node.Operator, inputs);
            for (int o = 0; o < results.Length; o++)
                rounded[node.Outputs[o]] = ranges.TryGetValue(node.Outputs[o], out ValueRange range) ? Rounded(patch, results[o], range) : results[o];
        }
        return rounded[layer.Nodes[^1].Outputs[0]];
    }

    /// <summary>A value as 8 bits and back.</summary>
    private static Value Rounded(GraphPatch patch, Value value, ValueRange range)
    {
        Value scale = patch.Constant("scale", Tensor.Scalar(range.Scale)), zero = patch.Constant("zero", Tensor.Scalar(range.ZeroPoint));
        return patch.Add1($"{value.Name}/rounded", new Dequantize(), patch.Add1($"{value.Name}/integers", new Quantize(), value, scale, zero), scale, zero);
    }

    /// <summary>Values that have ranges where these layers stay in floats, in the order of the graph.</summary>
    public IReadOnlyList<Value> QuantizedBeside(IReadOnlySet<Layer> inFloats) => PlanBeside(inFloats).Quantized;

    /// <summary>True where weights stay bytes although the layer computes with floats: it is the values between layers that need more than 8 bits.</summary>
    private bool KeepsBytes(Layer layer) => !IsOfWeights(layer) && !IsSmallEnd(layer) && BytesOf(layer.Product) is not null;

    /// <summary>The weights of a product in floats as bytes; null where too much of them would be lost, as where some are tiny that large numbers are multiplied by.</summary>
    private QuantizedWeights? BytesOf(Node product)
    {
        if (floatWeights.TryGetValue(product, out QuantizedWeights? known)) return known;
        QuantizedWeights bytes = Weights(product, inFloats: true);
        return floatWeights[product] = bytes.Noise(product, statistics.GetValueOrDefault(product.Inputs[0]!)) <= MostNoise ? bytes : null;
    }

    /// <summary>True where another product reads what comes of a node.</summary>
    private static bool Leads(Node node)
    {
        var seen = new HashSet<Node>();
        var next = new Stack<Node>([node]);
        while (next.TryPop(out Node? from))
        {
            foreach (Node reader in from.Outputs.SelectMany(o => o.Consumers))
            {
                if (QuantizableNode.KindOf(reader) == NodeKind.Product) return true;
                if (seen.Add(reader)) next.Push(reader);
            }
        }
        return false;
    }

    /// <summary>The patch that turns the weights of a product in floats into bytes; null where passes changed them.</summary>
    private GraphPatch? InBytes(Graph graph, Node product)
    {
        Tensor weight = product.Inputs[1]!.Constant!;
        if (graph.Nodes.FirstOrDefault(n => n.Operator is Conv { Result.IsNone: true } or MatMul { Result.IsNone: true } or ConvTranspose && n.Inputs[1]!.Constant == weight) is not { } node) return null;
        QuantizedWeights quantized = BytesOf(product)!;
        var patch = new GraphPatch();
        Value?[] inputs = [.. node.InputArray];
        inputs[1] = quantized.AddWeight(patch, product);
        if (quantized.Bias is { } bias)
        {
            var reals = new Tensor(new TensorType(DataType.F32, bias.Length));
            for (int i = 0; i < bias.Length; i++) reals.Span<float>()[i] = (float)((double)bias[i] * quantized.InputScale * quantized.Scales[i]);
            if (inputs.Length <= Conv.Bias) Array.Resize(ref inputs, Conv.Bias + 1);
            inputs[Conv.Bias] = patch.Constant($"{node.Name}/bias", reals);
        }
        Value y = node.Outputs[0];
        return patch.Replace(y, patch.AddNamed(node, y.Name, node.Operator, inputs));
    }

    private bool IsOfWeights(Layer layer) => layer.Product.Operator is RecurrentLayer or Gather;

    private QuantizationPlan PlanBeside(IReadOnlySet<Layer> inFloats) => new(prepared, new HashSet<Node>([.. refused, .. inFloats.SelectMany(l => l.Nodes)]));

    private QuantizedWeights WeightsOf(Node product)
    {
        if (!weights.TryGetValue(product, out QuantizedWeights? known)) weights[product] = known = Weights(product);
        return known;
    }

    private QuantizedWeights Weights(Node product, bool inFloats = false) => QuantizedWeights.Of(product, RangeOf(product.Inputs[0]!).Scale, statistics.GetValueOrDefault(product.Inputs[0]!), inFloats);
}
