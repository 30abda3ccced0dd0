using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Passes;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// Candidates whose weights alone are in few bits. Those of 8 bits are dequantized constants, which become floats when the model is loaded, but for matrices that a kernel multiplies by as they are; matrices of
/// 4 bits are always multiplied by as they are.
/// </summary>
internal sealed class WeightCandidates : CandidateSpace
{
    /// <summary>Of fewer inputs a block of 4-bit weights would be mostly filling.</summary>
    private const int FewestInputs = BlockWeights.Block;

    private readonly QuantizationMode mode;
    private readonly Dictionary<Layer, List<Value>> weights = [];
    private readonly Dictionary<Value, (Tensor Integers, Tensor Scales)> quantized = [];

    /// <summary>Finds the weights.</summary>
    /// <param name="graph">The graph with all passes; it is not changed.</param>
    /// <param name="mode">A mode of weights.</param>
    public WeightCandidates(Graph graph, QuantizationMode mode)
    {
        this.mode = mode;
        Reference = graph;
        var layers = new List<Layer>();
        var claimed = new HashSet<Value>();
        foreach (Node node in graph.Nodes)
        {
            // A weight that several nodes read goes with the first of them.
            List<Value> own = [.. ChannelWeights.In(graph, node).Where(claimed.Add)];
            if (own.Count == 0) continue;
            layers.Add(new Layer(node));
            weights[layers[^1]] = own;
        }
        Layers = layers;
    }

    public override Graph Reference { get; }

    public override IReadOnlyList<Layer> Layers { get; }

    public override string PrecisionOf(Layer layer) => Is4Bit(layer) ? "f32 with 4-bit weights" : "f32 with i8 weights";

    public override string WhyNot(Node product) => "small or computed weights";

    public override Graph Build(IReadOnlySet<Layer> inFloats, bool halves)
    {
        Graph copy = GraphCutter.Copy(Reference, out Dictionary<Value, Value> map);
        foreach (Layer layer in Layers)
        {
            if (inFloats.Contains(layer)) continue;
            Node node = map[layer.Product.Outputs[0]].Producer!;
            if (Is4Bit(layer))
            {
                copy.Apply(InBlocks(node, layer));
                continue;
            }
            foreach (Value weight in weights[layer]) copy.Apply(In8Bits(map[weight], weight, layer.Product));
        }
        PassPipeline.Run(copy, [new GraphPass("products of bytes", ByteProducts.Visit)]);
        SharedConstants.Apply(copy);
        HalfWeights.Apply(copy, exact: !halves);
        return copy;
    }

    /// <summary>Weights are all that is rounded here: what a layer adds shows in its result.</summary>
    public override Value? Simulate(GraphPatch patch, Layer layer) => null;

    private bool Is4Bit(Layer layer)
    {
        if (mode != QuantizationMode.Int4Weights || layer.Product.Operator is not MatMul { TransposeA: false, Scale: 1 } product) return false;
        Value weight = weights[layer][0];
        if (weight.Type.Shape.Rank != 2 || weight.Consumers.Count != 1 || layer.Product.Inputs[0]!.Type.Shape.IsUnranked) return false;
        int n = weight.Type.Shape[product.TransposeB ? 0 : 1], k = weight.Type.Shape[product.TransposeB ? 1 : 0];
        return k >= FewestInputs && (layer.Product.Input(MatMul.Bias) is not { } bias || bias.Type == new TensorType(DataType.F32, n));
    }

    private GraphPatch InBlocks(Node node, Layer layer)
    {
        var product = (MatMul)node.Operator;
        Value weight = weights[layer][0];
        Shape shape = weight.Type.Shape;
        int n = shape[product.TransposeB ? 0 : 1], k = shape[product.TransposeB ? 1 : 0];
        if (!quantized.TryGetValue(weight, out (Tensor Integers, Tensor Scales) known)) quantized[weight] = known = BlockWeights.Of(weight.Constant!, product.TransposeB);
        var patch = new GraphPatch();
        Value integers = patch.Constant(weight.Name, known.Integers), scales = patch.Constant($"{weight.Name}/scales", known.Scales);
        Value?[] inputs = node.Input(MatMul.Bias) is { } bias ? [node.Inputs[0], integers, scales, null, bias] : [node.Inputs[0], integers, scales];
        Value y = node.Outputs[0];
        var blocks = new MatMulBlocks { K = k, N = n, Bits = 4, Block = BlockWeights.Block };
        if (product.Activation is not { IsNone: false } activation) return patch.Replace(y, patch.AddNamed(node, y.Name, blocks, inputs));
        // Such a product has no function of its own.
        var function = new Unary { Function = activation.Function, Alpha = activation.Alpha, Beta = activation.Beta };
        return patch.Replace(y, patch.AddNamed(node, y.Name, function, patch.Add1($"{node.Name}/blocks", blocks, inputs)));
    }

    private GraphPatch In8Bits(Value weight, Value original, Node node)
    {
        int axis = ChannelWeights.AxisOf(node, original);
        if (!quantized.TryGetValue(original, out (Tensor Integers, Tensor Scales) known)) quantized[original] = known = ChannelWeights.Of(original.Constant!, axis);
        return ChannelWeights.Replace(weight, axis, known.Integers, known.Scales);
    }
}
